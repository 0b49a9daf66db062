"""Access to an account in memory: an httpx transport without a network, and a server on loopback."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from aiohttp import web

from bot.sandbox.clust.stand_in import ClustFaults, SandboxClust, StandInAnswer, StandInRequest
from bot.sandbox.malformed_requests import refuse_unreadable

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Hosts on which an account can be served."""

DELAY_STEP_SECONDS = 0.05
"""Seconds between two checks whether a delayed answer is still to be delayed: setting a field notifies no one."""


@dataclass(frozen=True, slots=True)
class Served:
    """One request and its answer (None if the connection was cut). `seconds` is the duration."""

    request: StandInRequest
    answer: StandInAnswer | None
    seconds: float


async def _delay(faults: ClustFaults) -> None:
    """Wait for `faults.delay_seconds`, or less if that is lowered during the wait."""
    now = asyncio.get_running_loop().time  # the loop's own, which tests let run fast
    begun = now()
    while (left := begun + faults.delay_seconds - now()) > 0:  # noqa: ASYNC110  see DELAY_STEP_SECONDS
        await asyncio.sleep(min(left, DELAY_STEP_SECONDS))


def _relative(path: str) -> str:
    """Return the path below the API's base, as in /api/dossiers or /api/v2/dossiers."""
    return re.sub(r"^/api(/v2)?(?=/|$)", "", path)


class SandboxClustTransport(httpx.AsyncBaseTransport):
    """Carries the requests of an httpx client to an account, without a network. Any host will do.

    Raises what httpx raises: ConnectError, RemoteProtocolError, and ReadTimeout if `faults.delay_seconds` exceeds the
    client's timeout.
    """

    def __init__(self, account: SandboxClust) -> None:
        self.account = account

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request of httpx. Raises what the class says."""
        faults = self.account.faults
        if faults.unreachable:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        body = await request.aread()
        answer = self.account.respond(
            request.method, _relative(request.url.path), dict(request.url.params), request.headers, body
        )
        read_timeout: float | None = request.extensions.get("timeout", {}).get("read")
        if read_timeout is not None and faults.delay_seconds > read_timeout:
            await asyncio.sleep(read_timeout)
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        await _delay(faults)
        if faults.cuts(request.method):
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        stream = httpx.ByteStream(answer.body)
        return httpx.Response(answer.status, headers=answer.headers, stream=stream, request=request)


@asynccontextmanager
async def serve_clust(
    account: SandboxClust, host: str = "127.0.0.1", port: int = 0, on_served: Callable[[Served], None] | None = None
) -> AsyncIterator[str]:
    """Serve an account on loopback and yield its base URL, which ends in `/api`. Port 0 picks a free port.

    `on_served` is called with each request. Raises ValueError for a host off loopback: the account is unprotected.
    """
    if host not in LOOPBACK:
        raise ValueError(f"The sandbox's Clust is served on loopback alone, not on {host!r}: use 127.0.0.1.")

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        begun, path = time.perf_counter(), _relative(request.path)
        served = StandInAnswer(503, {}, b"")
        if not account.faults.unreachable:
            served = account.respond(request.method, path, request.query, request.headers, body)
            await _delay(account.faults)
        is_cut = account.faults.unreachable or account.faults.cuts(request.method)
        if is_cut and request.transport:
            request.transport.abort()
        if on_served:
            stand_in_request = StandInRequest(request.method, path, dict(request.query), body)
            on_served(Served(stand_in_request, None if is_cut else served, time.perf_counter() - begun))
        return web.Response(status=served.status, headers=served.headers, body=served.body)

    app = web.Application(client_max_size=2**24, middlewares=[refuse_unreadable])
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        address, bound = runner.addresses[0][:2]
        account.base_url = f"http://{f'[{address}]' if ':' in address else address}:{bound}/api"
        yield account.base_url
    finally:
        await runner.cleanup()
