"""A proxy on loopback between the bot and Slack or Clust, that does to a request what a bad network does.

Each fault happens to the next requests that a test names, or to any by chance. Whether the request reached the server
is the difference that matters to the bot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import aiohttp
from aiohttp import web

HOP_BY_HOP = frozenset({"connection", "content-encoding", "content-length", "host", "transfer-encoding"})
HTML = b"<!DOCTYPE html><html><body>Please log in to the network</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request.

    It is forwarded where it `arrives`, after `seconds`. Then its answer is cut off (`keeps` part of it), or replaced by
    an answer with `status`, or by a web page.
    """

    name: str
    arrives: bool = True
    seconds: float = 0.0
    keeps: float | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    page: bool = False


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("slow", seconds=0.3),
        Fault("cut before", arrives=False, keeps=0),
        Fault("cut after", keeps=0),
        Fault("half an answer", keeps=0.5),
        Fault("a web page instead", arrives=False, page=True),
        Fault("a web page for an answer", page=True),
        Fault("429", arrives=False, status=429, headers={"Retry-After": "1"}),
        Fault("429 for a long time", arrives=False, status=429, headers={"Retry-After": "30"}),
        Fault("429 without a time", arrives=False, status=429),
        Fault("500", arrives=False, status=500),
        Fault("500 after all", status=500),
        Fault("502", arrives=False, status=502),
        Fault("503", arrives=False, status=503, headers={"Retry-After": "1"}),
        Fault("504 after all", status=504),
    )
}


@dataclass
class Proxy:
    """Stands before the server at `upstream`, at `url`. `happened` are the faults that came to pass, by name."""

    upstream: str
    session: aiohttp.ClientSession
    random: Random
    url: str = ""
    chance: float = 0.0
    happened: list[str] = field(default_factory=list)
    _next: deque[tuple[Fault, str]] = field(default_factory=deque)
    _under_way: int = 0
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)

    def next(self, name: str, times: int = 1, *, path: str = "") -> None:
        """Let a fault happen to the next requests whose path holds `path`."""
        self._next.extend([(FAULTS[name], path)] * times)

    def _fault(self, path: str) -> Fault | None:
        if self._next and self._next[0][1] in path:
            return self._next.popleft()[0]
        return self.random.choice(list(FAULTS.values())) if self.random.random() < self.chance else None

    async def quiet(self) -> None:
        """Wait until no request is under way, not even one whose client has given up."""
        while self._under_way:
            self._quiet.clear()
            await self._quiet.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Forward a request, or let a fault happen to it."""
        self._under_way += 1
        try:
            return await self._answer(request)
        finally:
            self._under_way -= 1
            self._quiet.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body, fault = await request.read(), self._fault(request.path)
        if fault is None:
            return await self._forward(request, body)
        self.happened.append(fault.name)
        await asyncio.sleep(fault.seconds)
        answer = await self._forward(request, body) if fault.arrives else web.Response(body=HTML)
        if fault.keeps is not None:
            self._cut(request, answer, fault.keeps)
        elif fault.page:
            return web.Response(body=HTML, content_type="text/html")
        elif fault.status is not None:
            return web.Response(status=fault.status, headers=fault.headers, body=HTML, content_type="text/html")
        return answer

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        url = f"{self.upstream}{request.path_qs}"
        async with self.session.request(request.method, url, data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    def _cut(self, request: web.Request, answer: web.Response, part: float) -> None:
        """Cut the connection, after a part of the answer."""
        transport, body = request.transport, answer.body if isinstance(answer.body, bytes) else b""
        if not isinstance(transport, asyncio.Transport):
            return
        if part:
            headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            head = f"HTTP/1.1 {answer.status} .\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
            transport.write(head.encode() + body[: int(len(body) * part)])
            transport.close()
        else:
            transport.abort()


@asynccontextmanager
async def proxy(upstream: str, *, seed: int = 1) -> AsyncIterator[Proxy]:
    """Stand before `upstream` (scheme, host and port)."""
    async with aiohttp.ClientSession(auto_decompress=True) as session:
        between = Proxy(upstream.rstrip("/"), session, Random(seed))
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", between.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            between.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield between
        finally:
            await runner.cleanup()


@asynccontextmanager
async def no_tls() -> AsyncIterator[str]:
    """Serve what is no TLS where TLS is expected, and yield its https address."""

    def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
