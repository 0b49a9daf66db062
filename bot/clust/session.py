"""One Clust account on httpx: its requests, with retries and time limits, and the errors that responses mean.

Only a GET is ever repeated. The HTTP client is one for the process.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlencode

import httpx

from bot.clust import bounded_decoding, console_call, protocol
from bot.clust.bounded_decoding import unpacked
from bot.clust.connection_errors import NEVER_SENT, sentence_and_way
from bot.clust.console_call import NamedValues, RawAnswer
from bot.clust.dialect_translation import DialectTranslation
from bot.clust.protocol import ApiRequest
from bot.clust.rate_limiter import Priority, RateLimiter
from bot.clust.retry_after import retry_after
from bot.core.clust_api.dialect import ApiDialect
from bot.core.errors import ClustBroken, ClustBusy, ClustOutcomeUnknown, ClustUnreachable, Way
from bot.core.language import _

Value = TypeVar("Value")
Decipher = Callable[[int, httpx.Headers, bytes], Value]
RequestObserver = Callable[[str, str, int | None, float], None]
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


class ClustSession:
    """The requests of one Clust account. Every method raises the ClustError that the response means."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        http: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        rate_limiter: RateLimiter | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        called: RequestObserver = lambda *_: None,
        is_discreet: bool = False,
        worked: Worked | None = None,
        dialect: ApiDialect | None = None,
    ) -> None:
        """Create a session. It connects at the first call.

        `http` is the client of the process (`process_http`). Without it, this one creates its own on `transport`.
        `is_discreet`: errors don't say why a connection failed, so that no one can scan our network with it. `called`
        is called after each request, `worked` after each successful call for a person. `dialect` has the names that
        Clust uses where they aren't those of the bot. The console's calls are sent as they are.
        """
        self._called, self._worked, self._is_discreet = called, worked, is_discreet
        self.rate_limiter = rate_limiter or RateLimiter()
        self._sleep = sleep
        self._token, self._base_url = token, base_url.rstrip("/")
        self._translation = DialectTranslation(dialect or ApiDialect())
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

    async def call(
        self, method: str, path: str, query: NamedValues = (), headers: NamedValues = (), body: str | None = None
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
            self.rate_limiter.record_429(retry_after(answer.headers))
        if answer.status < HTTPStatus.BAD_REQUEST:
            self.rate_limiter.record_success(began)
            await self._person_succeeded()
        return answer

    async def observe(self, request: ApiRequest) -> RawAnswer:
        """Send a GET once, for the doctor. Every status is a response, in the bot's names."""
        sent = self._translation.request(request)
        answer = await self.call(sent.method, sent.path, [(name, str(value)) for name, value in sent.query.items()])
        return replace(answer, body=self._translation.response(request, answer.body))

    async def write(self, request: ApiRequest, decipher: Decipher[Value]) -> Value:
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

    async def get(
        self, request: ApiRequest, decipher: Decipher[Value], priority: Priority, attempts: int = MAX_ATTEMPTS
    ) -> Value:
        """Send a GET up to `attempts` times: again after 429, 502, 503, 504 and broken connections.

        All attempts together take at most TIMEOUT_SECONDS, from when the poll has passed the rate limiter and got a
        connection.

        The loop is ours, and not a library's, for the reasons in docs/architecture.md (Why some parts are our own).
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
                        retry_after = error.retry_after if isinstance(error, ClustBusy) else None
                        jittered = random.random() * RETRY_PAUSE_SECONDS * 2 ** (attempt - 1)
                        if retry_after is not None and retry_after > TIMEOUT_SECONDS:
                            raise
                        await self._sleep(jittered if retry_after is None else retry_after + jittered / 10)
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
        sent = self._translation.request(request)
        # As one text: of an address in three parts httpx parses each.
        url = f"{self._base_url}{sent.path}" + (f"?{urlencode(sent.query)}" if sent.query else "")
        stream = self._http.stream(sent.method, url, headers=self._authorization, json=sent.body)
        with self._measured(request.method, request.path) as call:
            async with stream as response:
                call.status = response.status_code
                body = await unpacked(response, MAX_ANSWER_BYTES)
                if len(body) > MAX_ANSWER_BYTES:
                    kind = ClustBroken if request.method == "GET" else ClustOutcomeUnknown
                    raise kind(_("The response is too large."), way=Way.SIZE)
        # If the answer repeats the token, no one reads it: what Clust said is shown and logged.
        masked = bytes(body).replace(self._token.encode(), b"[token]")
        return response.status_code, response.headers, self._translation.response(request, masked)

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
    def _measured(self, method: str, path: str) -> Iterator[_RunningRequest]:
        """Call `called` after a request, however it ends."""
        call, began = _RunningRequest(), time.monotonic()
        try:
            yield call
        finally:
            self._called(method, path, call.status, time.monotonic() - began)


@dataclass(slots=True)
class _RunningRequest:
    """A request in progress. `status` is None until a response begins."""

    status: int | None = None


class _Passing(ClustBroken):
    """A failure that the next attempt may not have."""
