"""What keeps a notice back before it may be told: a mute, or the channel's schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.notifications.mutes import Mute, Subject
from bot.core.notifications.schedule import Schedule

MUTE, SCHEDULE = "mute", "schedule"


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a notice back, until when (None: until someone ends it), and why, as a sentence for people."""

    kind: str
    until: datetime | None
    reason: str


def hold(
    schedule: Schedule, mutes: Sequence[Mute], subject: Subject, now: datetime, *, waited: bool = False
) -> Hold | None:
    """Return what keeps a notice about `subject` back at `now`, None where it may be told.

    `waited`: it waited for the rhythm of the schedule already, so that only quiet hours and mutes count. Of several
    mutes the one that holds longest is named.
    """
    covering = [mute for mute in mutes if mute.covers(subject)]
    if covering:
        endless = any(mute.until is None for mute in covering)
        until = None if endless else max(mute.until for mute in covering if mute.until)
        return Hold(MUTE, until, "It is muted here.")
    until = schedule.loud_at(now) if waited else schedule.told_at(now)
    return Hold(SCHEDULE, until, f"This channel has its notices {schedule.explain()}.") if until > now else None
