"""What a subscription would have posted lately: events and a wish -> how many, the busiest day, three of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.core.applications.triggers import Event
from bot.core.filters.language import Facts, Filter
from bot.core.filters.unjudged import Unjudged

SPAN = timedelta(days=14)
"""How far it looks back."""

SAMPLES = 3


@dataclass(slots=True)
class Preview:
    """Counts the events that a wish matches, one after the other, oldest first; the samples are the newest ones.

    `zone` is where days begin. Filters see an application as its event did, and the present moment as it was then.
    """

    events: Collection[str]
    filter: Filter
    connection: str
    zone: tzinfo
    made_by: str = ""
    total: int = 0
    days: Counter[date] = field(default_factory=Counter)
    samples: list[Event] = field(default_factory=list)
    unjudged: Unjudged = field(init=False)

    def __post_init__(self) -> None:
        """Count what the filter can't judge, too."""
        self.unjudged = Unjudged(self.filter)

    def look(self, event: Event, seen_at: datetime) -> None:
        """Take one event into account."""
        facts = Facts(event.application, event.status_class, self.connection, asker=self.made_by)
        if event.trigger not in self.events or not self.unjudged.matches(facts, seen_at, self.zone):
            return
        self.total += 1
        self.days[seen_at.astimezone(self.zone).date()] += 1
        self.samples = [*self.samples[-(SAMPLES - 1) :], event]

    @property
    def busiest(self) -> tuple[date, int] | None:
        """The day with the most of them, the latest of several; None where there were none."""
        return max(self.days.items(), key=lambda each: (each[1], each[0]), default=None)
