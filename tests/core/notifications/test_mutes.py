"""Until when something is muted, as people write it, and what holds a notification."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.notifications.holds import HoldUntil, active_hold
from bot.core.notifications.mutes import MAX_MUTE, Mute, Subject, parse_until
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.core.notifications.states import Hold

LISBON = ZoneInfo("Europe/Lisbon")
SUBJECT = Subject(3, "7", "late")
NOW = datetime(2026, 3, 5, 14, 30, tzinfo=LISBON)  # a Thursday


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2h", "2026-03-05 16:30"),
        ("30 min", "2026-03-05 15:00"),
        ("1d12h", "2026-03-07 02:30"),
        ("for 2 weeks", "2026-03-19 14:30"),
        ("until tomorrow", "2026-03-06 09:00"),
        ("Tomorrow 8:15", "2026-03-06 08:15"),
        ("tomorrow at 5pm", "2026-03-06 17:00"),
        ("monday", "2026-03-09 09:00"),
        ("until Mon 12:00", "2026-03-09 12:00"),
        ("thursday", "2026-03-12 09:00"),
        ("18:00", "2026-03-05 18:00"),
        ("18h30", "2026-03-05 18:30"),
        ("9am", "2026-03-06 09:00"),
        ("12am", "2026-03-06 00:00"),
        ("1am", "2026-03-06 01:00"),
        ("12pm", "2026-03-06 12:00"),
        ("23:59", "2026-03-05 23:59"),
        ("noon", "2026-03-06 12:00"),
        ("today 18:00", "2026-03-05 18:00"),
        ("2026-12-24", "2026-12-24 09:00"),
        ("2026-03-30 9:00", "2026-03-30 09:00"),  # after the clocks went forward
        ("today at 4:15 PM", "2026-03-05 16:15"),
        ("Nov 24", "2026-11-24 09:00"),
        ("until Nov 24 at 4:15 PM", "2026-11-24 16:15"),
        ("Nov 24, 2026 at 4:15\u202fPM", "2026-11-24 16:15"),
        ("24 November, 16:15", "2026-11-24 16:15"),
        ("Jan 2", "2027-01-02 09:00"),
    ],
)
def test_an_end_is_understood(text: str, until: str) -> None:
    """Durations count from now. Days and times are in the zone of the person, and a day alone starts at nine."""
    expected = datetime.fromisoformat(until).replace(tzinfo=LISBON)
    assert parse_until(text, NOW, LISBON.key) == expected.astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "123",
        "2x",
        "24:00",
        "9:60",
        "25:00",
        "0am",
        "13pm",
        "mo",
        "h",
        "tomorrow soon",
        "2026-13-01",
        "feb 30",
        "smarch 3",
        "nov 24 at soon",
    ],
)
def test_what_is_no_end_is_answered_with_what_would_be(text: str) -> None:
    """With examples, and with what was typed."""
    with pytest.raises(UsageError, match=r"as a time\. Try `2h`"):
        parse_until(text, NOW, "UTC")


@pytest.mark.parametrize(
    ("text", "other"),
    [("foo 2h", "foo"), ("2h foo bar", "foo bar"), ("foo until tomorrow 9:00", "foo"), ("`a 2h", "'a")],
)
def test_what_stands_beside_an_end_is_named(text: str, other: str) -> None:
    """The end is fine: the answer is about the word that is neither an event nor an application."""
    with pytest.raises(
        UsageError, match=f"I don't understand `{other}`. Besides a time, you can type events"
    ) as caught:
        parse_until(text, NOW, "Europe/Lisbon")
    assert "created, late, pending, submitted, approved" in caught.value.detail


@pytest.mark.parametrize("text", ["monday 9", "foo bar", "tomorrow 25:00"])
def test_an_end_that_is_wrong_as_a_whole_is_shown_whole(text: str) -> None:
    """A number beside a day was meant as its time."""
    with pytest.raises(UsageError, match=f"I don't understand “{text}” as a time."):
        parse_until(text, NOW, "Europe/Lisbon")


def test_an_end_lies_ahead_and_not_too_far() -> None:
    """A past one mutes nothing, a far one is an unsubscription in disguise."""
    with pytest.raises(UsageError, match="is in the past"):
        parse_until("2026-03-05 14:30", NOW, LISBON.key)
    assert parse_until("366d", NOW, "UTC") == NOW + timedelta(days=366)
    for far in ("367d", "60w", "999999w", "2099-01-01"):
        with pytest.raises(UsageError, match="more than a year away"):
            parse_until(far, NOW, "UTC")


@given(st.text(max_size=30))
def test_any_text_is_an_end_within_a_year_or_a_sentence(text: str) -> None:
    """Nothing else ever comes out."""
    try:
        until = parse_until(text, NOW, "UTC")
    except UsageError:
        return
    assert timedelta(0) < until - NOW <= MAX_MUTE


HOUR = NOW + timedelta(hours=1)
DAILY = Schedule(zone="UTC", rhythm=Rhythm.DAILY, at=time(9))
NIGHT = Schedule(zone="UTC", quiet_from=time(14), quiet_to=time(16))


@pytest.mark.parametrize(
    ("schedule", "mutes", "waited", "kept"),
    [
        (Schedule(), [], False, None),
        (Schedule(), [Mute("other"), Mute("", "created")], False, None),
        (Schedule(), [Mute("7", "", HOUR)], False, ("mute", HOUR)),
        (
            Schedule(),
            [Mute("", "late", HOUR), Mute(until=HOUR + timedelta(hours=1))],
            False,
            ("mute", HOUR + timedelta(hours=1)),
        ),
        (Schedule(), [Mute("7", "late", HOUR), Mute()], True, ("mute", None)),
        (Schedule(), [Mute("7", "", HOUR, connection_id=3)], False, ("mute", HOUR)),
        (Schedule(), [Mute("7", "", HOUR, connection_id=4), Mute(connection_id=4)], False, None),
        (DAILY, [], False, ("schedule", datetime(2026, 3, 6, 9, tzinfo=UTC))),
        (DAILY, [], True, None),
        (NIGHT, [], True, ("schedule", datetime(2026, 3, 5, 16, tzinfo=UTC))),
        (NIGHT, [Mute("7", "late", HOUR)], True, ("mute", HOUR)),
    ],
)
def test_what_holds_a_notification(
    schedule: Schedule, mutes: list[Mute], waited: bool, kept: tuple[str, datetime | None] | None
) -> None:
    """Mutes first, the longest of them, and then the schedule, whose rhythm is waited for once."""
    hold = active_hold(schedule, mutes, SUBJECT, NOW, waited=waited)
    assert (hold and (hold.hold, hold.until)) == kept


def test_a_hold_says_why() -> None:
    """For `why`."""
    assert active_hold(DAILY, [], SUBJECT, NOW) == HoldUntil(
        Hold.SCHEDULE, datetime(2026, 3, 6, 9, tzinfo=UTC), 'scheduled:{"rhythm":"daily"}'
    )
