"""Limits for request bodies, as ASGI middleware: size, time, and bytes in memory.

Small bodies, such as nearly all of Slack's, are always read, since the number of connections is limited
(`connection_limits`). Large ones share a budget of bytes. When it is used up, the oldest unfinished one is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes."""

MAX_SMALL_BODY = 64 * 1024
"""Bytes up to which a body isn't large: 32 MB for 500 connections."""

MAX_BODY_SECONDS = 10.0
"""For a whole body. Slack waits three seconds for the response."""

MAX_LARGE_BODIES = 32 * MAX_BODY
"""Bytes of all unfinished large bodies. Strangers can use up this budget, but not the memory of the process."""


class BodyRefused(HTTPException):
    """A refused body: 413 too large, 408 too slow, 503 dropped for another one. Starlette responds with it."""


@dataclass(eq=False, slots=True)
class _BodyInProgress:
    """A body that is being read. `large_bytes` is its part of the budget for large bodies."""

    limit: asyncio.Timeout
    content: bytearray = field(default_factory=bytearray)
    large_bytes: int = 0
    made_way: bool = False


class BodyLimits:
    """Middleware that gives an application only complete bodies within the limits.

    A body that the application doesn't read isn't read here either.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_seconds: float = MAX_BODY_SECONDS,
        max_large_bodies: int = MAX_LARGE_BODIES,
        *,
        max_body: int = MAX_BODY,
        max_small_body: int = MAX_SMALL_BODY,
        applies: Callable[[str], bool] = lambda _path: True,
    ) -> None:
        """Bodies over `max_small_body` bytes share `max_large_bodies` bytes. `applies` tells for which paths."""
        self._app, self._max_seconds, self._max_large_bodies = app, max_seconds, max_large_bodies
        self._max_body, self._max_small_body, self._applies = max_body, max_small_body, applies
        self._large_bytes = 0
        # A dict for its order: the oldest stands first.
        self._readings: dict[_BodyInProgress, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a `receive` that returns the whole body as one message, or raises BodyRefused."""
        if not self._applies(scope["path"]):
            await self._app(scope, receive, send)
            return
        was_read = False

        async def receive_limited() -> Message:
            nonlocal was_read
            if was_read:
                return await receive()
            was_read = True
            try:
                return await self.read(receive)
            except BodyRefused as refused:
                log.warning("request refused", status=refused.status_code, why=refused.detail)
                raise

        await self._app(scope, receive_limited, send)

    async def read(self, receive: Receive) -> Message:
        """Return a whole body as one ASGI message, or the message that the client disconnected.

        Raises BodyRefused.
        """
        reading = _BodyInProgress(asyncio.timeout(self._max_seconds))
        self._readings[reading] = None
        try:
            async with reading.limit:
                more = True
                while more:
                    message = await receive()
                    if message["type"] != "http.request":
                        return message
                    self._keep(reading, message.get("body", b""))
                    more = message.get("more_body", False)
        except TimeoutError as error:
            if not reading.made_way:
                raise BodyRefused(408, "the body did not come in time") from error
        finally:
            del self._readings[reading]
            self._large_bytes -= reading.large_bytes
        if reading.made_way:
            raise BodyRefused(503, "too much is being read at once")
        return {"type": "http.request", "body": bytes(reading.content), "more_body": False}

    def _keep(self, reading: _BodyInProgress, chunk: bytes) -> None:
        if len(reading.content) + len(chunk) > self._max_body:
            raise BodyRefused(413, f"the body is over {_size(self._max_body)}")
        if reading.made_way:
            return
        reading.content += chunk
        if len(reading.content) > self._max_small_body:
            self._large_bytes += len(reading.content) - reading.large_bytes
            reading.large_bytes = len(reading.content)
        while self._large_bytes > self._max_large_bodies:
            self._end(next(one for one in self._readings if one.large_bytes and one is not reading))

    def _end(self, reading: _BodyInProgress) -> None:
        """Drop a body: free its memory at once, and wake the reader that waits for the rest."""
        self._large_bytes -= reading.large_bytes
        reading.large_bytes, reading.made_way = 0, True
        reading.content.clear()
        if not reading.limit.expired():
            reading.limit.reschedule(0)


def _size(limit: int) -> str:
    return f"{limit // MAX_BODY} MB" if limit >= MAX_BODY else f"{limit // 1024} KB"
