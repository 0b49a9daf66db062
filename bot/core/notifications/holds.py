"""What holds a notification before it can be posted: a mute, or the channel's schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.notifications.mutes import Mute, Subject
from bot.core.notifications.reasons import MUTED
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.states import Hold


@dataclass(frozen=True, slots=True)
class HoldUntil:
    """What holds a notification, until when (None: until someone ends it), and why, as a stored reason."""

    hold: Hold
    until: datetime | None
    reason: str


def active_hold(
    schedule: Schedule, mutes: Sequence[Mute], subject: Subject, now: datetime, *, waited: bool = False
) -> HoldUntil | None:
    """Return what holds a notification about `subject` at `now`, or None if it can be posted.

    `waited`: it has already waited for the schedule's next post, so only quiet hours and mutes count. Of several mutes
    the one that ends last counts.
    """
    covering = [mute for mute in mutes if mute.covers(subject)]
    if covering:
        endless = any(mute.until is None for mute in covering)
        until = None if endless else max(mute.until for mute in covering if mute.until)
        return HoldUntil(Hold.MUTE, until, MUTED)
    until = schedule.loud_at(now) if waited else schedule.due_at(now)
    return HoldUntil(Hold.SCHEDULE, until, schedule.as_reason()) if until > now else None
