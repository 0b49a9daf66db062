"""What a subscription would have posted recently: how many, the busiest day, and three examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.core.applications.triggers import Event
from bot.core.filters.language import Facts, Filter
from bot.core.filters.unknown_values import Unjudged

SPAN = timedelta(days=14)
"""How far back it looks."""

MAX_SAMPLES = 3


@dataclass(slots=True)
class Preview:
    """Counts the events that a subscription would match. Feed them oldest first. The newest become the examples.

    `zone` is where days begin. Filters match the application as it was at the event, and that moment as the present.
    `warning` says why nothing can match, empty if something may.
    """

    events: Collection[str]
    filter: Filter
    connection: str
    zone: tzinfo
    made_by: str = ""
    warning: str = ""
    total: int = 0
    days: Counter[date] = field(default_factory=Counter)
    samples: list[Event] = field(default_factory=list)
    unjudged: Unjudged = field(init=False)

    def __post_init__(self) -> None:
        """Also count what the filter can't judge."""
        self.unjudged = Unjudged(self.filter)

    def count(self, event: Event, seen_at: datetime) -> None:
        """Process one event."""
        facts = Facts(event.application, event.status_class, self.connection, asker=self.made_by)
        if event.trigger not in self.events or not self.unjudged.matches(facts, seen_at, self.zone):
            return
        self.total += 1
        self.days[seen_at.astimezone(self.zone).date()] += 1
        self.samples = [*self.samples[-(MAX_SAMPLES - 1) :], event]

    @property
    def busiest(self) -> tuple[date, int] | None:
        """The day with the most events, the latest of equals, or None if there were none."""
        return max(self.days.items(), key=lambda each: (each[1], each[0]), default=None)
