"""How the bot is doing, decided once for `status`, Home and `doctor`: none says "all is well" beside a trouble."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.core.notifications.states import Hold

HELD_BY_WISH = (Hold.LIMIT, Hold.SCHEDULE, Hold.MUTE, Hold.REPLAY)
"""Holds that people have set and that end by themselves: the Limit, a channel's times, a mute, a channel that works
again.

What is held in any other way waits for somebody: a channel that takes no messages, a question after a flood.
"""


class Reading(Enum):
    """How it goes with reading an account in Clust."""

    NO_ACCOUNT = "there is none to read"
    STALLED = "nobody reads it"
    FAILING = "it can't be read"
    FIRST = "it is being read for the first time"
    FINE = "it was read to its end"


class Health(Enum):
    """What the first line of an answer may say."""

    DOWN = "nothing new is seen"
    TROUBLE = "somebody has to do something"
    STARTING = "nothing is known yet"
    WELL = "all is well"


def reading_of(*, has_account: bool, stalled: bool, failing: bool, was_read: bool) -> Reading:
    """Return how it goes with reading an account: `failing` at the last poll, `was_read` ever."""
    if not has_account:
        return Reading.NO_ACCOUNT
    if stalled:
        return Reading.STALLED
    if failing:
        return Reading.FAILING
    return Reading.FINE if was_read else Reading.FIRST


def waiting_for_somebody(held: Mapping[str, int]) -> dict[str, int]:
    """Return those of the `held` notifications, by what holds them, that won't go on by themselves."""
    return {hold: count for hold, count in held.items() if count and hold not in HELD_BY_WISH}


def verdict(reading: Reading, troubles: int) -> Health:
    """Return what may be said where `troubles` are listed below it."""
    if reading in {Reading.NO_ACCOUNT, Reading.STALLED, Reading.FAILING}:
        return Health.DOWN
    if troubles:
        return Health.TROUBLE
    return Health.STARTING if reading is Reading.FIRST else Health.WELL
