"""`TOPICS`: what `help` explains beside commands, one row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.applications.triggers import TRIGGERS
from bot.core.filters.language import KEYS
from bot.slack.request.arguments import ALL
from bot.slack.views.answers import help_events, help_filters
from bot.slack.views.building.blocks import Message


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: the words by which people ask for it, and what explains it."""

    words: tuple[str, ...]
    explain: Callable[[], Message]


TOPICS: tuple[Topic, ...] = (
    Topic(("events", "event", ALL, *TRIGGERS), lambda: help_events(list(TRIGGERS.values()))),
    Topic(
        ("filters", "filter", *(key.name for key in KEYS)),
        lambda: help_filters([(key.name, key.help, key.example) for key in KEYS]),
    ),
)


def topics_by_word() -> Mapping[str, Topic]:
    """Return the topics by every word that names one; the first row that has a word has it for itself."""
    return {word: topic for topic in reversed(TOPICS) for word in topic.words}
