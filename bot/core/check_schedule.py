"""Decide which of many things is checked next, and when (rule P4): channels, people, reminders.

Nothing here waits or reads a clock. The schedule of each thing is a row of the table `rounds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

FIRST_WAIT = timedelta(minutes=1)
"""After the first look in a row that found something wrong. It doubles with each further one."""

MAX_WAIT = timedelta(hours=6)
"""Between two looks at what stays wrong."""


MAX_NEW_AT_ONCE = 20
"""New things that are checked at once. Further ones are spread over the time between two checks."""


class CheckOutcome(Enum):
    """The result of one check."""

    WELL = auto()
    """It was looked at, and nothing is wrong."""
    HELD = auto()
    """It was looked at, and is held until someone fixes it."""
    FAILED = auto()
    """It could not be looked at: its own failure, which says nothing about the others."""
    CUT_SHORT = auto()
    """Slack asked to wait, so it was not checked, and the others wait for the next look."""


@dataclass(frozen=True, slots=True)
class NextCheck:
    """The schedule of one thing. `strikes` counts the checks in a row that did not find it healthy."""

    subject_id: str
    due_at: datetime
    strikes: int = 0


def first_due(now: datetime, number: int, rest: timedelta) -> list[datetime]:
    """Return when each of a `number` of new things is first due. `rest` is the time between two checks of one.

    So a thousand installations at once make no stampede, then or at every check after it.
    """
    return [now + rest * (max(0, place - MAX_NEW_AT_ONCE) / number) for place in range(number)]


def wait_after(strikes: int) -> timedelta:
    """Return how long to wait after that many strikes in a row (from 1): 1, 2, 4 … minutes, at most 6 hours."""
    return min(MAX_WAIT, FIRST_WAIT * (1 << min(strikes - 1, 10)))


def after(check: NextCheck, outcome: CheckOutcome, now: datetime, rest: timedelta) -> NextCheck:
    """Return the next schedule of something that was checked, always after everything that is due at `now`.

    `rest` is the time between two checks of a healthy thing, and the longest wait after a check that could not be made.
    """
    strikes = check.strikes + 1
    match outcome:
        case CheckOutcome.WELL:
            return NextCheck(check.subject_id, now + rest)
        case CheckOutcome.HELD:
            return NextCheck(check.subject_id, now + wait_after(strikes), strikes)
        case CheckOutcome.FAILED:
            return NextCheck(check.subject_id, now + min(rest, wait_after(strikes)), strikes)
        case CheckOutcome.CUT_SHORT:  # pragma: no branch  there is no fifth
            return replace(check, due_at=now + timedelta.resolution)


def pick(checks: Iterable[NextCheck], now: datetime, most: int) -> list[NextCheck]:
    """Return what to check now: at most `most` of the due things, longest overdue first.

    Half of the places go to things that were healthy last time, as long as enough of those are due.
    """
    due = sorted((check for check in checks if check.due_at <= now), key=_place)
    reserved = [check for check in due if not check.strikes][: most // 2]
    others = [check for check in due if check not in reserved]
    return sorted([*reserved, *others[: max(0, most - len(reserved))]], key=_place)


def _place(check: NextCheck) -> tuple[datetime, str]:
    return check.due_at, check.subject_id
