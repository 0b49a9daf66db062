"""The Clust API on httpx: one HTTP client for the process, with pages, retries and time limits.

`protocol` says what responses mean for reading, `application_fields` for forms, and `console_call` for the console.
Only a GET is ever repeated.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, partial
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx

from bot.clust import application_fields, bounded_decoding, console_call, protocol
from bot.clust.application_fields import SearchedApplication, UpdateMethod
from bot.clust.bounded_decoding import unpacked
from bot.clust.connection_errors import NEVER_SENT, sentence_and_way
from bot.clust.console_call import Pairs, RawAnswer
from bot.clust.json_rows import ReadRow, RowT
from bot.clust.protocol import ApiRequest, Page
from bot.clust.rate_limiter import Priority, RateLimiter
from bot.core.applications.model import Application, Template
from bot.core.errors import ClustBroken, ClustBusy, ClustNotFound, ClustOutcomeUnknown, ClustUnreachable, Way
from bot.core.language import _

Value = TypeVar("Value")
Decipher = Callable[[int, httpx.Headers, bytes], Value]
Called = Callable[[str, str, int | None, float], None]
"""Called after each request with its method, path, status (None without an answer) and seconds."""

Worked = Callable[[], Awaitable[object]]
"""Called when a person's call has succeeded, which ends a pause of the poll (rule R3)."""

MAX_IN_FLIGHT = 8
"""Requests at a time. More would only wait in httpx's pool, as measured."""

MAX_POLL_IN_FLIGHT = 6
"""Requests of polls at a time, so that some are left for people (rule R3)."""

MAX_CONNECTIONS = 256
"""Connections of one process to all hosts. Further requests wait, within their time limit."""

MAX_KEPT_CONNECTIONS = 16
"""Idle connections of one process that stay open: as many as polls run at once. Each request looks at all (httpx)."""

TIMEOUT_SECONDS = 30.0
"""Seconds for one page or one single read, retries included (rule R6)."""

MAX_ATTEMPTS = 4
"""Requests for one GET, including the first."""

RETRY_PAUSE_SECONDS = 1.0
"""Before the second request, shortened by chance. It doubles with each further request."""

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Bytes, unpacked: a list two hundred times as long as usual still fits, and is read within a second."""


MAX_TEMPLATES = 2_000
"""Templates that are read for a select. Others can only be found in Clust."""


@cache
def _trusted() -> ssl.SSLContext:
    """Return the trusted certificates, loaded once: that takes 60 ms, too long while someone waits for a form."""
    return httpx.create_ssl_context(trust_env=False)


def process_http(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return an HTTP client for all accounts of a process. Each request has its own Authorization."""
    return httpx.AsyncClient(
        headers={"Accept": "application/json", "Accept-Encoding": bounded_decoding.ASKED_FOR},
        timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=5.0),
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_KEPT_CONNECTIONS),
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # the token says who we are, nothing else
        transport=transport,
        verify=_trusted(),
        trust_env=False,
    )


