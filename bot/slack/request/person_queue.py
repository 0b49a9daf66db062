"""Turns of people: each has a few requests under way at once, and one that looks through many rows.

So whoever asks on and on waits for themselves, and others share the process with one person, not with all that this
person asked for.
"""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

MAX_AT_ONCE = 3
"""Requests of one person that are worked on at a time; the next ones wait in the order of asking."""


class Turns:
    """The turns of each person, as long as somebody has one or waits for it."""

    def __init__(self, at_once: int = 1) -> None:
        """`at_once` is how many turns one person has at a time."""
        self._at_once = at_once
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, person: str) -> asyncio.Semaphore:
        """Return a person's turns, to be entered with `async with`."""
        turns = self._turns.get(person)
        if turns is None:
            turns = self._turns[person] = asyncio.Semaphore(self._at_once)
        return turns
