"""When a list counts as newest-changed-first, and when its front is enough (rule R5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.applications.list_order import (
    MAX_FULL_SWEEP_AGE,
    MAX_PAGES_READ_FULLY,
    MIN_PROOFS,
    Front,
    ListOrder,
    PageDates,
    judge_pages,
    page_dates,
    shows_order,
)
from bot.core.applications.model import Application

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: float | None) -> datetime | None:
    """Return the moment so many minutes after noon."""
    return None if minutes is None else NOON + minutes * MINUTE


def row(changed: float | None, created: float | None = None) -> Application:
    """Make a row that changed and was made at those minutes."""
    return Application(id="1", updated_at=at(changed), created_at=at(created))


def span(newest: float, oldest: float, *, is_descending: bool = True, contradicts_creation: bool = False) -> PageDates:
    """Make what a page shows that spans those minutes."""
    return PageDates(NOON + newest * MINUTE, NOON + oldest * MINUTE, is_descending, contradicts_creation)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([row(5), row(None)], None),
        ([row(5)], span(5, 5)),
        ([row(5), row(5), row(3)], span(5, 3)),
        ([row(3), row(5)], span(5, 3, is_descending=False)),
        ([row(5, 1), row(4, 2)], span(5, 4, contradicts_creation=True)),
        ([row(5, 2), row(4, 2), row(3, 1)], span(5, 3)),
        ([row(5, None), row(4, 2)], span(5, 4)),
    ],
)
def test_what_a_page_shows(rows: list[Application], expected: PageDates | None) -> None:
    """R5: its newest and oldest change, whether it falls, and whether the order is another than that of creation."""
    assert page_dates(rows) == expected


@pytest.mark.parametrize(
    ("pages", "is_shown"),
    [
        ([], False),
        ([span(9, 7, contradicts_creation=True), span(7, 5)], True),
        ([span(9, 7), span(7, 5)], False),  # an order of creation may look like this
        ([span(9, 7, contradicts_creation=True), span(8, 5)], False),
        ([span(9, 7, contradicts_creation=True), span(7, 5, is_descending=False)], False),
        ([span(9, 7, contradicts_creation=True), None], False),
    ],
)
def test_what_proves_the_order(pages: list[PageDates | None], *, is_shown: bool) -> None:
    """R5: it falls over all pages, and can't be the order of creation."""
    assert shows_order(pages) is is_shown


HABIT = ListOrder(MIN_PROOFS, 100, NOON, NOON)


@pytest.mark.parametrize(
    ("pages", "has_news", "verdict"),
    [
        ([span(0, -9)], False, Front.SETTLED),
        ([span(3, -9)], False, Front.SETTLED),
        ([span(3, -9)], True, Front.GOES_ON),
        ([span(3, 1), span(1, -9)], False, Front.SETTLED),
        ([span(0, 0)], False, Front.GOES_ON),  # all of one moment: news of that moment may stand behind it
        ([span(3, 0), span(0, 0), span(0, -1)], False, Front.SETTLED),
        ([span(-1, -9)], False, Front.UNSORTED),  # the newest that was known is not at the front any more
        ([span(0, -9, is_descending=False)], False, Front.UNSORTED),
        ([span(3, 1), span(2, -9)], False, Front.UNSORTED),
        ([span(3, 1), None], True, Front.UNSORTED),
        ([None], False, Front.UNSORTED),
        ([], False, Front.UNSORTED),
    ],
)
def test_when_the_front_of_a_list_is_enough(pages: list[PageDates | None], verdict: Front, *, has_news: bool) -> None:
    """R5: nothing follows a page without news that reaches behind what was known. A broken order is seen at once."""
    assert judge_pages(pages, HABIT, has_news=has_news) is verdict


def test_without_a_known_change_nothing_is_settled() -> None:
    """R5: without any date of a change, the front settles nothing."""
    assert judge_pages([span(0, -9)], ListOrder(), has_news=False) is Front.UNSORTED


STRETCHES = [span(9, 7, contradicts_creation=True), span(7, 5), span(5, 3), span(3, 1)]


@pytest.mark.parametrize("broken_at", [None, 0, 1, 2])
def test_the_order_must_show_several_times_in_a_row(broken_at: int | None) -> None:
    """R5: full sweeps in order are counted, and one that isn't restarts the count."""
    list_order = ListOrder()
    for turn in range(MIN_PROOFS):
        assert not list_order.allows_front(NOON, MINUTE)
        pages = [span(1, 1), *STRETCHES] if turn == broken_at else STRETCHES
        list_order = list_order.after_full(pages, NOON)
    assert list_order.allows_front(NOON, MINUTE) is (broken_at is None)


@pytest.mark.parametrize(
    ("passed", "interval", "is_allowed"),
    [
        (timedelta(0), MINUTE, True),
        (MAX_FULL_SWEEP_AGE - MINUTE, MINUTE, True),
        (MAX_FULL_SWEEP_AGE - MINUTE / 2, MINUTE, False),  # the next cycle would come too late
        (MAX_FULL_SWEEP_AGE, MINUTE, False),
        (timedelta(0), MAX_FULL_SWEEP_AGE, True),
        (timedelta(0), MAX_FULL_SWEEP_AGE + MINUTE, False),
    ],
)
def test_a_full_sweep_comes_at_least_each_quarter_of_an_hour(
    passed: timedelta, interval: timedelta, *, is_allowed: bool
) -> None:
    """R5: lateness stands anywhere in the list, so that no two full sweeps are further apart, whatever the interval."""
    assert HABIT.allows_front(NOON + passed, interval) is is_allowed


@pytest.mark.parametrize(("pages", "is_allowed"), [(MAX_PAGES_READ_FULLY, False), (MAX_PAGES_READ_FULLY + 1, True)])
def test_a_short_list_is_always_read_whole(pages: int, *, is_allowed: bool) -> None:
    """R5: where it costs nothing, everything is seen at once."""
    assert ListOrder(MIN_PROOFS, pages, NOON, NOON).allows_front(NOON, MINUTE) is is_allowed


def test_what_a_front_showed_is_remembered() -> None:
    """R5: the newest change only moves forward with each front, and a full sweep sets it again."""
    list_order = HABIT.after_front([span(5, -1)])
    assert list_order == ListOrder(MIN_PROOFS, 100, NOON, at(5))
    assert list_order.after_front([span(3, -1)]).newest == at(5)
    assert list_order.after_full([span(2, 1, contradicts_creation=True), None, span(1, 0)], NOON).newest == at(2)
