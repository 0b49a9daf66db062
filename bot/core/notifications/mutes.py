"""Mutes: what a channel doesn't get for a while, and until when: `2h`, `tomorrow 9:00`, `monday`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.applications.triggers import TRIGGERS
from bot.core.dates import read_day
from bot.core.errors import UsageError
from bot.core.language import N_, _
from bot.core.typed_text import fold

MORNING = time(9)
"""The time of a day that was typed without one."""

MAX_MUTE = timedelta(days=366)

OFFERED: Mapping[str, str] = {
    N_("1 hour"): "1h",
    N_("Until tomorrow"): "tomorrow",
    N_("Until Monday"): "monday",
    N_("1 week"): "1w",
}
"""How long to mute, as buttons: by label what each adds to the command."""

EXAMPLES = N_("`2h`, `30m`, `3d`, `tomorrow 9:00`, `monday`, `18:00` or `2026-12-24`")

_DURATION = re.compile(r"(?:[0-9]{1,6}(?:w|d|h|m) ?)+")
_PIECE = re.compile(r"([0-9]{1,6})([wdhm])")
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_LONG_UNITS = re.compile(r"(?<=[0-9]) ?(w|d|h|m)(?:eeks?|ays?|ours?|rs?|in|ins|inutes?)\b")
_TIME = re.compile(r"([0-9]{1,2})(?:[:h.]([0-9]{2}))?\s*(am|pm)?")
_DAY_AND_TIME = re.compile(r"(.+?),?(?: at)? ([0-9]{1,2}[:h.][0-9]{2}(?: ?[ap]m)?|[0-9]{1,2} ?[ap]m|noon)")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST_DAY = 3  # letters: mon, tue


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notification is about: an event of an application of an account."""

    connection_id: int
    application_id: str
    trigger: str


@dataclass(frozen=True, slots=True)
class Mute:
    """One mute. Empty fields cover every application, event or account. `until` None: until someone ends it."""

    application_id: str = ""
    trigger: str = ""
    until: datetime | None = None
    connection_id: int = 0

    def covers(self, subject: Subject) -> bool:
        """Return whether it holds notifications about `subject`."""
        return (
            self.connection_id in {0, subject.connection_id}
            and self.application_id in {"", subject.application_id}
            and self.trigger in {"", subject.trigger}
        )


def parse_until(text: str, now: datetime, zone: str) -> datetime:
    """Parse the end of a mute, in UTC. `now` (aware) is the present. `zone` is the typist's time zone.

    Accepts a duration (`2h`, `1d12h`), a time of day (its next occurrence), `tomorrow`, a weekday or a date as it is
    shown (`Nov 24 at 4:15 PM`), the last three with or without a time. Without one they mean 9:00. Raises UsageError
    for anything else, for the past, and for more than a year ahead.
    """
    until = _end(text, now, zone)
    if until is None and (other := _beside_end(text.split(), now, zone)):
        raise UsageError(
            _(
                "I don't understand `{text}`. Besides a time, you can type events ({events}) or an application "
                "number. Without either, everything is muted.",
                text=other[:40].replace("`", "'"),
                events=", ".join(TRIGGERS),
            )
        )
    if until is None:
        raise UsageError(
            _("I don't understand “{text}” as a time. Try {examples}.", text=text.strip()[:40], examples=_(EXAMPLES))
        )
    if until <= now:
        raise UsageError(_("“{text}” is in the past. Try {examples}.", text=text.strip()[:40], examples=_(EXAMPLES)))
    if until - now > MAX_MUTE:
        raise UsageError(
            _(
                "“{text}” is more than a year away. To stop notifications, use `/clust unsubscribe`.",
                text=text.strip()[:40],
            )
        )
    return until.astimezone(UTC)


def _end(text: str, now: datetime, zone: str) -> datetime | None:
    typed = fold(text).removeprefix("until ").removeprefix("for ").strip()
    return _length(typed, now) or _point(typed, now.astimezone(ZoneInfo(zone)))


def _beside_end(words: Sequence[str], now: datetime, zone: str) -> str:
    """Return the words before an end that is understood by itself, or after a duration.

    Empty if there are none. What follows a day, and what has digits, was meant as part of the end.
    """
    for at in range(1, len(words)):
        first, second = " ".join(words[:at]), " ".join(words[at:])
        if not re.search(r"\d", first) and _end(second, now, zone):
            return first
        if not re.search(r"\d", second) and _length(fold(first).removeprefix("for "), now):
            return second
    return ""


def _length(typed: str, now: datetime) -> datetime | None:
    short = _LONG_UNITS.sub(r"\1", typed)
    if not _DURATION.fullmatch(short):
        return None
    try:
        return now + sum((int(count) * _UNITS[unit] for count, unit in _PIECE.findall(short)), timedelta())
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _point(typed: str, local_now: datetime) -> datetime | None:
    """Return the moment for a day, a time, or both, from the present on."""
    if (at := _time(typed)) is not None:
        today = datetime.combine(local_now.date(), at, local_now.tzinfo)
        is_past = today.astimezone(UTC) <= local_now.astimezone(UTC)
        return today if not is_past else datetime.combine(local_now.date() + timedelta(days=1), at, local_now.tzinfo)
    if day := _day(typed, local_now.date()):
        return datetime.combine(day, MORNING, local_now.tzinfo)
    parts = _DAY_AND_TIME.fullmatch(typed)
    day, at = (_day(parts[1], local_now.date()), _time(parts[2])) if parts else (None, None)
    return None if day is None or at is None else datetime.combine(day, at, local_now.tzinfo)


def _day(word: str, today: date) -> date | None:
    if word in {"today", "tomorrow"}:
        return today + timedelta(days=word == "tomorrow")
    for number, name in enumerate(_WEEKDAYS):
        if len(word) >= _SHORTEST_DAY and name.startswith(word):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return read_day(word, today)


def _time(text: str) -> time | None:
    """Parse `9:00`, `9am`, `18h30`, `noon`. A bare number isn't a time: it may be an application."""
    if text == "noon":
        return time(12)
    parts = _TIME.fullmatch(text)
    if parts is None or not (parts[2] or parts[3]):
        return None
    hour, minute = int(parts[1]), int(parts[2] or 0)
    if parts[3]:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock of twelve hours
            return None
        hour = hour % 12 + (12 if parts[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours and minutes
