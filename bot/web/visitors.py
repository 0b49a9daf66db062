"""Who may stay connected to a server of ours: whoever asks something. Those that say nothing make room.

uvicorn waits as long as a client likes for a request to begin, so a thousand connections that say nothing, or say it
letter by letter, would hold every file that a process may open. Here a connection has `silence` seconds for all of its
request's head, each time anew after an answer; and where more than `most` are open, the one that has been silent
longest is cut. For the body each route has limits of its own (`bot.web.entry`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class Visitor(H11Protocol):
    """One connection, HTTP/1.1 by h11: heads over 16 kB are answered with 400."""

    silence = 10.0
    """Seconds."""

    most = 500
    """Connections: with what is accepted at a time, below the 1,024 files that a process may usually open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._since = 0.0
        self._limit: asyncio.TimerHandle | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it asks for nothing just now."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait, and make room where there are too many."""
        super().connection_made(transport)
        self._wait()
        staying = [one for one in self.connections if isinstance(one, Visitor) and not one.transport.is_closing()]
        if len(staying) > self.most:
            silent = [one for one in staying if one.is_silent and one is not self]
            min(silent, key=lambda one: one._since, default=self).cut()  # noqa: SLF001  another of this class

    def data_received(self, data: bytes) -> None:
        """Take what came; only a whole head ends the waiting."""
        super().data_received(data)
        if not self.is_silent:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        self._wait()
        super().on_response_complete()
        if not self.is_silent:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def cut(self) -> None:
        """End the connection at once, whatever is still to be sent to a client that may read nothing."""
        self._stop_waiting()
        self.transport.abort()

    def _wait(self) -> None:
        self._stop_waiting()
        self._since = self.loop.time()
        self._limit = self.loop.call_later(self.silence, self.cut)

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
