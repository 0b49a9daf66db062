"""Server-sent events for every open page.

Each stream starts with the whole state, so a page needs nothing else after a lost connection or a restart of the demo.
The browser reconnects by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from bot.demo.page.state import Payload

MAX_QUEUED_EVENTS = 2_000
"""Events a page can be behind. A page that falls further behind is disconnected and starts again."""

KEEPALIVE_SECONDS = 20.0
"""Seconds without an event until a comment line is sent, so that a closed page is noticed."""


class Streams:
    """The open streams. `publish` sends a change to all of them."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Queue[Payload | None], Callable[[Any], Sequence[Payload]]] = {}
        self._is_closed = False

    def publish(self, change: Any) -> None:
        """Send a change to every stream. Each stream's own function turns it into events, possibly none."""
        for queue, to_events in tuple(self._open.items()):
            for event in to_events(change):
                if queue.full():
                    _let_go(queue)
                queue.put_nowait(event)

    def close(self) -> None:
        """End every stream, and from then on each new one at once."""
        self._is_closed = True
        for queue in self._open:
            _let_go(queue)

    async def serve(
        self, request: web.Request, begin: Callable[[], Payload], to_events: Callable[[Any], Sequence[Payload]]
    ) -> web.StreamResponse:
        """Send `begin()`, then the events for each change (`to_events`), until the page or the demo ends."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[Payload | None] = asyncio.Queue(MAX_QUEUED_EVENTS)
        if self._is_closed:
            return response
        queue.put_nowait(begin())
        self._open[queue] = to_events
        try:
            # A closed page resets the connection. No one waits for its events.
            with contextlib.suppress(ConnectionError):
                await _send(response, queue)
        finally:
            del self._open[queue]
        return response


async def _send(response: web.StreamResponse, queue: asyncio.Queue[Payload | None]) -> None:
    while True:
        try:
            async with asyncio.timeout(KEEPALIVE_SECONDS):
                event = await queue.get()
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if event is None:
            return
        await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")


def _let_go(queue: asyncio.Queue[Payload | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)
