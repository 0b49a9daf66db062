"""Rate limits for each person: commands, clicks and forms a minute, and more searches in a select.

Each process counts for itself. Opening the Home tab counts as a click. Other events, and closing a window, don't count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core.language import _, ngettext
from bot.core.user_rate_limits import Allowance
from bot.slack.request.requester import Actor

SEARCHES_FOR_AN_ACT = 5
"""Slack asks for the options of a select repeatedly while someone types."""

REPEAT_SECONDS = 10.0
"""A refusal is sent once in this time: sending it costs more than refusing the click."""

MAX_IDLE = 1000
"""People in memory before those are dropped who did nothing within the last minute."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A refusal: its sentence, and whether to send it (`is_news`), which is done once in REPEAT_SECONDS."""

    sentence: str
    is_news: bool


@dataclass(slots=True)
class _PersonAllowances:
    acts: Allowance
    searches: Allowance
    sent_at: float = field(default=-math.inf)


class Allowances:
    """Counts what each person did within the last minute. `seconds` is a monotonic clock."""

    def __init__(self, acts_per_minute: int, seconds: Callable[[], float]) -> None:
        self._most, self._seconds = acts_per_minute, seconds
        self._people: dict[Actor, _PersonAllowances] = {}

    def act(self, sender: Actor) -> Excess | None:
        """Count a command, a click or a form. Return None where it is within the limit."""
        now = self._seconds()
        person = self._person(sender, now)
        wait = person.acts.wait(now)
        if not wait:
            return None
        is_news = now - person.sent_at >= REPEAT_SECONDS
        if is_news:
            person.sent_at = now
        return Excess(
            _(
                "You've reached the limit of {limit:,} commands, clicks and forms per minute. Nothing was done. Try "
                "again in {seconds}.",
                limit=self._most,
                seconds=ngettext("{count} second", "{count} seconds", math.ceil(wait)),
            ),
            is_news,
        )

    def search(self, sender: Actor) -> bool:
        """Count a search in a select. Return False where it exceeds the limit."""
        now = self._seconds()
        return not self._person(sender, now).searches.wait(now)

    def _person(self, sender: Actor, now: float) -> _PersonAllowances:
        if sender not in self._people and len(self._people) >= MAX_IDLE:
            self._people = {
                each: one
                for each, one in self._people.items()
                if not (one.acts.is_idle(now) and one.searches.is_idle(now))
            }
        new = _PersonAllowances(Allowance(self._most), Allowance(self._most * SEARCHES_FOR_AN_ACT))
        return self._people.setdefault(sender, new)
