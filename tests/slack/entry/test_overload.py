"""Connections that strangers hold open never keep a signed request from an answer, and have limits of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http import server as serving
from bot.http.body_limits import MAX_BODY, MAX_LARGE_BODIES, MAX_SMALL_BODY
from bot.http.connection_limits import LimitedConnection, vouch
from bot.http.probes import Operator
from bot.http.server import Server, listen
from tests.slack.entry.signed import BODY, headers, make_web
from tests.sockets import HEAD, Connection, answered, opened, rest

EXTRA = 5
"""Connections beyond the limit."""
POST = b"POST /slack/events HTTP/1.1\r\nHost: bot.invalid\r\n"
KINDS = {
    "silent": b"",
    "half a head": POST,
    "no body": POST + b"Content-Length: 100\r\n\r\n",
    "one byte of a body": POST + b"Content-Length: 100\r\n\r\nx",
    "half a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n64\r\nx",
    "chunks without an end": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
    "a small body": POST + b"Content-Length: 60001\r\n\r\n" + b"x" * 60_000,
    "asked to go on": POST + b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
    "signed in part": POST + b"X-Slack-Signature: v0=00\r\nContent-Length: 100\r\n\r\nx",
    "the body of a probe": HEAD + b"Content-Length: 100\r\n\r\nx",
    "half of a second request": HEAD + b"\r\n" + POST,
    "install": b"GET /slack/install HTTP/1.1\r\nHost: bot.invalid\r\nContent-Length: 9\r\n\r\n",
}
"""What connections may say and then hold."""

pytestmark = pytest.mark.usefixtures("_many_files")


class PatientConnection(LimitedConnection):
    """A connection that no busy machine is too slow for: what is closed was closed for its age among the others."""

    silence_seconds = patience_seconds = 100.0


class FewConnections(PatientConnection):
    """One of a fifth as many as the bot allows: besieging it takes a fifth of the time."""

    max_open = PatientConnection.max_open // 5


@asynccontextmanager
async def overloaded(
    web: Starlette | None = None, connection_type: type[LimitedConnection] = FewConnections
) -> AsyncIterator[tuple[int, Server]]:
    """Serve signed requests, and yield the port and the server."""
    listening = listen("PORT", "127.0.0.1", 0)
    server = Server(web or make_web(max_body_seconds=100.0), connection_type)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(100):
            yield listening.getsockname()[1], server
    finally:
        server.should_exit = True
        await running


def signed(body: bytes = BODY) -> bytes:
    """Return a complete request as Slack sends it."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers(body).items())
    return POST + f"{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def status(reader: asyncio.StreamReader) -> bytes:
    """Return the status of the next response."""
    return (await reader.readuntil(b"\r\n\r\n")).split()[1]


async def answered_connection(port: int) -> Connection:
    """Open a connection and wait for a response, so that every earlier connection was accepted."""
    reader, writer = await opened(port, b"GET / HTTP/1.1\r\nHost: bot.invalid\r\n\r\n")
    await status(reader)
    return reader, writer


@pytest.mark.parametrize(
    ("kind", "connection_type"),
    [*((kind, FewConnections) for kind in KINDS), ("no body", PatientConnection)],
)
async def test_unfinished_requests_do_not_block_slack(
    connections: list[Connection], kind: str, connection_type: type[LimitedConnection]
) -> None:
    """B1: with more unfinished requests than may be open, Slack is answered and the oldest connections are closed."""
    max_open = connection_type.max_open
    async with overloaded(connection_type=connection_type) as (port, server):
        connections.extend([await opened(port, KINDS[kind]) for _ in range(max_open + EXTRA)])
        for _ in range(3):
            reader, writer = await opened(port, signed())
            connections.append((reader, writer))
            assert await status(reader) == b"200"
        assert len(server.open_connections) == max_open
        gone = len(connections) - max_open
        await asyncio.gather(*(rest(reader) for reader, _ in connections[:gone]))
        assert not any(reader.at_eof() for reader, _ in connections[gone:])


async def test_a_connection_of_slacks_that_stays_open_is_not_the_oldest(connections: list[Connection]) -> None:
    """B1: age counts from the last request, so a connection in use outlives idle ones."""
    async with overloaded() as (port, _):
        connections.append(await opened(port))
        reader, writer = connections[0]
        for number in range(2 * FewConnections.max_open):
            if number % 20 == 0:
                body = BODY + f"&number={number}".encode()
                writer.write(signed(body))
                assert await status(reader) == b"200"
                await reader.readuntil(b"words")
            connections.append(await opened(port, KINDS["one byte of a body"]))


