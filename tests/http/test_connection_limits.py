"""Connections that say nothing, or say it slowly, hold no one up (issue 7, Hostile input)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.core.errors import UsageError
from bot.http.connection_limits import LimitedConnection
from bot.http.server import listen, served
from bot.wiring.serving import create_web
from tests.sockets import HEAD, Connection, answered, opened, rest


class Impatient(LimitedConnection):
    """Waits for a fifth of a second."""

    silence_seconds = 0.2


class Crowded(LimitedConnection):
    """Allows three open connections."""

    max_open = 3


@asynccontextmanager
async def serving(connection_type: type[LimitedConnection]) -> AsyncIterator[int]:
    """Serve what says that it lives, and yield the port."""
    listening = listen("PORT", "127.0.0.1", 0)
    async with asyncio.timeout(60), served(create_web(None, None, lambda: 0), listening, connection_type):
        yield listening.getsockname()[1]


@pytest.mark.parametrize("sent", [b"", b"G", HEAD])
async def test_silence_ends_a_connection(connections: list[Connection], sent: bytes) -> None:
    """A connection on which no request begins, or only half of its head comes, is ended by the server."""
    async with serving(Impatient) as port:
        connections.append(await opened(port, sent))
        assert await rest(connections[0][0]) == b""


async def test_silence_after_an_answer_ends_a_connection(connections: list[Connection]) -> None:
    """Between two requests it may be silent no longer than before the first, even where letters trickle in."""
    async with serving(Impatient) as port:
        connections.append(await opened(port))
        assert await answered(connections[0]) == b"HTTP/1.1 200 OK"
        connections[0][1].write(b"GET /heal")
        assert await rest(connections[0][0]) == b""


async def test_a_body_that_nobody_reads_ends_a_connection(connections: list[Connection]) -> None:
    """Where the answer is given before the body has come, the rest of it may not come forever."""
    async with serving(Impatient) as port:
        connections.append(await opened(port, HEAD + b"Content-Length: 1000000\r\n\r\nx"))
        assert (await rest(connections[0][0])).endswith(b"ok")


async def test_a_head_that_never_ends_is_refused(connections: list[Connection]) -> None:
    """Headers beyond any sense get 400, and are kept no further."""
    async with serving(LimitedConnection) as port:
        connections.append(await opened(port, HEAD + b"X: " + b"x" * 100_000))
        assert (await rest(connections[0][0])).startswith(b"HTTP/1.1 400 ")


async def test_who_is_silent_longest_makes_room(connections: list[Connection]) -> None:
    """Beyond the limit the connection that has been silent longest is cut: not the newest, and none that asked."""
    async with serving(Crowded) as port:
        for _ in range(3):
            connections.append(await opened(port))
            assert await answered(connections[-1]) == b"HTTP/1.1 200 OK"
        assert await answered(connections[0]) == b"HTTP/1.1 200 OK"
        connections.append(await opened(port))
        assert await rest(connections[1][0]) == b""
        for still_there in (0, 2, 3):
            assert await answered(connections[still_there]) == b"HTTP/1.1 200 OK"


@pytest.mark.usefixtures("_many_files")
async def test_a_thousand_silent_connections_hold_nobody_up(connections: list[Connection]) -> None:
    """With a thousand silent connections, requests are answered, and no more than the limit stay open."""
    async with serving(LimitedConnection) as port:
        connections.extend([await opened(port) for _ in range(1000)])
        async with httpx.AsyncClient() as client:
            for _ in range(20):
                assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
        cut = [asyncio.create_task(rest(reader)) for reader, _ in connections[: 1000 - LimitedConnection.max_open]]
        await asyncio.gather(*cut)
        assert await answered(connections[-1]) == b"HTTP/1.1 200 OK"


def test_a_host_that_is_none_is_named() -> None:
    """A wrong host is not blamed on the port."""
    with pytest.raises(UsageError, match="METRICS_HOST: `not-a-host` isn't an address of this machine"):
        listen("METRICS_PORT", "not-a-host", 0, "METRICS_HOST")
