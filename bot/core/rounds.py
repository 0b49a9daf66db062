"""Decide which of many things is checked next, and when (rule P4): channels, people, reminders.

Nothing here waits or reads a clock. The schedule of each thing is a row of the table `rounds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

FIRST_WAIT = timedelta(minutes=1)
"""After the first look in a row that found something wrong; it doubles with each further one."""

MAX_WAIT = timedelta(hours=6)
"""Between two looks at what stays wrong."""


class RoundOutcome(Enum):
    """The result of one check."""

    WELL = auto()
    """It was looked at, and nothing is wrong."""
    HELD = auto()
    """It was looked at, and is held until somebody mends it."""
    FAILED = auto()
    """It could not be looked at: its own failure, which says nothing about the others."""
    CUT_SHORT = auto()
    """Slack asked to wait, so it was not looked at, and the round ends here."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The schedule of one thing. `strikes` counts the checks in a row that did not find it healthy."""

    subject_id: str
    due_at: datetime
    strikes: int = 0


def wait_after(strikes: int) -> timedelta:
    """Return how long to wait after that many strikes in a row (from 1): 1, 2, 4 … minutes, at most 6 hours."""
    return min(MAX_WAIT, FIRST_WAIT * (1 << min(strikes - 1, 10)))


def after(turn: Turn, outcome: RoundOutcome, now: datetime, rest: timedelta) -> Turn:
    """Return the next schedule of something that was checked, always after everything that is due at `now`.

    `rest` is the time between two checks of a healthy thing, and the longest wait after a check that could not be made.
    """
    strikes = turn.strikes + 1
    match outcome:
        case RoundOutcome.WELL:
            return Turn(turn.subject_id, now + rest)
        case RoundOutcome.HELD:
            return Turn(turn.subject_id, now + wait_after(strikes), strikes)
        case RoundOutcome.FAILED:
            return Turn(turn.subject_id, now + min(rest, wait_after(strikes)), strikes)
        case RoundOutcome.CUT_SHORT:
            return replace(turn, due_at=now + timedelta.resolution)


def pick(turns: Iterable[Turn], now: datetime, most: int) -> list[Turn]:
    """Return what to check in this round: at most `most` of the due things, longest overdue first.

    Half of the places go to things that were healthy last time, as long as enough of those are due.
    """
    due = sorted((turn for turn in turns if turn.due_at <= now), key=_place)
    reserved = [turn for turn in due if not turn.strikes][: most // 2]
    others = [turn for turn in due if turn not in reserved]
    return sorted([*reserved, *others[: max(0, most - len(reserved))]], key=_place)


def _place(turn: Turn) -> tuple[datetime, str]:
    return turn.due_at, turn.subject_id
