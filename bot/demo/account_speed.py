"""How often the demo's account changes: every few seconds, or not at all while it is paused."""

from __future__ import annotations

import asyncio

from bot.sandbox.clust.activity import AccountActivity
from bot.sandbox.clust.stand_in import SandboxClust

STEP_SECONDS = 3.0
"""Between two changes in the account. The bot polls more often, so that each is seen."""


class AccountSpeed:
    """Makes changes in an account: one every `interval_seconds`, or none while that is None (paused)."""

    def __init__(self, account: SandboxClust, interval_seconds: float | None = STEP_SECONDS) -> None:
        self.interval_seconds = interval_seconds
        self._activity = AccountActivity(account)
        self._changed = asyncio.Event()

    def set_interval(self, interval_seconds: float | None) -> None:
        """Set the seconds between two changes, from now on. None pauses."""
        self.interval_seconds = interval_seconds
        self._changed.set()

    async def run(self) -> None:
        """Make changes until cancelled."""
        while True:
            if self.interval_seconds is not None:
                self._activity.step()
            self._changed.clear()
            try:
                async with asyncio.timeout(self.interval_seconds):
                    await self._changed.wait()
            except TimeoutError:
                pass
