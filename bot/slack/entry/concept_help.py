"""`TOPICS`: one row for each topic that `help` explains besides commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.applications.triggers import TRIGGERS
from bot.core.filters.language import KEYS
from bot.slack.request.command_arguments import ALL
from bot.slack.views.building.blocks import Message
from bot.slack.views.help import help_events, help_filters


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: the words that people ask for it by, and what explains it."""

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
    """Return the topics by word. If two rows have a word, the first one gets it."""
    return {word: topic for topic in reversed(TOPICS) for word in topic.words}
