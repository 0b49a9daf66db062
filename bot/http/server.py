"""Serve a web application on a port until the process stops. `bot.wiring.process` handles signals."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.core.errors import UsageError
from bot.core.language import _
from bot.http.connection_eviction import OpenConnections
from bot.http.connection_limits import LimitedConnection, ServerConfig

MAX_SHUTDOWN_SECONDS = 3
"""Seconds that running requests have to end at shutdown."""

MAX_ACCEPTED_AT_A_TIME = 32
"""Connections: few beside `LimitedConnection.most`, so that one is read before as many newer ones can push it out."""

MAX_QUEUED = 1024
"""Connections that the system keeps until they are accepted. Linux cuts it to `net.core.somaxconn`."""


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to `bot.wiring.process`, which stops every part in order."""

    def __init__(self, app: Starlette, connection_type: type[LimitedConnection] = LimitedConnection) -> None:
        config = ServerConfig(
            app,
            http=connection_type,
            ws="none",
            backlog=MAX_ACCEPTED_AT_A_TIME,
            log_config=None,
            lifespan="off",
            # Nothing here depends on where a request comes from, so what it says of that is not read.
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=MAX_SHUTDOWN_SECONDS,
        )
        self.open_connections = config.open_connections = OpenConnections(connection_type.max_open)
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. asyncio uses the length of the backlog as the number to accept at a time, too."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(MAX_QUEUED)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield


def listen(name: str, host: str, port: int, host_name: str = "LISTEN_HOST") -> socket.socket:
    """Return a listening socket. Raises a UsageError that names the setting if that fails."""
    try:
        return socket.create_server((host, port), reuse_port=False, backlog=MAX_QUEUED)
    except OSError as error:
        if (error.errno or 0) < 0:  # of looking up a name (socket.EAI_NONAME and others), which has no words of its own
            sentence = _(
                "{name}: `{host}` isn't an address of this machine. Use 0.0.0.0 for all its addresses, or "
                "127.0.0.1 to be reachable from this machine only.",
                name=host_name,
                host=host,
            )
            raise UsageError(sentence) from error
        raise UsageError(
            _(
                "{name}: Can't listen on {host}:{port} ({reason}). Choose another address or port.",
                name=name,
                host=host,
                port=port,
                reason=os.strerror(error.errno or 0),
            )
        ) from error


def inherited(number: int) -> socket.socket:
    """Return the listening socket with the file descriptor `number`, inherited from the parent process.

    Raises UsageError if it isn't one.
    """
    wrong = UsageError(_("--fd: {number} isn't an open, listening socket.", number=number))
    try:
        listening = socket.socket(fileno=number)
        if listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return listening
    except OSError as error:
        raise wrong from error
    raise wrong


@asynccontextmanager
async def served(
    app: Starlette, listening: socket.socket, connection_type: type[LimitedConnection] = LimitedConnection
) -> AsyncIterator[None]:
    """Serve `app` while the context lasts."""
    server = Server(app, connection_type)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
