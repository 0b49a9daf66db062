"""When a channel is reminded, and how many working days lie between two moments: tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.notifications.reminders import is_due, working_days
from tests.core.notifications.test_schedule import LISBON, at

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "now", "days"),
    [
        ("2026-03-06T16:00", "2026-03-06T16:00", 0),
        ("2026-03-06T16:00", "2026-03-09T15:59", 0),
        ("2026-03-06T16:00", "2026-03-09T16:00", 1),
        ("2026-03-02T10:00", "2026-03-07T09:00", 4),
        ("2026-03-07T10:00", "2026-03-09T09:00", 0),
        ("2026-03-27T10:00", "2026-04-03T10:00", 5),
    ],
)
def test_working_days(since: str, now: str, days: int) -> None:
    """Whole days from Monday to Friday, by the clock of the place, over a change of the clock too."""
    assert working_days(at(since), at(now), LISBON) == days


@pytest.mark.parametrize(
    ("touched", "reminded", "due"),
    [
        (2 * DAY, None, False),
        (3 * DAY, None, True),
        (9 * DAY, 4 * DAY, False),
        (3 * DAY, 4 * DAY, True),
        (9 * DAY, 9 * DAY, False),
    ],
)
def test_a_reminder_comes_once_for_each_time_of_neglect(
    touched: timedelta, reminded: timedelta | None, due: bool
) -> None:
    """Ages, for three working days. NOW is a Thursday."""
    reminded_at = None if reminded is None else NOW - reminded
    assert is_due(NOW - touched, reminded_at, NOW, 3, "UTC") is due
