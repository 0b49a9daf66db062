"""Whether a list stands newest-changed-first, and what that allows the next reading (rule R5).

Only the dates that rows tell are looked at. A list that is merely sorted by creation looks the same until something
changes; so the proof asks that somewhere one made earlier stands before one made later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Protocol

PROOFS = 3
"""Full sweeps in a row that must have shown the order before a reading trusts it."""

FEW = 3
"""Pages: a list that has no more is always read whole, and its lateness is seen at once."""

OLDEST_FULL = timedelta(minutes=15)
"""The longest time from one full sweep's start to the next: lateness changes no `updated_at`, and stands anywhere."""


class Dated(Protocol):
    """A row, as far as its order goes."""

    @property
    def updated_at(self) -> datetime | None:
        """When it changed, where it tells."""

    @property
    def created_at(self) -> datetime | None:
        """When it was made, where it tells."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one page shows of its list: its newest and oldest change, and how its rows stand.

    `falls`: none changed after the one before it. `mixed`: one was made before the one after it.
    """

    newest: datetime
    oldest: datetime
    falls: bool
    mixed: bool


@dataclass(frozen=True, slots=True)
class Habit:
    """What the readings of a connection have shown of its list until now.

    `proofs` counts the last full sweeps in a row that showed the order; `pages` and `full_at` tell of the last one;
    `newest` is the newest change that is known.
    """

    proofs: int = 0
    pages: int = 0
    full_at: datetime | None = None
    newest: datetime | None = None

    def allows_front(self, now: datetime, interval: timedelta) -> bool:
        """Tell whether this reading may stop early, where the next one comes after `interval`."""
        if self.full_at is None or self.proofs < PROOFS or self.pages <= FEW:
            return False
        return now + interval - self.full_at <= OLDEST_FULL

    def after_full(self, pages: Sequence[Stretch | None], started_at: datetime) -> Habit:
        """Return the habit once every page was read, in the order of the list."""
        proofs = self.proofs + 1 if shows_order(pages) else 0
        return Habit(proofs, len(pages), started_at, max((one.newest for one in pages if one), default=None))

    def after_front(self, pages: Sequence[Stretch | None]) -> Habit:
        """Return the habit once the front of the list was read and settled."""
        newest = [one.newest for one in pages if one]
        return replace(self, newest=max([*newest, self.newest] if self.newest else newest, default=None))


class Front(Enum):
    """What the first pages of a list tell about the others."""

    GOES_ON = "news may follow"
    SETTLED = "nothing new follows"
    UNSORTED = "the order does not hold"


def stretch(rows: Sequence[Dated]) -> Stretch | None:
    """Return what a page shows; None where it shows nothing: no rows, or one that does not tell when it changed."""
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
    """Tell whether all pages of a list prove that it stands newest-changed-first."""
    return _falls(pages) and any(one is not None and one.mixed for one in pages)


def judge_front(pages: Sequence[Stretch | None], habit: Habit, *, has_news: bool) -> Front:
    """Judge the pages read until now, in the order of the list; `has_news`: the last one brought something new.

    What changed since the last reading changed no earlier than the newest change known then. So nothing new follows a
    page without news that reaches further back; one that is all of that same moment may stand before news of it.
    """
    first, last = (pages[0], pages[-1]) if pages else (None, None)
    if first is None or last is None or habit.newest is None or not _falls(pages) or first.newest < habit.newest:
        return Front.UNSORTED
    return Front.GOES_ON if has_news or last.oldest >= habit.newest else Front.SETTLED


def _falls(pages: Sequence[Stretch | None]) -> bool:
    stretches = [one for one in pages if one is not None]
    follows = all(one.oldest >= following.newest for one, following in pairwise(stretches))
    return len(stretches) == len(pages) and follows and all(one.falls for one in stretches)
