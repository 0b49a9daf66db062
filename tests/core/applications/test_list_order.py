"""When a list counts as newest-changed-first, and when its front tells of the rest (rule R5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.applications.list_order import (
    FEW,
    OLDEST_FULL,
    PROOFS,
    Front,
    Habit,
    Stretch,
    judge_front,
    shows_order,
    stretch,
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


def span(newest: float, oldest: float, *, falls: bool = True, mixed: bool = False) -> Stretch:
    """Make what a page shows that spans those minutes."""
    return Stretch(NOON + newest * MINUTE, NOON + oldest * MINUTE, falls, mixed)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([row(5), row(None)], None),
        ([row(5)], span(5, 5)),
        ([row(5), row(5), row(3)], span(5, 3)),
        ([row(3), row(5)], span(5, 3, falls=False)),
        ([row(5, 1), row(4, 2)], span(5, 4, mixed=True)),
        ([row(5, 2), row(4, 2), row(3, 1)], span(5, 3)),
        ([row(5, None), row(4, 2)], span(5, 4)),
    ],
)
def test_what_a_page_shows(rows: list[Application], expected: Stretch | None) -> None:
    """R5: its newest and oldest change, whether it falls, and whether the order is another than that of creation."""
    assert stretch(rows) == expected


@pytest.mark.parametrize(
    ("pages", "is_shown"),
    [
        ([], False),
        ([span(9, 7, mixed=True), span(7, 5)], True),
        ([span(9, 7), span(7, 5)], False),  # an order of creation may look like this
        ([span(9, 7, mixed=True), span(8, 5)], False),
        ([span(9, 7, mixed=True), span(7, 5, falls=False)], False),
        ([span(9, 7, mixed=True), None], False),
    ],
)
def test_what_proves_the_order(pages: list[Stretch | None], *, is_shown: bool) -> None:
    """R5: it falls over all pages, and can't be the order of creation."""
    assert shows_order(pages) is is_shown


HABIT = Habit(PROOFS, 100, NOON, NOON)


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
        ([span(0, -9, falls=False)], False, Front.UNSORTED),
        ([span(3, 1), span(2, -9)], False, Front.UNSORTED),
        ([span(3, 1), None], True, Front.UNSORTED),
        ([None], False, Front.UNSORTED),
        ([], False, Front.UNSORTED),
    ],
)
def test_what_the_front_tells(pages: list[Stretch | None], verdict: Front, *, has_news: bool) -> None:
    """R5: nothing follows a page without news that reaches behind what was known; a broken order is seen at once."""
    assert judge_front(pages, HABIT, has_news=has_news) is verdict


def test_without_a_known_change_nothing_is_settled() -> None:
    """R5: where no date of a change was ever told the front tells nothing."""
    assert judge_front([span(0, -9)], Habit(), has_news=False) is Front.UNSORTED


STRETCHES = [span(9, 7, mixed=True), span(7, 5), span(5, 3), span(3, 1)]


@pytest.mark.parametrize("broken_at", [None, 0, 1, 2])
def test_the_order_must_show_several_times_in_a_row(broken_at: int | None) -> None:
    """R5: full sweeps that show it are counted, and one that does not begins the count anew."""
    habit = Habit()
    for turn in range(PROOFS):
        assert not habit.allows_front(NOON, MINUTE)
        pages = [span(1, 1), *STRETCHES] if turn == broken_at else STRETCHES
        habit = habit.after_full(pages, NOON)
    assert habit.allows_front(NOON, MINUTE) is (broken_at is None)


@pytest.mark.parametrize(
    ("passed", "interval", "is_allowed"),
    [
        (timedelta(0), MINUTE, True),
        (OLDEST_FULL - MINUTE, MINUTE, True),
        (OLDEST_FULL - MINUTE / 2, MINUTE, False),  # the next cycle would come too late
        (OLDEST_FULL, MINUTE, False),
        (timedelta(0), OLDEST_FULL, True),
        (timedelta(0), OLDEST_FULL + MINUTE, False),
    ],
)
def test_a_full_sweep_comes_at_least_each_quarter_of_an_hour(
    passed: timedelta, interval: timedelta, *, is_allowed: bool
) -> None:
    """R5: lateness stands anywhere in the list, so that no two full sweeps are further apart, whatever the interval."""
    assert HABIT.allows_front(NOON + passed, interval) is is_allowed


@pytest.mark.parametrize(("pages", "is_allowed"), [(FEW, False), (FEW + 1, True)])
def test_a_short_list_is_always_read_whole(pages: int, *, is_allowed: bool) -> None:
    """R5: where it costs nothing, everything is seen at once."""
    assert Habit(PROOFS, pages, NOON, NOON).allows_front(NOON, MINUTE) is is_allowed


def test_what_a_front_showed_is_remembered() -> None:
    """R5: the newest change moves on with each reading and never back, and a full sweep sets it anew."""
    habit = HABIT.after_front([span(5, -1)])
    assert habit == Habit(PROOFS, 100, NOON, at(5))
    assert habit.after_front([span(3, -1)]).newest == at(5)
    assert habit.after_full([span(2, 1, mixed=True), None, span(1, 0)], NOON).newest == at(2)
