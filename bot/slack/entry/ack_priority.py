"""Acknowledgements before answers: work waits while requests are being acknowledged, though never for long.

Slack waits three seconds for an acknowledgement, and a person notices nothing of some milliseconds before an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType

BREATH = 0.005
"""Seconds that work waits in any case: what comes at the same moment is acknowledged first."""

LONGEST = 0.25
"""Seconds that work waits at most, where requests come on and on."""


class AckPriority:
    """Entered by each request until it is acknowledged."""

    def __init__(self) -> None:
        self._under_way = 0
        self._calm = asyncio.Event()
        self._calm.set()

    def __enter__(self) -> None:
        self._under_way += 1
        self._calm.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._calm.set()

    async def over(self) -> None:
        """Wait until nothing waits to be acknowledged, or for long enough."""
        await asyncio.sleep(BREATH)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                await self._calm.wait()
