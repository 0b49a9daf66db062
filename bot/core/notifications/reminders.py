"""When a channel is reminded of an application that is late and untouched."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.notifications.schedule import SATURDAY


def is_due(touched_at: datetime, reminded_at: datetime | None, now: datetime, days: int, zone: str) -> bool:
    """Return whether a reminder is due now. There is one for each period without a change.

    `touched_at` is when the application last changed in Clust, was assigned or released, or was announced as late.
    `days` are working days in `zone`.
    """
    reminded_since = reminded_at is not None and reminded_at >= touched_at
    return not reminded_since and working_days(touched_at, now, zone) >= days


def working_days(since: datetime, now: datetime, zone: str) -> int:
    """Return the number of whole working days (Monday to Friday, in `zone`) between two moments.

    A day is complete at the same time of the next one: Friday 16:00 to Monday 16:00 is one.
    """
    tz = ZoneInfo(zone)
    start, end = since.astimezone(tz), now.astimezone(tz)
    days = (end.date() - start.date()).days
    passed = [start.date() + timedelta(days=number) for number in range(1, days + 1)]
    whole = sum(day.weekday() < SATURDAY for day in passed)
    if passed and end.date().weekday() < SATURDAY and end.time() < start.time():
        whole -= 1
    return max(0, whole)
