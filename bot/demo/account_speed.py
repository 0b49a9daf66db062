"""How fast the demo's account lives: a change every so many seconds, or none while it is paused."""

from __future__ import annotations

import asyncio

from bot.sandbox.clust.account import Life
from bot.sandbox.clust.stand_in import SandboxClust

STEP_SECONDS = 3.0
"""Between two changes in the account; the bot polls more often, so that each is seen."""


class AccountSpeed:
    """Lets an account live. `every` is the seconds between two changes, None a pause; `pace` changes it at once."""

    def __init__(self, account: SandboxClust, every: float | None = STEP_SECONDS) -> None:
        self.every = every
        self._life = Life(account)
        self._changed = asyncio.Event()

    def pace(self, every: float | None) -> None:
        """Let so many seconds pass between two changes from now on; None is a pause."""
        self.every = every
        self._changed.set()

    async def run(self) -> None:
        """Live until cancelled."""
        while True:
            if self.every is not None:
                self._life.step()
            self._changed.clear()
            try:
                async with asyncio.timeout(self.every):
                    await self._changed.wait()
            except TimeoutError:
                pass
