"""Queues for each person: a few requests at a time, and one that scans many rows.

So a person who sends many requests waits for their own, and others share the process with that person, not with all of
those requests.
"""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

MAX_AT_ONCE = 3
"""Requests of one person that are handled at a time. Others wait in the order of asking."""


class PersonQueues:
    """The semaphore of each person, for as long as someone holds it or waits for it."""

    def __init__(self, at_once: int = 1) -> None:
        """`at_once` is the number of requests of one person that run at a time."""
        self._at_once = at_once
        self._semaphores: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, person: str) -> asyncio.Semaphore:
        """Return a person's semaphore, to be entered with `async with`."""
        semaphore = self._semaphores.get(person)
        if semaphore is None:
            semaphore = self._semaphores[person] = asyncio.Semaphore(self._at_once)
        return semaphore
