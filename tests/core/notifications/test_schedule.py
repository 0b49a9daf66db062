"""When a channel gets its notifications: through nights, weekends and both changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.notifications.schedule import Rhythm, Schedule

LISBON = "Europe/Lisbon"
QUIET = Schedule(zone=LISBON, quiet_from=time(20), quiet_to=time(8), weekends=False)
DAILY = Schedule(zone=LISBON, rhythm=Rhythm.DAILY, at=time(9))
HOURLY = Schedule(zone="Asia/Kolkata", rhythm=Rhythm.HOURLY)


def at(text: str, zone: str = LISBON) -> datetime:
    """Return a moment by the clock of a place, with a final * for `fold`."""
    moment = datetime.fromisoformat(text.rstrip("*"))
    return moment.replace(tzinfo=ZoneInfo(zone), fold=int(text.endswith("*"))).astimezone(UTC)


@pytest.mark.parametrize(
    ("schedule", "seen", "due"),
    [
        (Schedule(), "2026-03-06T23:59", "2026-03-06T23:59"),
        # Quiet from 20:00 to 08:00, and on weekends: 6 March 2026 is a Friday.
        (QUIET, "2026-03-05T19:59", "2026-03-05T19:59"),
        (QUIET, "2026-03-05T20:00", "2026-03-06T08:00"),
        (QUIET, "2026-03-06T07:59", "2026-03-06T08:00"),
        (QUIET, "2026-03-06T20:00", "2026-03-09T08:00"),
        (QUIET, "2026-03-08T12:00", "2026-03-09T08:00"),
        (QUIET, "2026-03-09T08:00", "2026-03-09T08:00"),
        # Daily: later today, otherwise tomorrow. What happens at the very minute waits for the next day.
        (DAILY, "2026-03-05T08:59", "2026-03-05T09:00"),
        (DAILY, "2026-03-05T09:00", "2026-03-06T09:00"),
        (DAILY.model_copy(update={"weekends": False}), "2026-03-06T10:00", "2026-03-09T09:00"),
        (
            DAILY.model_copy(update={"quiet_from": time(8), "quiet_to": time(10)}),
            "2026-03-05T08:30",
            "2026-03-05T10:00",
        ),
        # The clocks go forward on 29 March 2026 at 01:00 and back on 25 October at 02:00.
        (DAILY, "2026-03-28T09:30", "2026-03-29T09:00"),
        (DAILY, "2026-10-24T09:30", "2026-10-25T09:00"),
        (DAILY.model_copy(update={"at": time(1, 30)}), "2026-03-29T00:30", "2026-03-29T02:30"),
        (DAILY.model_copy(update={"at": time(1, 30)}), "2026-10-25T00:30", "2026-10-25T01:30"),
        (DAILY.model_copy(update={"at": time(1, 30)}), "2026-10-25T01:10*", "2026-10-26T01:30"),
        (Schedule(zone=LISBON, quiet_from=time(22), quiet_to=time(1, 30)), "2026-10-25T01:10*", "2026-10-25T01:10*"),
        (Schedule(zone=LISBON, quiet_from=time(1), quiet_to=time(1, 45)), "2026-03-29T00:59", "2026-03-29T00:59"),
    ],
)
def test_when_a_notification_is_posted(schedule: Schedule, seen: str, due: str) -> None:
    """A table of moments, in Lisbon's time."""
    assert schedule.due_at(at(seen)) == at(due)


def test_an_hour_begins_by_the_clock_of_the_place() -> None:
    """In India the full hour is half past that of UTC."""
    assert HOURLY.due_at(datetime(2026, 3, 5, 10, 15, tzinfo=UTC)) == datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
    assert HOURLY.due_at(datetime(2026, 3, 5, 10, 30, tzinfo=UTC)) == datetime(2026, 3, 5, 11, 30, tzinfo=UTC)


times = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda each: each.replace(second=0, microsecond=0))
schedules = st.builds(
    Schedule,
    zone=st.sampled_from([LISBON, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    rhythm=st.sampled_from(Rhythm),
    at=times,
    quiet_from=st.none() | times,
    quiet_to=st.none() | times,
    weekends=st.booleans(),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@given(schedules, moments)
def test_every_moment_of_two_years_is_posted_within_the_rhythm(schedule: Schedule, seen: datetime) -> None:
    """Never before it was detected, within the rhythm and the quiet hours after it, and never in quiet hours."""
    due = schedule.due_at(seen)
    assert seen <= due <= seen + timedelta(days=5)
    assert schedule.loud_at(due) == due
    if schedule.rhythm is not Rhythm.AT_ONCE:
        assert due > seen


@given(schedules, moments)
def test_a_later_notification_is_never_posted_earlier(schedule: Schedule, seen: datetime) -> None:
    """What comes back as one summary is in order."""
    assert schedule.due_at(seen) <= schedule.due_at(seen + timedelta(minutes=7))


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(), "Notifications are posted right away."),
        (HOURLY, "Notifications are posted every hour. Time zone: Asia/Kolkata."),
        (DAILY, "Notifications are posted daily at 9:00 AM. Time zone: Europe/Lisbon."),
        (
            QUIET,
            (
                "Notifications are posted right away. Quiet hours are from 8:00 PM to 8:00 AM. Weekends are quiet. "
                "Time zone: Europe/Lisbon."
            ),
        ),
    ],
)
def test_a_schedule_is_explained_in_words(schedule: Schedule, words: str) -> None:
    """As in the answer of subscribe, and in why."""
    assert schedule.explain() == words


def test_a_zone_that_is_not_known_any_more_is_utc() -> None:
    """What was stored by another version or machine keeps nothing back forever."""
    assert Schedule(zone="Mars/Olympus").zone == "UTC"
    assert Schedule(zone="../../etc/passwd").zone == "UTC"


@pytest.mark.parametrize("zone", [LISBON, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_a_year_of_daily_summaries(zone: str) -> None:
    """Looked at every hour of a year: each day once, at nine by the clock of the place, through both of its changes."""
    daily, now = Schedule(zone=zone, rhythm=Rhythm.DAILY, at=time(9)), datetime(2026, 1, 1, tzinfo=UTC)
    due = {daily.due_at(now + timedelta(hours=hour)).astimezone(ZoneInfo(zone)) for hour in range(365 * 24)}
    assert {moment.time() for moment in due} == {time(9)}
    days = sorted(moment.date() for moment in due)
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=1)}
    assert len(days) == len(due) >= 365


def test_a_year_of_quiet_nights_and_weekends() -> None:
    """Of all hours of a year, those in working hours are posted at once, and the others at the next eight o'clock."""
    now, local_zone = datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo(LISBON)
    for hour in range(365 * 24):
        seen = now + timedelta(hours=hour)
        due, local = QUIET.due_at(seen).astimezone(local_zone), seen.astimezone(local_zone)
        is_loud = local.weekday() < 5 and 8 <= local.hour < 20
        assert (due == local) if is_loud else (due > local and due.time() == time(8))
