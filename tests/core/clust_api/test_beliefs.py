"""What the bot believes of Clust's API agrees with what it sends and reads."""

from __future__ import annotations

import re

from bot.core.clust_api.beliefs import CONTAINERS, EVENTS, FIELDS, OPERATIONS, PARAMETERS
from bot.core.forms.application_forms import EVENT_CHOICES


def test_words_are_compared_as_they_stand() -> None:
    """The words for a name are in lower case with underscores, and the bot's own name is among them."""
    for name, words in {**{name: row.also for name, row in FIELDS.items()}, **PARAMETERS, **CONTAINERS}.items():
        assert all(re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)?", word) for word in words.split())
        assert not words or name.rpartition(".")[2] in words.split()


def test_each_event_of_a_form_has_its_words() -> None:
    """An event that a form offers can have another name."""
    assert set(EVENTS) == {choice.value for choice in EVENT_CHOICES}


def test_what_is_about_one_application_has_its_id() -> None:
    """Only a path like that has a place for an ID."""
    assert {name for name, row in OPERATIONS.items() if row.is_about_one} == {"read", "update", "delete"}
