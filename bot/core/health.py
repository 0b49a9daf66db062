"""The bot's overall health, decided once for `status`, Home and `doctor`, so that they never contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.core.notifications.states import Hold

HELD_BY_WISH = (Hold.LIMIT, Hold.SCHEDULE, Hold.MUTE, Hold.REPLAY)
"""Holds that end by themselves: the Limit, a schedule, a mute, and summaries of a channel that works again.

Any other hold waits for a person: a channel that accepts no messages, or an open question after a flood.
"""


class Reading(Enum):
    """How reading an account from Clust is going."""

    NO_ACCOUNT = "there is none to read"
    STALLED = "nobody reads it"
    FAILING = "it can't be read"
    FIRST = "it is being read for the first time"
    OVERDUE = "it should have been read again by now"
    FINE = "it was read to its end"


class Health(Enum):
    """The verdict in the first line."""

    DOWN = "nothing new is seen"
    TROUBLE = "somebody has to do something"
    STARTING = "nothing is known yet"
    WELL = "all is well"


def reading_of(*, has_account: bool, stalled: bool, failing: bool, was_read: bool, is_overdue: bool = False) -> Reading:
    """Return how reading an account is going. `failing`: the last poll failed. `was_read`: it ever succeeded."""
    if not has_account:
        return Reading.NO_ACCOUNT
    if stalled:
        return Reading.STALLED
    if failing:
        return Reading.FAILING
    if is_overdue:
        return Reading.OVERDUE
    return Reading.FINE if was_read else Reading.FIRST


def waiting_for_somebody(held: Mapping[str, int]) -> dict[str, int]:
    """Return the `held` notifications, counted by hold, that need a person to continue."""
    return {hold: count for hold, count in held.items() if count and hold not in HELD_BY_WISH}


def verdict(reading: Reading, troubles: int) -> Health:
    """Return the verdict if `troubles` are listed below it."""
    if reading in {Reading.NO_ACCOUNT, Reading.STALLED, Reading.FAILING}:
        return Health.DOWN
    if troubles or reading is Reading.OVERDUE:
        return Health.TROUBLE
    return Health.STARTING if reading is Reading.FIRST else Health.WELL
