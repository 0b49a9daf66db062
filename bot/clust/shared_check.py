"""*Check now*: one check of an account for all who ask at the same time."""

from __future__ import annotations

import asyncio

from bot.clust.client import ClustClient


class SharedCheck:
    """Checks whether an account can be read. Concurrent callers share one check."""

    def __init__(self, clust: ClustClient) -> None:
        self._clust = clust
        self._asking: asyncio.Task[float] | None = None

    async def __call__(self) -> float:
        """Return the seconds until Clust's response. Raises ClustError."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._clust.check())
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._asking)
