"""The console's calls as they are sent: below the base alone, once, and no more than a megabyte (M5)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.clust import console_call
from bot.clust.client import ClustClient
from bot.clust.console_call import MAX_BODY_BYTES, MAX_REDIRECTS
from bot.clust.session import process_http
from bot.core.errors import ClustOutcomeUnknown, ClustUnreachable, UsageError
from bot.core.forms.console_request import METHODS, ConsoleMistakes, judge, request_text
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust

TOKEN = "very-secret-token"
URL = "https://clust.invalid/api"

HTTP = process_http()
"""Makes addresses as the client's does, and sends nothing."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Served:
    """A server on loopback: what it received, and where it is."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.requests: list[web.Request] = []


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[Served]:
    """Serve a handler on a free port of loopback. Its base ends in `/api`."""
    server = Served("")

    async def answer(request: web.Request) -> web.StreamResponse:
        server.requests.append(request)
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
        yield server
    finally:
        await runner.cleanup()


PIECES = st.sampled_from(
    [
        *("/", "//", "\\", ".", "..", "...", "%", "%2e", "%2F", "%5c", "%252e", "%25252f", "%00", "%0d%0a", "%c0%af"),
        *("\uff0e", "\uff0f", "\u2025", "\u2215", "@", ":", "http:", "https://evil.example", "evil.example", "#", "?"),
        *("dossiers", "12", "a=b", "&", ";", " ", "\t", "\r\n", "\x00", "[", "]", "*", "+"),
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(), st.sampled_from(METHODS))
def test_no_accepted_path_leaves_the_base(path: str, method: str) -> None:
    """M5: whatever was accepted, the address that httpx makes of it has our host and lies below our base."""
    try:
        call = judge(method, path)
    except ConsoleMistakes:
        return
    request = console_call.prepare(HTTP, URL, TOKEN, call.method, call.path, call.query, call.headers, call.body)
    assert (request.url.scheme, request.url.host, request.url.port) == ("https", "clust.invalid", None)
    assert request.url.path == f"/api{call.path}"
    assert request.url.raw_path.decode() == f"/api{request_text(call).split()[1]}"
    assert not {"..", ".", ""} & set(request.url.path.strip("/").split("/"))
    assert request.headers["host"] == "clust.invalid"
    assert request.headers.get_list("authorization") == [f"Bearer {TOKEN}"]


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/x",
        "http://clust.invalid/api/x",
        "/../x",
        "/a/../../x",
        "/%2e%2e/x",
        "https://clust.invalid:444/api/x",
    ],
)
async def test_an_unchecked_path_is_not_sent(path: str) -> None:
    """Should a path come here unjudged, nothing is sent to another address."""
    async with ClustClient(URL, TOKEN) as client:
        with pytest.raises(UsageError):
            await client.call("GET", path)


@pytest.mark.parametrize("method", METHODS)
async def test_a_call_arrives_as_it_was_judged(method: str) -> None:
    """Method, path, query, headers and body arrive. Authorization is ours alone."""
    body = '{"a": "\u00e9"}' if method != "GET" else ""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"got": await request.text()}, status=418, headers={"X-Said": "1"})

    call = judge(method, "/dossiers?a=b", "c=d e&phone=+33", "X-A: 1\nX-A: 2", body)
    async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
        headers = (*call.headers, ("Authorization", "Bearer stolen"))
        result = await client.call(call.method, call.path, call.query, headers, call.body)
    (request,) = server.requests
    assert (request.method, request.path) == (method, "/api/dossiers")
    assert list(request.query.items()) == [("a", "b"), ("c", "d e"), ("phone", "+33")]
    assert request.headers.getall("X-A") == ["1", "2"]
    assert request.headers.getall("Authorization") == [f"Bearer {TOKEN}"]
    assert (result.method, result.path, result.status, result.truncated) == (method, "/dossiers", 418, False)
    assert result.content_type.startswith("application/json")
    assert body.replace('"', '\\"').replace("\u00e9", "\\u00e9").encode() in result.body
    assert result.headers["x-said"] == "1"
    assert result.seconds >= 0


async def test_a_redirect_to_another_host_is_the_answer() -> None:
    """Neither another host nor another place of this one is asked, and the 3xx is shown."""

    async def other(_: web.Request) -> web.Response:
        return web.Response()

    async with served(other) as elsewhere:
        places = [elsewhere.base, "//evil.example/api/x", "/login", "/api/../login", "https://127.0.0.1/api/x"]

        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": places[int(request.query["to"])]})

        async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
            for number in range(len(places)):
                result = await client.call("GET", "/dossiers", [("to", str(number))])
                assert result.status == 302
                assert len(server.requests) == number + 1
        assert elsewhere.requests == []


async def test_a_get_follows_a_few_redirects_below_the_base() -> None:
    """A GET goes on three times. Then the 3xx is the answer."""

    async def answer(request: web.Request) -> web.Response:
        left = int(request.path.rpartition("/")[2])
        return web.Response(status=302, headers={"Location": f"/api/{left - 1}"}) if left else web.Response(text="end")

    async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
        followed = await client.call("GET", f"/{MAX_REDIRECTS}")
        assert (followed.status, followed.body, followed.path) == (200, b"end", f"/{MAX_REDIRECTS}")
        assert (await client.call("GET", f"/{MAX_REDIRECTS + 1}")).status == 302


@pytest.mark.parametrize("method", METHODS[1:])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_write_follows_no_redirect(method: str, status: int) -> None:
    """What writes is sent once: its redirect is the answer."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "/api/dossiers"})

    async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
        assert (await client.call(method, "/dossiers", body="{}")).status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize(("size", "truncated"), [(MAX_BODY_BYTES, False), (MAX_BODY_BYTES + 1, True), (None, True)])
