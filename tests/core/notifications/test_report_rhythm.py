"""When reports come: once a week or a month, also over changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.notifications.mutes import Mute
from bot.core.notifications.report_rhythm import ReportRhythm, explain, next_report_at, put_off_until
from bot.core.notifications.schedule import Schedule

WEEKLY, MONTHLY = ReportRhythm.WEEKLY, ReportRhythm.MONTHLY


def moment(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "zone", "at", "after", "due"),
    [
        (WEEKLY, "UTC", time(9), "2026-11-25 12:00", "2026-11-30 09:00"),
        (WEEKLY, "UTC", time(9), "2026-11-30 08:59", "2026-11-30 09:00"),
        (WEEKLY, "UTC", time(9), "2026-11-30 09:00", "2026-12-07 09:00"),
        (MONTHLY, "UTC", time(9), "2026-11-01 09:00", "2026-12-01 09:00"),
        (MONTHLY, "UTC", time(9), "2026-12-31 23:00", "2027-01-01 09:00"),
        (MONTHLY, "UTC", time(9), "2027-01-01 09:00", "2027-02-01 09:00"),
        # It is Monday in Auckland while it is Sunday in UTC.
        (WEEKLY, "Pacific/Auckland", time(9), "2026-11-25 12:00", "2026-11-29 20:00"),
        # The clocks go back in Lisbon on the night to a Sunday: Monday 9:00 is an hour later in UTC.
        (WEEKLY, "Europe/Lisbon", time(9), "2026-10-19 08:00", "2026-10-26 09:00"),
        # On Lord Howe Island they are set by half an hour.
        (WEEKLY, "Australia/Lord_Howe", time(2, 15), "2026-10-04 20:00", "2026-10-11 15:15"),
        # They go forward in Lisbon on the night to a Sunday: Monday 1:30 is an hour earlier in UTC.
        (WEEKLY, "Europe/Lisbon", time(1, 30), "2026-03-23 01:30", "2026-03-30 00:30"),
    ],
)
def test_the_next_report_is_at_the_channels_daily_time(
    rhythm: ReportRhythm, zone: str, at: time, after: str, due: str
) -> None:
    """At the channel's daily time in its zone."""
    assert next_report_at(rhythm, Schedule(zone=zone, at=at), moment(after)) == moment(due)


def test_a_report_at_a_skipped_time_comes_an_hour_later() -> None:
    """In Asuncion the clocks were set at midnight: there was no 0:30 that day."""
    schedule = Schedule(zone="America/Asuncion", at=time(0, 30))
    # October 1, 2023 began at 1:00 there.
    assert next_report_at(MONTHLY, schedule, moment("2023-09-15 00:00")) == moment("2023-10-01 04:30")


def test_a_report_at_a_repeated_time_comes_once() -> None:
    """November 1, 2026 has 1:30 twice in New York: the first one counts, and the next report is a month later."""
    schedule = Schedule(zone="America/New_York", at=time(1, 30))
    first = next_report_at(MONTHLY, schedule, moment("2026-10-15 00:00"))
    assert first == moment("2026-11-01 05:30")
    assert next_report_at(MONTHLY, schedule, first + timedelta(hours=1)) == moment("2026-12-01 06:30")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  made aware below
    st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    st.times(),
    st.sampled_from(list(ReportRhythm)),
)
def test_the_next_report_is_after_now_and_within_its_period(
    now: datetime, zone: str, at: time, rhythm: ReportRhythm
) -> None:
    """There is always a next one, on the right day, and never the same one again."""
    after, schedule = now.replace(tzinfo=UTC), Schedule(zone=zone, at=at)
    due = next_report_at(rhythm, schedule, after)
    assert timedelta(0) < due - after <= timedelta(days=8 if rhythm is WEEKLY else 33)
    local = due.astimezone(ZoneInfo(zone))
    assert (local.weekday() == 0) if rhythm is WEEKLY else (local.day == 1)
    assert next_report_at(rhythm, schedule, due) - due > timedelta(days=6)


def test_a_report_rhythm_is_explained_in_words() -> None:
    """In the channel's own time."""
    schedule = Schedule(zone="Europe/Lisbon")
    assert explain(WEEKLY, schedule) == "A report is posted on Mondays at 9:00 AM, Europe/Lisbon time."
    assert explain(MONTHLY, schedule) == "A report is posted on the first of each month at 9:00 AM, Europe/Lisbon time."


QUIET = Schedule(at=time(9), quiet_from=time(8), quiet_to=time(10))
NOON, LATER = moment("2026-11-30 12:00"), moment("2026-12-02 12:00")


@pytest.mark.parametrize(
    ("mutes", "schedule", "until"),
    [
        ([], Schedule(at=time(9)), None),
        ([Mute(application_id="7"), Mute(trigger="late")], Schedule(at=time(9)), None),
        ([Mute(until=NOON)], Schedule(at=time(9)), NOON),
        ([Mute(until=NOON), Mute(until=LATER)], Schedule(at=time(9)), LATER),
        ([Mute(until=LATER), Mute()], Schedule(at=time(9)), moment("2026-12-07 09:00")),
        ([], QUIET, moment("2026-11-30 10:00")),
        ([Mute(until=NOON)], QUIET, NOON),
    ],
)
def test_a_mute_of_everything_or_quiet_hours_put_a_report_off(
    mutes: list[Mute], schedule: Schedule, until: datetime | None
) -> None:
    """The last mute counts, and with one that has no end the report is skipped: the next one comes as usual."""
    assert put_off_until(WEEKLY, schedule, mutes, moment("2026-11-30 09:00")) == until
