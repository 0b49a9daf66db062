"""Periodic checks of many things: each one that is due is checked, independently of the others (rule P4).

Schedules are stored in the database, so the next process continues where this one stopped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.core.check_schedule import CheckOutcome, after
from bot.core.errors import DeliveryError, Throttled
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.notifications.check_schedule import CheckSchedules

log = structlog.get_logger(__name__)

CheckResult = tuple[CheckOutcome, Mapping[str, Any] | None]
"""The result of a check, and what Slack said, if it was asked."""


class ScheduledChecks:
    """One kind of check in one workspace. `check` checks one thing and may fail. `rest` is the time between checks."""

    def __init__(
        self,
        team_id: str,
        kind: str,
        schedules: CheckSchedules,
        check: Callable[[str], Awaitable[CheckResult]],
        rest: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._kind, self._schedules = team_id, kind, schedules
        self._check, self._rest, self._clock = check, rest, clock

    async def go(self, most: int) -> None:
        """Check up to `most` things that are due, until Slack asks to wait.

        Raises the database's error about one of them, after all were checked.
        """
        trouble: Exception | None = None
        for check in await self._schedules.due(self._team_id, self._kind, self._clock(), most):
            facts = None
            try:
                outcome, facts = await self._check(check.subject_id)
            except Throttled:
                outcome = CheckOutcome.CUT_SHORT
            except DATABASE_TROUBLE as error:
                trouble, outcome = error, CheckOutcome.FAILED
            except DeliveryError as error:
                outcome = CheckOutcome.FAILED
                log.info("slack could not be asked", kind=self._kind, subject=check.subject_id, why=error.sentence)
            except Exception:
                outcome = CheckOutcome.FAILED
                log.exception("a check failed unexpectedly", kind=self._kind, subject=check.subject_id)
            now = self._clock()
            await self._schedules.keep(self._team_id, self._kind, after(check, outcome, now, self._rest), now, facts)
            if outcome is CheckOutcome.CUT_SHORT:
                break
        if trouble:
            raise trouble
