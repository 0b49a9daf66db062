"""Acknowledgements before answers: work waits while requests are being acknowledged, though never for long.

Slack waits three seconds for an acknowledgement, and a person notices nothing of some milliseconds before an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType

MIN_WAIT_SECONDS = 0.005
"""How long work waits in any case: what comes at the same moment is acknowledged first."""

MAX_WAIT_SECONDS = 0.25
"""How long work waits at most, where requests come on and on."""


class AckPriority:
    """A context for each request until it is acknowledged, and a place to wait for all the others."""

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
        """Wait until each request is acknowledged, at least MIN_WAIT_SECONDS and at most MAX_WAIT_SECONDS longer."""
        await asyncio.sleep(MIN_WAIT_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._all_acknowledged.wait()
