"""Reading the bodies of requests that nobody has vouched for yet: so much, so long, and so much at once.

A small body, as Slack's nearly always are, is always read: there are only so many connections (`connection_limits`).
Large ones share a room of their own, in which the oldest that is unfinished makes way for the newest.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request

LARGEST_BODY = 1024 * 1024
"""Bytes."""

MAX_SMALL_BODY = 64 * 1024
"""Bytes up to which a body needs no room: of 500 connections that is 32 MB in all."""

SLOWEST_BODY = 10.0
"""Seconds that a whole body may take: Slack waits three for the answer."""

MOST_AT_ONCE = 32 * LARGEST_BODY
"""Bytes of all large bodies that are being read: strangers may fill this, but not the memory."""


class Refused(Exception):
    """The request is not taken; `status` says why in HTTP's terms."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(eq=False, slots=True)
class _Reading:
    """One body that is being read; `large` are the bytes that it takes of the room for large ones."""

    limit: asyncio.Timeout
    kept: bytearray = field(default_factory=bytearray)
    large: int = 0
    made_way: bool = False


class BodyLimits:
    """The bodies that are being read just now; `most` is at least one body's."""

    def __init__(self, within: float = SLOWEST_BODY, most: int = MOST_AT_ONCE) -> None:
        self._within, self._most, self._large = within, most, 0
        # A dict for its order: the oldest stands first.
        self._readings: dict[_Reading, None] = {}

    async def read(self, request: Request) -> bytes:
        """Return a request's body. Raises Refused: 413 too large, 408 too slow, 503 where it made way for others."""
        reading = _Reading(asyncio.timeout(self._within))
        self._readings[reading] = None
        try:
            async with reading.limit:
                async for chunk in request.stream():
                    self._keep(reading, chunk)
        except TimeoutError as error:
            if not reading.made_way:
                raise Refused(408, "the body did not come in time") from error
        finally:
            del self._readings[reading]
            self._large -= reading.large
        if reading.made_way:
            raise Refused(503, "too much is being read at once")
        return bytes(reading.kept)

    def _keep(self, reading: _Reading, chunk: bytes) -> None:
        if len(reading.kept) + len(chunk) > LARGEST_BODY:
            raise Refused(413, "the body is over 1 MB")
        if reading.made_way:
            return
        reading.kept += chunk
        if len(reading.kept) > MAX_SMALL_BODY:
            self._large += len(reading.kept) - reading.large
            reading.large = len(reading.kept)
        while self._large > self._most:
            self._end(next(one for one in self._readings if one.large and one is not reading))

    def _end(self, reading: _Reading) -> None:
        """Let a body make way: what came of it is forgotten at once, and who reads it is woken."""
        self._large -= reading.large
        reading.large, reading.made_way = 0, True
        reading.kept.clear()
        if not reading.limit.expired():
            reading.limit.reschedule(0)