async def test_large_unfinished_bodies_make_way(connections: list[Connection]) -> None:
    """B4: with 32 unfinished bodies of 1 MB, signed requests are answered and the oldest bodies are dropped."""
    held = POST + b"Content-Length: %d\r\n\r\n" % MAX_BODY + b"x" * (MAX_BODY - 1)
    async with overloaded() as (port, _):
        connections.extend([await opened(port, held) for _ in range(MAX_LARGE_BODIES // MAX_BODY + 1)])
        # The 33rd was read up to its end once the first has made way for it.
        assert await status(connections[0][0]) == b"503"
        for body in (
            BODY,
            BODY + b"&padding=" + b"x" * MAX_SMALL_BODY,
            (BODY + b"&padding=").ljust(MAX_BODY, b"x"),
        ):
            connections.append(await opened(port, signed(body)))
            assert await status(connections[-1][0]) == b"200"
        assert await status(connections[1][0]) == b"503"
        assert not any(reader.at_eof() for reader, _ in connections[3:33])


async def test_large_bodies_displace_no_small_ones(connections: list[Connection]) -> None:
    """B4: large bodies that use up their memory limit displace no small one."""
    small = POST + b"Content-Length: 60001\r\n\r\n" + b"x" * 60_000
    large = POST + b"Content-Length: %d\r\n\r\n" % MAX_BODY + b"x" * (MAX_BODY - 1)
    async with overloaded(connection_type=PatientConnection) as (port, _):
        connections.extend([await opened(port, small) for _ in range(100)])
        connections.extend([await opened(port, large) for _ in range(40)])
        for reader, _ in connections[100:108]:
            assert await status(reader) == b"503"
        connections.extend([await opened(port, small) for _ in range(100)])
        for reader, writer in (*connections[:100], *connections[140:]):
            writer.write(b"x")
            assert await status(reader) == b"401"


async def test_verified_requests_are_never_cut_off(connections: list[Connection]) -> None:
    """B1: a verified request is answered, however many connections are opened at the same time."""
    working, done = asyncio.Event(), asyncio.Event()

    async def work(request: Request) -> Response:
        vouch(request.scope)
        working.set()
        await done.wait()
        return PlainTextResponse("done")

    async with overloaded(Starlette(routes=[Route("/work", work)])) as (port, server):
        connections.append(await opened(port, b"GET /work HTTP/1.1\r\nHost: bot.invalid\r\n\r\n"))
        reader, writer = connections[0]
        await working.wait()
        connections.extend(
            [await opened(port, KINDS["one byte of a body"]) for _ in range(2 * FewConnections.max_open)]
        )
        connections.append(await answered_connection(port))
        done.set()
        assert await status(reader) == b"200"
        await reader.readuntil(b"done")
        assert len(server.open_connections) == FewConnections.max_open
        # Answered, it is as old as its answer: the others go first, and then it does too.
        connections.extend([await opened(port) for _ in range(FewConnections.max_open - 1)])
        writer.write(b"GET /work HTTP/1.1\r\nHost: bot.invalid\r\n\r\n")
        assert await status(reader) == b"200"
        connections.extend([await opened(port) for _ in range(FewConnections.max_open)])
        assert await rest(reader) == b"done"


async def test_connections_in_the_backlog_are_not_lost(connections: list[Connection]) -> None:
    """B1: while the process is busy, the backlog holds more connections than an attack opens, and none is lost."""
    async with overloaded(connection_type=PatientConnection) as (port, _):
        connections.append(await answered_connection(port))
        # Nothing is accepted in between: this doesn't yield to the server.
        waiting = [
            socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(PatientConnection.max_open + EXTRA)
        ]
        last = socket.create_connection(("127.0.0.1", port), timeout=60)
        last.sendall(signed())
        last.settimeout(0)
        reader, writer = await asyncio.open_connection(sock=last)
        assert await status(reader) == b"200"
        writer.close()
        for one in waiting:
            one.close()


async def test_new_connections_do_not_displace_a_request_being_read(connections: list[Connection]) -> None:
    """B1: connections are accepted slowly enough that a request is read before newer ones could displace it."""
    assert serving.MAX_ACCEPTED_AT_A_TIME * 8 < LimitedConnection.max_open < serving.MAX_QUEUED
    async with overloaded(connection_type=PatientConnection) as (port, _):
        connections.append(await answered_connection(port))
        first = socket.create_connection(("127.0.0.1", port), timeout=60)
        first.sendall(signed())
        waiting = [
            socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(2 * LimitedConnection.max_open)
        ]
        first.settimeout(0)
        reader, writer = await asyncio.open_connection(sock=first)
        assert await status(reader) == b"200"
        writer.close()
        for one in waiting:
            one.close()


async def test_an_answer_that_nobody_reads_ends_a_connection(connections: list[Connection]) -> None:
    """B1: a client that sends requests and never reads responses is disconnected."""
    ended = asyncio.Event()

    class Brisk(LimitedConnection):
        patience_seconds = 0.2

        def cut(self) -> None:
            super().cut()
            ended.set()

    async def large(_request: Request) -> Response:
        return PlainTextResponse("x" * 10_000_000)

    async with overloaded(Starlette(routes=[Route("/", large)]), Brisk) as (port, server):
        connections.append(await opened(port, b"GET / HTTP/1.1\r\nHost: bot.invalid\r\n\r\n" * 2))
        await ended.wait()
        assert len(server.open_connections) == 0


async def test_the_metrics_port_has_a_connection_limit_of_its_own(connections: list[Connection]) -> None:
    """B1: METRICS_PORT has a small limit of its own, and its newest connection is answered."""
    assert LimitedConnection.max_open + Operator.max_open + 2 * serving.MAX_ACCEPTED_AT_A_TIME < 1024 - 256
    async with overloaded(connection_type=Operator) as (port, server):
        connections.extend([await opened(port, KINDS["one byte of a body"]) for _ in range(Operator.max_open + EXTRA)])
        connections.append(await opened(port))
        assert await answered(connections[-1]) == b"HTTP/1.1 200 OK"
        assert len(server.open_connections) == Operator.max_open


async def test_unfinished_bodies_do_not_delay_shutdown(
    connections: list[Connection], caplog: pytest.LogCaptureFixture
) -> None:
    """B1: unfinished bodies are closed at shutdown, without a delay or a log line."""
    async with overloaded() as (port, _):
        connections.extend([await opened(port, KINDS["one byte of a body"]) for _ in range(20)])
        connections.append(await answered_connection(port))
    await asyncio.gather(*(rest(reader) for reader, _ in connections))
    assert "graceful shutdown exceeded" not in caplog.text
    assert "Traceback" not in caplog.text
