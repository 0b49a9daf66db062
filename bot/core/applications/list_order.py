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

MIN_PROOFS = 3
"""Full sweeps in a row that must prove the order before a poll relies on it."""

MAX_PAGES_READ_FULLY = 3
"""Pages. A list with no more is always read completely, so lateness in it is seen at once."""

MAX_FULL_SWEEP_AGE = timedelta(minutes=15)
"""The longest time between the starts of two full sweeps: becoming late changes no `updated_at` and moves no row."""


class Dated(Protocol):
    """A row with the dates that the order depends on."""

    @property
    def updated_at(self) -> datetime | None:
        """When it was changed, or None if unknown."""

    @property
    def created_at(self) -> datetime | None:
        """When it was created, or None if unknown."""


@dataclass(frozen=True, slots=True)
class PageDates:
    """The dates of one page: its newest and oldest change, and how its rows are ordered.

    `is_descending`: no row changed after the row before it. `contradicts_creation`: a row was created before the row
    after it.
    """

    newest: datetime
    oldest: datetime
    is_descending: bool
    contradicts_creation: bool


@dataclass(frozen=True, slots=True)
class ListOrder:
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
        if self.full_at is None or self.proofs < MIN_PROOFS or self.pages <= MAX_PAGES_READ_FULLY:
            return False
        return now + interval - self.full_at <= MAX_FULL_SWEEP_AGE

    def after_full(self, pages: Sequence[PageDates | None], started_at: datetime) -> ListOrder:
        """Return the updated order after a full sweep. `pages` are in the order of the list."""
        proofs = self.proofs + 1 if shows_order(pages) else 0
        return ListOrder(proofs, len(pages), started_at, max((one.newest for one in pages if one), default=None))

    def after_front(self, pages: Sequence[PageDates | None]) -> ListOrder:
        """Return the updated order after a poll that stopped early."""
        newest = [one.newest for one in pages if one]
        return replace(self, newest=max([*newest, self.newest] if self.newest else newest, default=None))


class Front(Enum):
    """What the first pages of a list prove about the pages after them."""

    GOES_ON = "news may follow"
    SETTLED = "nothing new follows"
    UNSORTED = "the order does not hold"


def page_dates(rows: Sequence[Dated]) -> PageDates | None:
    """Return the dates of a page, or None if it has no rows, or a row without a date of change."""
    changed = [row.updated_at for row in rows if row.updated_at is not None]
    if not rows or len(changed) < len(rows):
        return None
    created = [row.created_at for row in rows if row.created_at is not None]
    return PageDates(
        newest=max(changed),
        oldest=min(changed),
        is_descending=all(one >= following for one, following in pairwise(changed)),
        contradicts_creation=any(one < following for one, following in pairwise(created)),
    )


def shows_order(pages: Sequence[PageDates | None]) -> bool:
    """Return whether all pages of a list prove that it is sorted by newest change first."""
    return _descends(pages) and any(one is not None and one.contradicts_creation for one in pages)


def judge_pages(pages: Sequence[PageDates | None], list_order: ListOrder, *, has_news: bool) -> Front:
    """Judge the pages read so far, in the order of the list. `has_news`: the last page brought something new.

    Whatever changed since the last poll has a date no earlier than the newest change known then. So a page without news
    that reaches further back has nothing new after it. A page that lies entirely in that very moment may have.
    """
    first, last = (pages[0], pages[-1]) if pages else (None, None)
    newest = list_order.newest
    if first is None or last is None or newest is None or not _descends(pages) or first.newest < newest:
        return Front.UNSORTED
    return Front.GOES_ON if has_news or last.oldest >= newest else Front.SETTLED


def _descends(pages: Sequence[PageDates | None]) -> bool:
    dates = [one for one in pages if one is not None]
    follows = all(one.oldest >= following.newest for one, following in pairwise(dates))
    return len(dates) == len(pages) and follows and all(one.is_descending for one in dates)
