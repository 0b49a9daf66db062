"""Whose turn it is in a round over many things, and when each is looked at next (rule P4).

Channels, people and reminders go round in the same way. Nothing here waits, asks or reads a clock: the state of a round
stands in the table `rounds`, and these functions say what to do with it.
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
    """What came of one look."""

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
    """The place of one thing in its round. `strikes` counts the looks in a row that did not find it well."""

    subject_id: str
    due_at: datetime
    strikes: int = 0


def wait_after(strikes: int) -> timedelta:
    """Return how long to wait after that many strikes in a row (from 1): 1, 2, 4 … minutes, at most 6 hours."""
    return min(MAX_WAIT, FIRST_WAIT * (1 << min(strikes - 1, 10)))


def after(turn: Turn, outcome: RoundOutcome, now: datetime, rest: timedelta) -> Turn:
    """Return the next turn of something that was looked at: always behind everything that is due at `now`.

    `rest` is the time between two looks at what is well, and the longest wait for what could not be looked at.
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
    """Return whom to look at in one round: at most `most` of those that are due, longest due first.

    Half of the places belong to what was well the last time, as long as enough of that is due, however much is held.
    """
    due = sorted((turn for turn in turns if turn.due_at <= now), key=_place)
    reserved = [turn for turn in due if not turn.strikes][: most // 2]
    others = [turn for turn in due if turn not in reserved]
    return sorted([*reserved, *others[: max(0, most - len(reserved))]], key=_place)


def _place(turn: Turn) -> tuple[datetime, str]:
    return turn.due_at, turn.subject_id
