"""When a channel is reminded of what is late and untouched (product: Reminder)."""

from __future__ import annotations

from datetime import datetime

from bot.core.notifications.schedule import working_days


def is_due(touched_at: datetime, reminded_at: datetime | None, now: datetime, days: int, zone: str) -> bool:
    """Tell whether a channel is to be reminded now; once for each time that nobody touches an application.

    `touched_at` is when it last changed in Clust, was taken or released, or was announced as late; `days` are working
    days by the clock of `zone`.
    """
    reminded_since = reminded_at is not None and reminded_at >= touched_at
    return not reminded_since and working_days(touched_at, now, zone) >= days