async def test_no_more_than_a_megabyte_is_read(size: int | None, *, truncated: bool) -> None:
    """Reading stops after 1 MB, also where the answer never ends, and says so."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if size is not None:
            return web.Response(body=b"x" * size)
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    async with served(answer) as server, ClustClient(server.base, TOKEN) as client, asyncio.timeout(60):
        result = await client.call("GET", "/uploads")
    assert (len(result.body), result.truncated) == (MAX_BODY_BYTES, truncated)


@pytest.mark.parametrize("status", [200, 204, 304, 401, 404, 422, 429, 500, 503])
async def test_every_status_is_an_answer(status: int) -> None:
    """No status is an error here, and nothing is repeated. A 429 slows the poll down all the same."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "7"})

    async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
        for method in METHODS:
            assert (await client.call(method, "/dossiers")).status == status
        assert (client.rate_limiter.note() is not None) is (status == 429)
    assert len(server.requests) == len(METHODS)


@pytest.mark.parametrize("method", METHODS)
async def test_a_cut_connection_is_reported_and_nothing_is_repeated(method: str) -> None:
    """A write that may have been carried out says so. A GET could not be read, and the server counts one request."""
    account = SandboxClust(token=TOKEN, clock=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC))
    account.faults.disconnect = True
    async with serve_clust(account) as base, ClustClient(base, TOKEN) as client:
        with pytest.raises(ClustUnreachable if method == "GET" else ClustOutcomeUnknown) as error:
            await client.call(method, "/dossiers/1")
    assert len(account.requests) == 1
    assert TOKEN not in str(error.value)


async def test_a_refused_connection_was_never_sent() -> None:
    """Where no one listens, even a write is known not to have happened."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response()

    async with served(answer) as server:
        pass
    async with ClustClient(server.base, TOKEN) as client:
        with pytest.raises(ClustUnreachable):
            await client.call("POST", "/dossiers")


async def test_no_cookie_is_kept() -> None:
    """The token says who we are: a cookie that the server sets is not sent back."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(headers={"Set-Cookie": "session=1; Path=/"})

    async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
        await client.call("GET", "/dossiers")
        await client.call("GET", "/dossiers")
    assert ["Cookie" in request.headers for request in server.requests] == [False, False]


async def test_a_repeated_token_is_not_shown() -> None:
    """An answer that repeats what was sent shows no one the token, in its body or its headers."""

    async def answer(request: web.Request) -> web.Response:
        sent = request.headers["Authorization"]
        return web.Response(text=f"You sent {sent}.", headers={"X-Sent": sent})

    async with served(answer) as server, ClustClient(server.base, TOKEN) as client:
        result = await client.call("GET", "/dossiers")
    assert (result.body, result.headers["x-sent"]) == (b"You sent Bearer [token].", "Bearer [token]")
    assert TOKEN not in repr(result)
