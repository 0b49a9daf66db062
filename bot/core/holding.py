"""tmp"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.mutes import Mute
from bot.core.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Hold:
    kind: str
    until: datetime | None
    reason: str


def hold(
    schedule: Schedule, mutes: Sequence[Mute], application_id: str, trigger: str, now: datetime, *, waited: bool = False
) -> Hold | None:
    for mute in mutes:
        if mute.application_id in ("", application_id) and mute.trigger in ("", trigger):
            return Hold("mute", mute.until, "muted")
    return None
