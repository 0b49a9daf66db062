"""How long a client may stay connected to a server of ours: time limits for a silent, slow or unanswered connection.

uvicorn waits as long as a client likes for a request to begin, and for its answer to be read, so a thousand
connections that say nothing, or say it letter by letter, would hold every file that a process may open. Here a
connection has `silence_seconds` for all of its request's head, each time anew after an answer, and `patience_seconds`
until its request is answered or vouched for. Where more than `max_open` are open, one is cut
(`bot.http.connection_eviction`). Bodies have limits of their own (`bot.http.body_limits`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
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
    """One connection, HTTP/1.1 by h11: heads over 16 kB are answered with 400."""

    silence_seconds = 10.0
    """Seconds for a request's head."""

    patience_seconds = 30.0
    """Seconds for a request that nobody vouched for, from its head until its answer has been taken.

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
        """Begin to wait, and close the oldest connection where there are too many."""
        super().connection_made(transport)
        self._within(self.silence_seconds)
        self._open_connections.enter(self)

    def handle_events(self) -> None:
        """Take what came; only a whole head ends the waiting for it."""
        super().handle_events()
        if self.cycle is not self._seen:
            self._seen = self.cycle
            self._within(self.patience_seconds)
            self._open_connections.renew(self)

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        self._within(self.silence_seconds)
        self._open_connections.renew(self)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._leave()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Answer what was asked, as uvicorn does; a request that has not come to its end never may."""
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.cut()
        else:
            super().shutdown()

    def cut(self) -> None:
        """End the connection at once, whatever is still to be sent to a client that may read nothing."""
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
    """Say that a request is from whom it says: its connection is not cut before the answer is sent.

    `scope` is the request's, as ASGI has it; one that came by no connection of ours has nothing to be kept.
    """
    keep: Callable[[], None] | None = scope.get("state", {}).get(_VOUCH)
    if keep is not None:
        keep()
