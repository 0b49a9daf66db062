"""The Clust API on httpx: one client for the process, pages, retries, time limits. What answers mean: `protocol`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import httpx

from bot.clust import protocol
from bot.clust.budget import Budget, Priority
from bot.clust.protocol import Page, Request
from bot.core.errors import ClustBroken, ClustBusy, ClustUnreachable
from bot.core.model import Application

Value = TypeVar("Value")
Decipher = Callable[[int, httpx.Headers, bytes], Value]

IN_FLIGHT = 8
"""Requests at once (measured: more only wait in httpx's pool)."""

OF_THE_POLL = 6
"""Of those, so that people always find a place (rule R3)."""

PATIENCE = 30.0
"""Seconds for one page or one single read, retries included (rule R6)."""

ATTEMPTS = 4
"""Of a GET."""

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes, unpacked: a list a thousand times as long as usual still fits."""


class ClustClient:
    """One Clust account. Every method raises the ClustError that the answer means."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        budget: Budget | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.budget = budget or Budget()
        self._sleep = sleep
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._poll_places = asyncio.Semaphore(OF_THE_POLL)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=httpx.Timeout(PATIENCE, connect=5.0),
            limits=httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT),
            follow_redirects=False,
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def page(
        self, number: int, per_page: int = protocol.PER_PAGE, *, priority: Priority = Priority.PERSON
    ) -> Page:
        """Return page `number` of the applications, from 1 (GET /dossiers)."""
        return await self._get(protocol.list_dossiers(number, per_page), protocol.decipher_page, priority)

    async def application(
        self, application_id: str, *, attempts: int = ATTEMPTS, priority: Priority = Priority.PERSON
    ) -> Application:
        """Return one application (GET /dossiers/{id}), after at most `attempts`."""
        request = protocol.get_dossier(quote(application_id, safe=""))
        return await self._get(request, protocol.decipher_application, priority, attempts)

    async def _get(
        self, request: Request, decipher: Decipher[Value], priority: Priority, attempts: int = ATTEMPTS
    ) -> Value:
        """Send a GET, again where that is safe: after 429, 502, 503, 504 and broken connections, within the patience.

        Own lines and not a library's: `Retry-After`, the patience over all attempts and the budget meet here.
        """
        await self.budget.turn(priority)
        try:
            async with asyncio.timeout(PATIENCE):
                for attempt in range(1, attempts + 1):
                    try:
                        return await self._send(request, decipher, priority)
                    except (ClustBusy, ClustUnreachable, _Passing) as error:
                        if attempt == attempts:
                            raise
                        asked = error.retry_after if isinstance(error, ClustBusy) else None
                        jittered = random.random() * 0.5 * 2**attempt
                        if asked is not None and asked > PATIENCE:
                            raise
                        await self._sleep(jittered if asked is None else asked + jittered / 10)
                        self.budget.count(priority)
        except TimeoutError as error:
            raise ClustUnreachable(f"It did not answer within {PATIENCE:.0f} seconds.") from error
        raise ClustUnreachable  # `attempts` was 0

    async def _send(self, request: Request, decipher: Decipher[Value], priority: Priority) -> Value:
        async with AsyncExitStack() as places:
            if priority is Priority.POLL:
                await places.enter_async_context(self._poll_places)
            await places.enter_async_context(self._places)
            try:
                status, headers, body = await self._exchange(request)
            except httpx.TimeoutException as error:
                raise ClustUnreachable("It did not answer in time.") from error
            except httpx.HTTPError as error:
                raise ClustUnreachable(f"The connection failed ({type(error).__name__}).") from error
            except httpx.InvalidURL as error:
                raise ClustBroken("The address makes no sense: check CLUST_API_URL.") from error
        self.budget.heard(protocol.rate_limit(headers))
        try:
            return decipher(status, headers, body)
        except ClustBusy as error:
            self.budget.throttled(error.retry_after)
            raise
        except ClustBroken as error:
            if status in protocol.SAFE_TO_REPEAT:
                raise _Passing(error.detail) from error
            raise

    async def _exchange(self, request: Request) -> tuple[int, httpx.Headers, bytes]:
        """Send one request and read its answer, but no more of it than is allowed."""
        stream = self._http.stream(request.method, request.path, params=dict(request.query))
        async with stream as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise ClustBroken("Its answer is too large.")
            return response.status_code, response.headers, bytes(body)


class _Passing(ClustBroken):
    __doc__ = ClustBroken.__doc__
