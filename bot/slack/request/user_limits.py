"""Who asks too often: each person has so many commands, clicks and forms a minute, and more searches in a select.

Each process counts for itself. Opening the Home tab counts as a click; what else Slack tells by itself, and closing a
window, counts for nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core.user_limits import Allowance
from bot.slack.request.sender import Actor

SEARCHES_FOR_AN_ACT = 5
"""Slack asks for the options of a select again and again while somebody types."""

TOLD_AGAIN_SECONDS = 10.0
"""Whoever clicks on and on is told once in this time: telling costs more than the click."""

MAX_IDLE = 1000
"""People who are remembered though nothing of theirs counts any more."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Somebody asked too often: what to tell them, and whether they were not told just now."""

    sentence: str
    is_news: bool


@dataclass(slots=True)
class _Person:
    acts: Allowance
    searches: Allowance
    told_at: float = field(default=-math.inf)


class Allowances:
    """What each person has done within the last minute; `seconds` is a clock that never goes back."""

    def __init__(self, acts_per_minute: int, seconds: Callable[[], float]) -> None:
        self._most, self._seconds = acts_per_minute, seconds
        self._people: dict[Actor, _Person] = {}

    def act(self, sender: Actor) -> Excess | None:
        """Count a command, a click or a form; None where it may be."""
        now = self._seconds()
        person = self._person(sender, now)
        wait = person.acts.wait(now)
        if not wait:
            return None
        is_news = now - person.told_at >= TOLD_AGAIN_SECONDS
        if is_news:
            person.told_at = now
        return Excess(
            f"That's more than {self._most:,} commands, clicks and forms in a minute. Nothing was done. "
            f"Try again in {math.ceil(wait)} seconds.",
            is_news,
        )

    def search(self, sender: Actor) -> bool:
        """Count a search in a select; False where it is one too many."""
        now = self._seconds()
        return not self._person(sender, now).searches.wait(now)

    def _person(self, sender: Actor, now: float) -> _Person:
        if sender not in self._people and len(self._people) >= MAX_IDLE:
            self._people = {
                each: one
                for each, one in self._people.items()
                if not (one.acts.is_idle(now) and one.searches.is_idle(now))
            }
        new = _Person(Allowance(self._most), Allowance(self._most * SEARCHES_FOR_AN_ACT))
        return self._people.setdefault(sender, new)
