"""When a channel gets its notifications: immediately, hourly or daily, outside quiet hours and, optionally, weekends.

Everything is computed in the channel's time zone and returned in UTC. If the clocks skip the daily time, it is an hour
later that day. If they repeat it, the first one counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.core.dates import time_in_words
from bot.core.language import _
from bot.core.notifications.reasons import SCHEDULED
from bot.core.stored_reasons import StoredReason

SATURDAY = 5
"""By `date.weekday`."""

_DAY = timedelta(days=1)
_MAX_STEPS = 16
"""Quiet periods in a row after which a schedule without any other time is ignored."""


class Rhythm(StrEnum):
    """How often a channel gets its notifications."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


def _known_zone(value: Any) -> Any:
    """Replace a zone that this machine doesn't know by UTC, so that nothing is held because of it."""
    try:
        return ZoneInfo(str(value)).key
    except (ValueError, OSError, KeyError):
        return "UTC"


class Schedule(BaseModel):
    """A channel's schedule. `at` is the daily time. Quiet hours last from one time of day to another."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    zone: Annotated[str, BeforeValidator(_known_zone)] = "UTC"
    rhythm: Rhythm = Rhythm.AT_ONCE
    at: time = time(9)
    quiet_from: time | None = None
    quiet_to: time | None = None
    weekends: bool = True

    @property
    def always_posts(self) -> bool:
        """Whether nothing is ever held."""
        return self.rhythm is Rhythm.AT_ONCE and not self._has_quiet_hours and self.weekends

    @property
    def _has_quiet_hours(self) -> bool:
        return self.quiet_from is not None and self.quiet_to is not None and self.quiet_from != self.quiet_to

    def due_at(self, seen_at: datetime) -> datetime:
        """Return when something seen at `seen_at` (aware) may be posted: then or later, in UTC."""
        return self.loud_at(self._in_rhythm(seen_at.astimezone(UTC)))

    def loud_at(self, now: datetime) -> datetime:
        """Return `now`, or the end of the quiet period that it lies in, in UTC."""
        moment = now.astimezone(UTC)
        for _step in range(_MAX_STEPS):
            later = max((end for start, end in self._quiet_around(moment) if start <= moment < end), default=moment)
            if later == moment:
                return moment
            moment = later
        return now.astimezone(UTC)  # pragma: no cover  a minute of each day is loud. If not, nothing is lost

    def as_reason(self) -> str:
        """Return the reason to store for what this schedule holds."""
        return str(StoredReason(SCHEDULED, self.model_dump_json(exclude_defaults=True)))

    def explain(self) -> str:
        """Return it in sentences, such as: Notifications are posted daily at 9:00 AM. Weekends are quiet."""
        rhythms = {
            Rhythm.AT_ONCE: _("Notifications are posted right away."),
            Rhythm.HOURLY: _("Notifications are posted every hour."),
            Rhythm.DAILY: _("Notifications are posted daily at {time}.", time=time_in_words(self.at)),
        }
        parts = [rhythms[self.rhythm]]
        if self.quiet_from is not None and self.quiet_to is not None and self._has_quiet_hours:
            start, end = time_in_words(self.quiet_from), time_in_words(self.quiet_to)
            parts.append(_("Quiet hours are from {start} to {end}.", start=start, end=end))
        if not self.weekends:
            parts.append(_("Weekends are quiet."))
        if not self.always_posts:
            parts.append(_("Time zone: {zone}.", zone=self.zone))
        return " ".join(parts)

    def _in_rhythm(self, moment: datetime) -> datetime:
        local = moment.astimezone(ZoneInfo(self.zone))
        match self.rhythm:
            case Rhythm.AT_ONCE:
                return moment
            case Rhythm.HOURLY:
                past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
                return moment - past + timedelta(hours=1)
            case Rhythm.DAILY:  # pragma: no branch  there is no fourth
                # The same hour of the next day may already be past where the clocks went back in between.
                days = (local.date() + number * _DAY for number in range(5))
                moments = (self._moment(day, self.at) for day in days if self.weekends or day.weekday() < SATURDAY)
                return next(at for at in moments if at > moment)

    def _quiet_around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the start and end of each quiet period that may include a moment."""
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        if not self.weekends:
            saturday = today - (today.weekday() - SATURDAY) % 7 * _DAY
            yield self._moment(saturday, time()), self._moment(saturday + 2 * _DAY, time())
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return
        for day in (today - _DAY, today):
            ends = day if self.quiet_from < self.quiet_to else day + _DAY
            yield self._moment(day, self.quiet_from), self._moment(ends, self.quiet_to)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
