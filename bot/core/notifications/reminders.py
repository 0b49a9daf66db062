"""When a channel is reminded of an application that is late and untouched."""

from __future__ import annotations

from datetime import datetime

from bot.core.notifications.schedule import working_days


def is_due(touched_at: datetime, reminded_at: datetime | None, now: datetime, days: int, zone: str) -> bool:
    """Return whether a reminder is due now. There is one for each period without a change.

    `touched_at` is when the application last changed in Clust, was assigned or released, or was announced as late.
    `days` are working days in `zone`.
    """
    reminded_since = reminded_at is not None and reminded_at >= touched_at
    return not reminded_since and working_days(touched_at, now, zone) >= days