class ClustClient:
    """One Clust account. Every method raises the ClustError that the response means."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        http: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        rate_limiter: RateLimiter | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        called: Called = lambda *_: None,
        is_discreet: bool = False,
        worked: Worked | None = None,
    ) -> None:
        """Create a client. It connects at the first call.

        `http` is the client of the process (`process_http`). Without it, this one creates its own on `transport`.
        `is_discreet`: errors don't say why a connection failed, so that nobody can scan our network with it.
        `called` is called after each request, `worked` after each successful call for a person.
        """
        self._called, self._worked, self._is_discreet = called, worked, is_discreet
        self.rate_limiter = rate_limiter or RateLimiter()
        self._sleep = sleep
        self._token, self._base_url = token, base_url.rstrip("/")
        self._authorization = {"Authorization": f"Bearer {token}"}
        self._places = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._poll_places = asyncio.Semaphore(MAX_POLL_IN_FLIGHT)
        self._http, self._is_own_http = http or process_http(transport), http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless they belong to the process."""
        if self._is_own_http:
            await self._http.aclose()

    async def page(self, number: int, per_page: int = protocol.PER_PAGE) -> Page[Application]:
        """Return page `number` of the applications, from 1, for a person (GET /dossiers)."""
        page = await self._get(protocol.list_dossiers(number, per_page), protocol.decipher_page, Priority.PERSON)
        return replace(page, number=number)

    async def polled_page(self, number: int, read_row: ReadRow[RowT], link: str = "") -> Page[RowT]:
        """Return a page of the applications for a poll, with rows parsed by `read_row` (GET /dossiers).

        With a `link` from the page before, that one. Otherwise by `number`, from 1.
        """
        decipher = partial(protocol.decipher_list, read_row=read_row)
        page = await self._get(protocol.list_dossiers(number, link=link), decipher, Priority.POLL)
        return replace(page, number=number)

    async def check(self) -> float:
        """Check with one small request that the account can be read. Returns the seconds until the response."""
        began = time.monotonic()
        await self._get(protocol.list_dossiers(1, 1), protocol.decipher_page, Priority.PERSON, attempts=1)
        return time.monotonic() - began

    async def application(
        self, application_id: str, *, attempts: int = MAX_ATTEMPTS, priority: Priority = Priority.PERSON
    ) -> Application:
        """Return one application, after at most `attempts` requests (GET /dossiers/{id})."""
        request = protocol.get_dossier(_segment(application_id))
        return await self._get(request, protocol.decipher_application, priority, attempts)

    async def raw_application(self, application_id: str) -> dict[str, Any]:
        """Return one application as raw JSON, for `application_fields.values_of` (GET /dossiers/{id})."""
        request = protocol.get_dossier(_segment(application_id))
        _, raw = await self._get(request, application_fields.decipher_raw, Priority.PERSON)
        return raw

    async def create(self, values: Mapping[str, Any]) -> tuple[Application, dict[str, Any]]:
        """Create an application from our forms' fields. Returns it, parsed and raw (POST /dossiers)."""
        return await self._write(application_fields.create(values), application_fields.decipher_raw)

    async def update(self, application_id: str, values: Mapping[str, Any], method: UpdateMethod = "PUT") -> None:
        """Update these fields. None empties one. The caller reads the application back (rule M3)."""
        request = application_fields.update(_segment(application_id), values, method)
        await self._write(request, application_fields.decipher_done)

    async def delete(self, application_id: str) -> None:
        """Delete an application. Any success counts (DELETE /dossiers/{id})."""
        await self._write(application_fields.delete(_segment(application_id)), application_fields.decipher_done)

    async def templates(self) -> tuple[Template, ...]:
        """Return the account's templates, live ones first, otherwise in Clust's order (GET /templates)."""
        by_id: dict[str | None, Template] = {}
        more, number, link = True, 0, ""
        while more and len(by_id) < MAX_TEMPLATES:
            number += 1
            request = application_fields.list_templates(number, protocol.PER_PAGE, link)
            page = await self._get(request, application_fields.decipher_templates, Priority.PERSON)
            fresh = {row.id: row for row in page.rows if row.id not in by_id}
            by_id |= fresh
            # Where nothing is told of other pages they are asked for, until one brings nothing new.
            paging, link = page.paging, page.paging.next_link
            is_all = paging.is_last or (paging.total is not None and len(by_id) >= paging.total)
            more = bool(fresh) and (paging.has_next or not is_all)
        return tuple(sorted(by_id.values(), key=lambda each: each.is_live is False))

    async def create_template(self, title: str) -> Template:
        """Create a template (POST /templates)."""
        return await self._write(application_fields.create_template(title), application_fields.decipher_template)

    async def search(
        self, *, external_id: str | None = None, email: str | None = None, title: str | None = None
    ) -> tuple[Application, ...]:
        """Return the applications that match exactly: by external ID, else by email address and title (for *Check*)."""
        wanted = SearchedApplication(external_id, email, title)
        for term in wanted.terms:
            request = application_fields.search(term, protocol.PER_PAGE)
            page = await self._get(request, protocol.decipher_page, Priority.PERSON)
            if matching := application_fields.exactly(page.rows, wanted):
                return matching
        return ()

    async def call(
        self, method: str, path: str, query: Pairs = (), headers: Pairs = (), body: str | None = None
    ) -> RawAnswer:
        """Send one call of the console, once. Every status is a response."""
        began = self.rate_limiter.now
        with self._understood(method):
            request = console_call.prepare(self._http, self._base_url, self._token, method, path, query, headers, body)
            async with self._places, asyncio.timeout(TIMEOUT_SECONDS):
                with self._measured(method, path) as call:
                    answer = await console_call.exchange(self._http, self._base_url, self._token, request, path)
                    call.status = answer.status
        self.rate_limiter.record_limit(protocol.rate_limit(answer.headers))
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.rate_limiter.record_429(protocol.retry_after(answer.headers))
        if answer.status < HTTPStatus.BAD_REQUEST:
            self.rate_limiter.record_success(began)
            await self._person_succeeded()
        return answer

    async def _write(self, request: ApiRequest, decipher: Decipher[Value]) -> Value:
        """Send a request that changes something, exactly once.

        Raises ClustOutcomeUnknown if it may have been carried out: no response, a server error, an unreadable success.
        A redirect means that it was not.
        """
        with self._understood(request.method):
            async with asyncio.timeout(TIMEOUT_SECONDS):
                value = await self._send(request, decipher)
        await self._person_succeeded()
        return value

    async def _person_succeeded(self) -> None:
        """Report that the account responds, which ends a pause in every process (rule R3)."""
        if self._worked:
            await self._worked()

    async def _get(
        self, request: ApiRequest, decipher: Decipher[Value], priority: Priority, attempts: int = MAX_ATTEMPTS
    ) -> Value:
        """Send a GET up to `attempts` times: again after 429, 502, 503, 504 and broken connections.

        All attempts together take at most TIMEOUT_SECONDS, from when the poll has passed the rate limiter and got a
        connection.

        We don't use stamina for retries: its `timeout` only decides whether to try again and cancels no attempt, so
        we'd still need a limit over all attempts. It also sleeps by itself, where our tests pass in the sleep.
        """
        await self.rate_limiter.acquire(priority)
        async with self._poll_places if priority is Priority.POLL else nullcontext():
            value = await self._patiently(request, decipher, priority, attempts)
        if priority is Priority.PERSON:
            await self._person_succeeded()
        return value

    async def _patiently(
        self, request: ApiRequest, decipher: Decipher[Value], priority: Priority, attempts: int
    ) -> Value:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                for attempt in range(1, attempts + 1):
                    try:
                        return await self._send(request, decipher)
                    except (ClustBusy, ClustUnreachable, _Passing) as error:
                        if attempt == attempts:
                            raise
                        asked = error.retry_after if isinstance(error, ClustBusy) else None
                        jittered = random.random() * RETRY_PAUSE_SECONDS * 2 ** (attempt - 1)
                        if asked is not None and asked > TIMEOUT_SECONDS:
                            raise
                        await self._sleep(jittered if asked is None else asked + jittered / 10)
                        self.rate_limiter.count(priority)
        except TimeoutError as error:
            why = (
                ""
                if self._is_discreet
                else _("It didn't respond within {seconds:.0f} seconds.", seconds=TIMEOUT_SECONDS)
            )
            raise ClustUnreachable(why) from error
        raise ClustUnreachable  # `attempts` was 0

    async def _send(self, request: ApiRequest, decipher: Decipher[Value]) -> Value:
        async with self._places:
            began = self.rate_limiter.now
            with self._understood(request.method):
                status, headers, body = await self._exchange(request)
        self.rate_limiter.record_limit(protocol.rate_limit(headers))
        try:
            value = decipher(status, headers, body)
        except ClustBusy as error:
            self.rate_limiter.record_429(error.retry_after)
            raise
        except ClustBroken as error:
            if request.method != "GET" and not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
                raise ClustOutcomeUnknown(error.detail) from error
            if status in protocol.SAFE_TO_REPEAT:
                raise _Passing(error.detail, way=error.way) from error
            raise
        self.rate_limiter.record_success(began)
        return value

    async def _exchange(self, request: ApiRequest) -> tuple[int, httpx.Headers, bytes]:
        """Send a request and read its response, up to the size limit."""
        # As one text: of an address in three parts httpx parses each.
        url = f"{self._base_url}{request.path}" + (f"?{urlencode(request.query)}" if request.query else "")
        stream = self._http.stream(request.method, url, headers=self._authorization, json=request.body)
        with self._measured(request.method, request.path) as call:
            async with stream as response:
                call.status = response.status_code
                body = await unpacked(response, MAX_ANSWER_BYTES)
                if len(body) > MAX_ANSWER_BYTES:
                    kind = ClustBroken if request.method == "GET" else ClustOutcomeUnknown
                    raise kind(_("The response is too large."), way=Way.SIZE)
        # Should the answer repeat the token, nobody reads it: what Clust said is shown and logged.
        return response.status_code, response.headers, bytes(body).replace(self._token.encode(), b"[token]")

    @contextmanager
    def _understood(self, method: str) -> Iterator[None]:
        """Raise connection errors as the ClustError that they mean for this HTTP method."""
        try:
            yield
        except (TimeoutError, httpx.HTTPError) as error:
            harmless = method == "GET" or isinstance(error, NEVER_SENT)
            words, way = ("", Way.DOWN) if self._is_discreet else sentence_and_way(error)
            raise (ClustUnreachable if harmless else ClustOutcomeUnknown)(words, way=way) from error
        except httpx.InvalidURL as error:
            raise ClustBroken(_("The address isn't valid. Check CLUST_API_URL."), way=Way.ADDRESS) from error

    @contextmanager
    def _measured(self, method: str, path: str) -> Iterator[_Call]:
        """Call `called` after a request, however it ends."""
        call, began = _Call(), time.monotonic()
        try:
            yield call
        finally:
            self._called(method, path, call.status, time.monotonic() - began)


@dataclass(slots=True)
class _Call:
    """A request in progress. `status` is None until a response begins."""

    status: int | None = None


def _segment(application_id: str) -> str:
    """Return an ID as one segment of a path. Raises ClustNotFound if it would change the path."""
    if not application_id.strip("."):
        raise ClustNotFound(_("That isn't an application number."))
    return quote(application_id, safe="")


class _Passing(ClustBroken):
    """A failure that may not happen again."""
