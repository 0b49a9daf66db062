"""Reading the bodies of requests that nobody has vouched for yet: so much, so long, and so much at once."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

LARGEST_BODY = 1024 * 1024
"""Bytes."""

SLOWEST_BODY = 10.0
"""Seconds that a whole body may take: Slack waits three for the answer."""

MOST_AT_ONCE = 32 * LARGEST_BODY
"""Bytes of all bodies that are being read: strangers may fill this, but not the memory."""


class Refused(Exception):
    """The request is not taken; `status` says why in HTTP's terms."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Bodies:
    """The bodies that are being read just now."""

    def __init__(self, within: float = SLOWEST_BODY, most: int = MOST_AT_ONCE) -> None:
        self._within, self._most, self._held = within, most, 0

    async def read(self, request: Request) -> bytes:
        """Return a request's body. Raises Refused: 413 too large, 408 too slow, 503 where others fill the memory."""
        kept = bytearray()
        try:
            async with asyncio.timeout(self._within):
                async for chunk in request.stream():
                    if len(kept) + len(chunk) > LARGEST_BODY:
                        raise Refused(413, "the body is over 1 MB")
                    if self._held + len(chunk) > self._most:
                        raise Refused(503, "too much is being read at once")
                    kept += chunk
                    self._held += len(chunk)
        except TimeoutError as error:
            raise Refused(408, "the body did not come in time") from error
        finally:
            self._held -= len(kept)
        return bytes(kept)
