"""When an outage is one, and when a poller stands still: tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.staleness import ReadingState, is_overdue

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("interval", "failing_for", "is_reported"),
    [(1, None, False), (1, 4.9, False), (1, 5, True), (3, 8.9, False), (3, 9, True)],
)
def test_an_outage_begins_after_five_minutes_or_three_intervals(
    interval: float, failing_for: float | None, is_reported: bool
) -> None:
    """Minutes, minutes."""
    since = None if failing_for is None else NOW - failing_for * MINUTE
    assert ReadingState(interval * MINUTE, failing_since=since).is_outage(NOW) is is_reported


@pytest.mark.parametrize(("interval", "seconds", "overdue"), [(60, 149, False), (60, 151, True), (1, 33, True)])
def test_a_poll_that_does_not_come_is_overdue(interval: float, seconds: float, *, overdue: bool) -> None:
    """C7: after another interval, and half a minute for the poll itself."""
    assert is_overdue(NOW - timedelta(seconds=seconds), timedelta(seconds=interval), NOW) is overdue


@pytest.mark.parametrize(
    ("last_poll", "watched", "lease", "stalled"),
    [
        (1, 60, None, False),
        (5, 60, None, True),
        (5, 60, -1, True),
        (5, 60, 1, False),  # someone leads: a long poll
        (30, 60, 1, True),  # too long even for that
        (5, 4, None, False),  # it is watched since a moment ago
        (None, 5, None, True),
    ],
)
def test_a_poller_that_stands_still(
    last_poll: float | None, watched: float, lease: float | None, stalled: bool
) -> None:
    """Minutes since the last poll ended and since it is watched, and until the lease ends."""
    reading = ReadingState(
        MINUTE,
        last_poll_at=None if last_poll is None else NOW - last_poll * MINUTE,
        lease_until=None if lease is None else NOW + lease * MINUTE,
    )
    assert reading.is_stalled(NOW, NOW - watched * MINUTE) is stalled


@pytest.mark.parametrize(("lease", "minutes"), [(None, 30), (1, 100)])
def test_rare_polls_have_more_time(lease: float | None, minutes: float) -> None:
    """Three times the interval, or ten times where someone leads."""
    lease_until = None if lease is None else NOW + lease * MINUTE
    for late, stalled in ((-1, False), (0, True)):
        last = NOW - (minutes + late) * MINUTE
        assert ReadingState(10 * MINUTE, None, last, lease_until).is_stalled(NOW, NOW - timedelta(days=1)) is stalled
