"""Checks whether people that something depends on are still in the workspace.

The subscriptions of a person who left are held until someone adopts them, and their applications are unassigned, until
they come back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.core.check_schedule import CheckOutcome
from bot.delivery.check_schedule import CheckResult, ScheduledChecks
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.notifications.check_schedule import PERSON, Observation

log = structlog.get_logger(__name__)

REST = timedelta(hours=1)
"""Between two checks of a person who is active (rule P5)."""


class OwnerCheck:
    """Checks the people of one workspace."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._notifier, self._clock = team_id, store, notifier, clock
        self._checks = ScheduledChecks(team_id, PERSON, store.check_schedule, self._check, REST, clock)

    async def check_due(self, most: int) -> None:
        """Check up to `most` people who are due, and apply what follows from leaving or returning."""
        await self._checks.go(most)

    async def refresh(self, user_id: str) -> Observation:
        """Check whether a person is active, without holding anything yet. Raises a DeliveryError."""
        outcome, facts = await self._ask(user_id)
        keep = self._store.check_schedule.keep_check
        return await keep(self._team_id, PERSON, user_id, outcome, self._clock(), REST, facts)

    async def let_go(self, user_id: str) -> None:
        """Hold the subscriptions of a person who left, and unassign their applications."""
        if await self._store.orphans.hold(self._team_id, user_id):
            log.warning("subscriptions held: who made them is gone", user=user_id)
        await self._store.departed_people.leave(self._team_id, user_id, self._clock())

    async def _check(self, user_id: str) -> CheckResult:
        outcome, facts = await self._ask(user_id)
        if outcome is CheckOutcome.WELL:
            now = self._clock()
            await self._store.orphans.resume(self._team_id, user_id, now)
            await self._store.departed_people.come_back(self._team_id, user_id, now)
        else:
            await self.let_go(user_id)
        return outcome, facts

    async def _ask(self, user_id: str) -> tuple[CheckOutcome, Mapping[str, Any]]:
        is_active = await self._notifier.is_active(user_id)
        return CheckOutcome.WELL if is_active else CheckOutcome.HELD, {"is_active": is_active}
