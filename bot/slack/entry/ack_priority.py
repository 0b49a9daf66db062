"""Acknowledge before answering: other work waits while requests are being acknowledged, for a moment at most.

Slack waits three seconds for an acknowledgement. A person doesn't notice an answer that comes some milliseconds later.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType

MIN_WAIT_SECONDS = 0.005
"""Every wait takes this long, so that requests that arrive at the same moment are acknowledged first."""

MAX_WAIT_SECONDS = 0.25
"""A wait takes at most this much longer, even if requests keep coming."""


class AckPriority:
    """A context for each request until it is acknowledged, and a place for other work to wait."""

    def __init__(self) -> None:
        self._unacknowledged = 0
        self._all_acknowledged = asyncio.Event()
        self._all_acknowledged.set()

    def __enter__(self) -> None:
        self._unacknowledged += 1
        self._all_acknowledged.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unacknowledged -= 1
        if not self._unacknowledged:
            self._all_acknowledged.set()

    async def wait(self) -> None:
        """Wait until all requests are acknowledged: MIN_WAIT_SECONDS, and at most MAX_WAIT_SECONDS longer."""
        await asyncio.sleep(MIN_WAIT_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._all_acknowledged.wait()
