"""Streams of what happens, to every page that is open (server-sent events).

Each stream begins with the whole state, so that a page that lost its connection, or a demo that was started again,
needs nothing else: the browser connects anew by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

Payload = Mapping[str, Any]

MAX_QUEUED_EVENTS = 2_000
"""Events that a page may be behind; one that reads no more is let go, and begins anew."""

KEEPALIVE_SECONDS = 20.0
"""Seconds without an event after which a line is sent all the same, so that a page that has left is noticed."""


class Streams:
    """The open streams. Each is told an event by `tell`, as it sees it."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Queue[Payload | None], Callable[[Any], Sequence[Payload]]] = {}
        self._is_closed = False

    def tell(self, change: Any) -> None:
        """Tell every stream of something; each says what that means to it, which may be nothing."""
        for queue, meaning in tuple(self._open.items()):
            for event in meaning(change):
                if queue.full():
                    _let_go(queue)
                queue.put_nowait(event)

    def close(self) -> None:
        """End every stream; new ones end at once."""
        self._is_closed = True
        for queue in self._open:
            _let_go(queue)

    async def serve(
        self, request: web.Request, begin: Callable[[], Payload], meaning: Callable[[Any], Sequence[Payload]]
    ) -> web.StreamResponse:
        """Send `begin()`, then the events that `meaning` gives for each change, until the page or the demo ends."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[Payload | None] = asyncio.Queue(MAX_QUEUED_EVENTS)
        if self._is_closed:
            return response
        queue.put_nowait(begin())
        self._open[queue] = meaning
        try:
            # A page that has left closes its connection: nobody waits for what it would have been told.
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
