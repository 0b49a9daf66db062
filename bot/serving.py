"""A web application on a port, until it is told to stop; signals are left to `bot.cli`."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.core.errors import UsageError

LAST_REQUESTS = 3
"""Seconds that requests get at shutdown."""


class Server(uvicorn.Server):
    """Leaves signals to `bot.cli`, which stops every part in order."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=LAST_REQUESTS))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change nothing."""
        yield


def listen(name: str, host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises UsageError, which names the setting `name`, where that can't be done."""
    try:
        return socket.create_server((host, port), reuse_port=False, backlog=2048)
    except OSError as error:
        raise UsageError(
            f"{name}: {host}:{port} can't be listened on ({os.strerror(error.errno or 0)}); choose another."
        ) from error


@asynccontextmanager
async def served(app: Starlette, listening: socket.socket) -> AsyncIterator[None]:
    """Serve `app` while the context lasts."""
    server = Server(app)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
