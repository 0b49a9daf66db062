"""When a channel gets its next report, and until when a mute or quiet hours put it off. Pure.

It comes at the channel's daily time, in its time zone. If the clocks skip that time, it is an hour later that day. If
they repeat it, the first one counts, and there is still one report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.dates import time_in_words
from bot.core.language import _
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Schedule

MISSED_AFTER = timedelta(hours=1)
"""A report that is later than this says when it was due."""

_MAX_DAYS = 32


class ReportRhythm(StrEnum):
    """How often a channel gets a report."""

    WEEKLY = "weekly"
    """On Mondays."""
    MONTHLY = "monthly"
    """On the first of the month."""


def next_report_at(rhythm: ReportRhythm, schedule: Schedule, after: datetime) -> datetime:
    """Return the first moment after `after` (aware) at which a report is due, in UTC."""
    zone = ZoneInfo(schedule.zone)
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(_MAX_DAYS + 1))
    report_days = (day for day in days if (day.weekday() == 0 if rhythm is ReportRhythm.WEEKLY else day.day == 1))
    moments = (datetime.combine(day, schedule.at, zone).astimezone(UTC) for day in report_days)
    return next(moment for moment in moments if moment > after)


def put_off_until(rhythm: ReportRhythm, schedule: Schedule, mutes: Sequence[Mute], now: datetime) -> datetime | None:
    """Return when a report comes that is due now, but that a mute of everything or quiet hours hold back.

    None if nothing does. A mute without an end skips it: the next report is the usual one.
    """
    ends = [mute.until for mute in mutes if not mute.application_id and not mute.trigger]
    if None in ends:
        return next_report_at(rhythm, schedule, now)
    loud_at = max([end for end in ends if end and end > now], default=None) or schedule.loud_at(now)
    return loud_at if loud_at > now else None


def explain(rhythm: ReportRhythm, schedule: Schedule) -> str:
    """Return a sentence about when reports come."""
    at = time_in_words(schedule.at)
    if rhythm is ReportRhythm.WEEKLY:
        return _("A report is posted on Mondays at {time}, {zone} time.", time=at, zone=schedule.zone)
    return _("A report is posted on the first of each month at {time}, {zone} time.", time=at, zone=schedule.zone)
