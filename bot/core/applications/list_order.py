"""Detect whether Clust's list is sorted by newest change first, so that a poll may stop early (rule R5).

Only the dates in the rows are used. A list sorted by creation looks the same until something changes. So the proof
needs two rows whose order of creation contradicts their place in the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Protocol

PROOFS = 3
"""Full sweeps in a row that must prove the order before a poll relies on it."""

FEW = 3
"""Pages. A list with no more is always read completely, so lateness in it is seen at once."""

OLDEST_FULL = timedelta(minutes=15)
"""The longest time between the starts of two full sweeps: becoming late changes no `updated_at` and moves no row."""


class Dated(Protocol):
    """A row with the dates that the order depends on."""

    @property
    def updated_at(self) -> datetime | None:
        """When it was changed; None if unknown."""

    @property
    def created_at(self) -> datetime | None:
        """When it was created; None if unknown."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The dates of one page: its newest and oldest change, and how its rows are ordered.

    `falls`: no row changed after the row before it. `mixed`: a row was created before the row after it.
    """

    newest: datetime
    oldest: datetime
    falls: bool
    mixed: bool


@dataclass(frozen=True, slots=True)
class Habit:
    """What the polls of a connection have shown about the order of its list.

    `proofs` counts the latest full sweeps in a row that proved the order. `pages` and `full_at` describe the latest
    one. `newest` is the newest known change.
    """

    proofs: int = 0
    pages: int = 0
    full_at: datetime | None = None
    newest: datetime | None = None

    def allows_front(self, now: datetime, interval: timedelta) -> bool:
        """Return whether this poll may stop early, if the next one starts after `interval`."""
        if self.full_at is None or self.proofs < PROOFS or self.pages <= FEW:
            return False
        return now + interval - self.full_at <= OLDEST_FULL

    def after_full(self, pages: Sequence[Stretch | None], started_at: datetime) -> Habit:
        """Return the updated habit after a full sweep; `pages` in the order of the list."""
        proofs = self.proofs + 1 if shows_order(pages) else 0
        return Habit(proofs, len(pages), started_at, max((one.newest for one in pages if one), default=None))

    def after_front(self, pages: Sequence[Stretch | None]) -> Habit:
        """Return the updated habit after a poll that stopped early."""
        newest = [one.newest for one in pages if one]
        return replace(self, newest=max([*newest, self.newest] if self.newest else newest, default=None))


class Front(Enum):
    """What the first pages of a list prove about the pages after them."""

    GOES_ON = "news may follow"
    SETTLED = "nothing new follows"
    UNSORTED = "the order does not hold"


def stretch(rows: Sequence[Dated]) -> Stretch | None:
    """Return the dates of a page; None if it has no rows, or a row without a date of change."""
    changed = [row.updated_at for row in rows if row.updated_at is not None]
    if not rows or len(changed) < len(rows):
        return None
    created = [row.created_at for row in rows if row.created_at is not None]
    return Stretch(
        newest=max(changed),
        oldest=min(changed),
        falls=all(one >= following for one, following in pairwise(changed)),
        mixed=any(one < following for one, following in pairwise(created)),
    )


def shows_order(pages: Sequence[Stretch | None]) -> bool:
    """Return whether all pages of a list prove that it is sorted by newest change first."""
    return _falls(pages) and any(one is not None and one.mixed for one in pages)


def judge_front(pages: Sequence[Stretch | None], habit: Habit, *, has_news: bool) -> Front:
    """Judge the pages read so far, in the order of the list. `has_news`: the last page brought something new.

    Whatever changed since the last poll has a date no earlier than the newest change known then. So a page without news
    that reaches further back has nothing new after it. A page that lies entirely in that very moment may have.
    """
    first, last = (pages[0], pages[-1]) if pages else (None, None)
    if first is None or last is None or habit.newest is None or not _falls(pages) or first.newest < habit.newest:
        return Front.UNSORTED
    return Front.GOES_ON if has_news or last.oldest >= habit.newest else Front.SETTLED


def _falls(pages: Sequence[Stretch | None]) -> bool:
    stretches = [one for one in pages if one is not None]
    follows = all(one.oldest >= following.newest for one, following in pairwise(stretches))
    return len(stretches) == len(pages) and follows and all(one.falls for one in stretches)
