"""What the sandbox's Slack serves on loopback: the Web API, response URLs, uploads and Socket Mode.

A `SlackServer` answers for one workspace. A `Listener` is the HTTP server, for one workspace or several
(`enterprise_grid`).
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.malformed_requests import parsed, refuse_unreadable
from bot.sandbox.slack.interaction import ResponseUrls
from bot.sandbox.slack.rate_limits import TooFast
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.web_api import methods
from bot.sandbox.slack.web_api_call import RESPONSE_URL, WebApiCall, WebApiRefusal

MAX_BODY_BYTES = 2 * 1024 * 1024


class Listener:
    """The HTTP server. Requests that a browser sends for a website are refused: only the bot talks to Slack here."""

    def __init__(self, routes: Iterable[web.RouteDef]) -> None:
        self._routes = routes
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen and return the base URL. Port 0 picks a free port. Raises ValueError for a host off loopback."""
        if not _is_loopback(host):
            raise ValueError(f"The sandbox listens on loopback alone, not on {host}: try 127.0.0.1")
        application = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[refuse_unreadable, _no_website])
        application.add_routes(self._routes)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        url_host = f"[{host}]" if ":" in host else host
        return f"http://{url_host}:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Stop listening and close what is open."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None


class SlackServer:
    """The HTTP endpoints of one workspace."""

    def __init__(self, state: SlackState, urls: ResponseUrls, socket: SocketMode) -> None:
        self._state = state
        self._urls = urls
        self._socket = socket
        self._listener = Listener(
            [
                web.route("*", "/api/{method}", self._serve_api),
                web.post("/response/{name}", self.serve_response_url),
                web.post("/upload/{file}", self.serve_upload),
                web.get("/socket", self._serve_socket),
            ]
        )

    async def start(self, host: str, port: int) -> None:
        """Listen, and set `base_url` of the state.

        Port 0 picks a free port. Raises ValueError for a host off loopback.
        """
        self._state.base_url = await self._listener.start(host, port)

    async def stop(self) -> None:
        """Stop listening and close what is open."""
        await self._listener.stop()

    async def _serve_api(self, request: web.Request) -> web.Response:
        return await self.answer(request, *await read_call(request))

    async def answer(self, request: web.Request, token: str, sent: Mapping[str, Any]) -> web.Response:
        """Answer a call of the method in the address, with its token and arguments."""
        method, at, begun = request.match_info["method"], self._state.clock(), time.perf_counter()
        faults = self._state.faults
        if faults.delay_seconds and method in (faults.slow or {method}):
            await asyncio.sleep(faults.delay_seconds)
        is_post = method == "chat.postMessage"
        headers = self._headers(token)
        if self._state.faults.down:
            status, answer = 503, {"ok": False, "error": "service_unavailable"}
        elif is_post and self._state.cuts("before"):
            self._state.record(WebApiCall(method, sent, None, {}, at, time.perf_counter() - begun, token))
            return _cut(request)
        else:
            try:
                status, answer = 200, methods.answer(self._state, method, token, sent)
            except TooFast as refusal:
                status, answer = 429, {"ok": False, "error": "ratelimited"}
                headers["Retry-After"] = str(refusal.retry_after)
        is_cut = is_post and answer["ok"] and self._state.cuts("after")
        self._state.record(
            WebApiCall(method, sent, None if is_cut else status, answer, at, time.perf_counter() - begun, token)
        )
        if is_cut:
            return _cut(request)
        return web.json_response(self._state.altered(method, answer), status=status, headers=headers)

    def _headers(self, token: str) -> dict[str, str]:
        """Return the headers of every response: `Date`, and the token's scopes in `x-oauth-scopes`."""
        headers = {"Date": formatdate(time.time() + self._state.faults.clock_ahead_seconds, usegmt=True)}
        if token == self._state.tokens.bot:
            headers["x-oauth-scopes"] = ",".join(sorted(self._state.scopes))
        return headers

    async def serve_response_url(self, request: web.Request) -> web.Response:
        """Serve a POST to a response URL."""
        at, begun = self._state.clock(), time.perf_counter()
        sent: Any = {}
        status: int = 200
        answer: Mapping[str, Any] = {"ok": True}
        if self._state.faults.down:
            status, answer = 503, {"ok": False, "error": "service_unavailable"}
        else:
            try:
                sent = _payload(await request.read())
                self._urls.use(request.match_info["name"], sent if isinstance(sent, Mapping) else {})
            except WebApiRefusal as refusal:
                status, answer = 404 if refusal.code.endswith("_url") else 400, refusal.to_dict()
        call = WebApiCall(RESPONSE_URL, sent, status, answer, at, time.perf_counter() - begun)
        self._state.changes.publish("call", call)
        return web.Response(text="ok") if answer["ok"] else web.json_response(answer, status=status)

    async def serve_upload(self, request: web.Request) -> web.Response:
        """Receive the bytes of a file for which `files.getUploadURLExternal` gave this address."""
        file = self._state.files.get(request.match_info["file"])
        content = b"".join([part async for part in request.content.iter_any()])  # of any size, unlike a call
        if file is None or len(content) != file.size:
            return web.Response(status=400, text="not what was announced")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._state.tickets:
            return web.Response(status=403)
        self._state.tickets.discard(ticket)
        return await self._socket.serve(request)


@web.middleware
async def _no_website(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests of a browser, since a website that someone has open could post to loopback."""
    if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
        return web.Response(status=403, text="not for browsers")
    return await handler(request)


async def read_call(request: web.Request) -> tuple[str, dict[str, Any]]:
    """Return the token and the arguments of a call."""
    sent = await _arguments(request, request.match_info["method"])
    in_body = str(sent.pop("token", ""))
    return request.headers.get("Authorization", "").removeprefix("Bearer ") or in_body, sent


async def _arguments(request: web.Request, method: str) -> dict[str, Any]:
    """Return the arguments of a call, from its address and its body.

    The body is a form or, for methods that write, JSON.
    """
    sent: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        row = methods.METHODS.get(method)
        if row and row.reads:
            return sent
        body = parsed(await request.read())
        return sent | (body if isinstance(body, dict) else {})
    try:
        return sent | dict(await request.post())
    except (ValueError, LookupError):  # not a form after all, or in an unknown encoding
        return sent


def _payload(body: bytes) -> Any:
    sent = parsed(body)
    if sent is None:
        raise WebApiRefusal("invalid_payload")
    return sent


def _cut(request: web.Request) -> web.Response:
    """Break the connection. The returned response reaches no one."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
