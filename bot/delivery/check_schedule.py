"""Periodic checks of many things: each one that is due is checked, independently of the others (rule P4).

Schedules are stored in the database, so the next process continues where this one stopped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.core.check_schedule import CheckOutcome, after
from bot.core.errors import DeliveryError, Throttled
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.notifications.check_schedule import CheckSchedules

log = structlog.get_logger(__name__)

Seeing = tuple[CheckOutcome, Mapping[str, Any] | None]
"""The result of a check, and what Slack said, if it was asked."""

Work = Callable[[], Awaitable[object]]


async def each(works: Iterable[Work], what: str) -> None:
    """Do one piece of work after the other. One that fails doesn't affect the others.

    Raises the database's error after all had their check, since it may be about one of them only. Other failures are
    logged; `what` names the kind of work.
    """
    trouble: Exception | None = None
    for work in works:
        try:
            await work()
        except DATABASE_TROUBLE as error:
            trouble = trouble or error
        except DeliveryError as error:
            log.info("slack did not do something", what=what, why=error.sentence)
        except Exception:
            log.exception("something failed in an unforeseen way", what=what)
    if trouble:
        raise trouble


class ScheduledChecks:
    """One kind of check in one workspace. `look` checks one thing and may fail; `rest` is the time between checks."""

    def __init__(
        self,
        team_id: str,
        kind: str,
        schedules: CheckSchedules,
        look: Callable[[str], Awaitable[Seeing]],
        rest: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._kind, self._schedules = team_id, kind, schedules
        self._look, self._rest, self._clock = look, rest, clock

    async def go(self, most: int) -> None:
        """Check up to `most` things that are due, until Slack asks to wait.

        Raises the database's error about one of them, after all had their check.
        """
        trouble: Exception | None = None
        for check in await self._schedules.due(self._team_id, self._kind, self._clock(), most):
            facts = None
            try:
                outcome, facts = await self._look(check.subject_id)
            except Throttled:
                outcome = CheckOutcome.CUT_SHORT
            except DATABASE_TROUBLE as error:
                trouble, outcome = error, CheckOutcome.FAILED
            except DeliveryError as error:
                outcome = CheckOutcome.FAILED
                log.info("slack could not be asked", kind=self._kind, subject=check.subject_id, why=error.sentence)
            except Exception:
                outcome = CheckOutcome.FAILED
                log.exception("a look failed in an unforeseen way", kind=self._kind, subject=check.subject_id)
            now = self._clock()
            await self._schedules.keep(self._team_id, self._kind, after(check, outcome, now, self._rest), now, facts)
            if outcome is CheckOutcome.CUT_SHORT:
                break
        if trouble:
            raise trouble
