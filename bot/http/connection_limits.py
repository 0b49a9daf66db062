"""How long a client may stay connected: time limits for silent, slow and unanswered connections.

uvicorn waits for a request and for its response to be read as long as the client likes, so a thousand silent or slow
connections would use up all files of the process. Here a connection has `silence_seconds` for the head of each request,
and `patience_seconds` until the request is answered or vouched for. If more than `max_open` are open, one is closed
(`bot.http.connection_eviction`). Bodies have their own limits (`bot.http.body_limits`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from bot.http.connection_eviction import OpenConnections

_VOUCH = "vouch"
"""The key under which a request's scope holds what vouches for its connection."""


class ServerConfig(uvicorn.Config):
    """uvicorn's settings, and the open connections of one server."""

    open_connections: OpenConnections


class LimitedConnection(H11Protocol):
    """One HTTP/1.1 connection (h11). Heads over 16 kB get a 400."""

    silence_seconds = 10.0
    """Seconds for a request's head."""

    patience_seconds = 30.0
    """Seconds for a request that no one vouched for, from its head until its answer has been taken.

    Installing the app asks Slack twice, for at most 10 seconds each.
    """

    max_open = 500
    """Connections: with those of the other port, of the database and to Slack and Clust below the 1,024 files that a
    process may usually open."""

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, _VOUCH: self._vouch}, _loop)
        self._open_connections = config.open_connections
        self._limit: asyncio.TimerHandle | None = None
        self._seen: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the time limit, and close the oldest connection if there are too many."""
        # Otherwise a response's body waits until the client confirms its head, which takes up to 40 ms (RFC 9293,
        # 3.7.4). asyncio sets this only where the listening socket names its protocol, and Python's names none.
        connected = transport.get_extra_info("socket")
        if connected.family in {socket.AF_INET, socket.AF_INET6}:
            with suppress(OSError):  # the client has gone already
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self._within(self.silence_seconds)
        self._open_connections.enter(self)

    def handle_events(self) -> None:
        """Read what arrived. Only a complete head ends the time limit for it."""
        super().handle_events()
        if self.cycle is not self._seen:
            self._seen = self.cycle
            self._within(self.patience_seconds)
            self._open_connections.renew(self)

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it has arrived already."""
        self._within(self.silence_seconds)
        self._open_connections.renew(self)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time limit."""
        self._leave()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Finish running requests, as uvicorn does, and close connections whose request is incomplete."""
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.cut()
        else:
            super().shutdown()

    def cut(self) -> None:
        """Close the connection at once, whatever is still unsent, since the client may never read it."""
        self._leave()
        self.transport.abort()

    def _vouch(self) -> None:
        self._open_connections.vouch(self)
        self._stop_waiting()

    def _leave(self) -> None:
        self._open_connections.leave(self)
        self._stop_waiting()

    def _within(self, seconds: float) -> None:
        self._stop_waiting()
        self._limit = self.loop.call_later(seconds, self.cut)

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None


def vouch(scope: MutableMapping[str, Any]) -> None:
    """Mark a request as verified: its connection isn't closed before the response is sent.

    `scope` is the ASGI scope. One without a connection of ours, as in tests, is ignored.
    """
    keep: Callable[[], None] | None = scope.get("state", {}).get(_VOUCH)
    if keep is not None:
        keep()
