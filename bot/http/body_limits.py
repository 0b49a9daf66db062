"""Limits for the bodies of requests, as ASGI middleware: how large, how slow, and how many bytes at once.

A small body, as Slack's nearly always are, is always read: there are only so many connections (`connection_limits`).
Large ones share a budget of bytes. When it is spent, the oldest unfinished one makes way for the newest.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes."""

MAX_SMALL_BODY = 64 * 1024
"""Bytes up to which a body doesn't count as large: of 500 connections that is 32 MB in all."""

MAX_BODY_SECONDS = 10.0
"""For a whole body: Slack waits three for the answer."""

MAX_LARGE_BODIES = 32 * MAX_BODY
"""Bytes of all large bodies that are being read: strangers may fill this, but not the memory."""


class BodyRefused(HTTPException):
    """A body is not read: 413 too large, 408 too slow, 503 where it made way for others. Starlette answers with it."""


@dataclass(eq=False, slots=True)
class _BodyInProgress:
    """One body that is being read; `large_bytes` is its part of the budget for large ones."""

    limit: asyncio.Timeout
    content: bytearray = field(default_factory=bytearray)
    large_bytes: int = 0
    made_way: bool = False


class BodyLimits:
    """Middleware that lets an application read only bodies within the limits, each at once and whole.

    A body that the application doesn't read isn't read here either.
    """

    def __init__(
        self, app: ASGIApp, max_seconds: float = MAX_BODY_SECONDS, max_large_bodies: int = MAX_LARGE_BODIES
    ) -> None:
        self._app, self._max_seconds, self._max_large_bodies = app, max_seconds, max_large_bodies
        self._large_bytes = 0
        # A dict for its order: the oldest stands first.
        self._readings: dict[_BodyInProgress, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a `receive` that returns the body in one message, or raises BodyRefused."""
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
        """Return a request's whole body as one ASGI message, or the message that the client is gone.

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
        if len(reading.content) + len(chunk) > MAX_BODY:
            raise BodyRefused(413, "the body is over 1 MB")
        if reading.made_way:
            return
        reading.content += chunk
        if len(reading.content) > MAX_SMALL_BODY:
            self._large_bytes += len(reading.content) - reading.large_bytes
            reading.large_bytes = len(reading.content)
        while self._large_bytes > self._max_large_bodies:
            self._end(next(one for one in self._readings if one.large_bytes and one is not reading))

    def _end(self, reading: _BodyInProgress) -> None:
        """Let a body make way: forget what came of it at once, and wake whoever waits for the rest."""
        self._large_bytes -= reading.large_bytes
        reading.large_bytes, reading.made_way = 0, True
        reading.content.clear()
        if not reading.limit.expired():
            reading.limit.reschedule(0)
