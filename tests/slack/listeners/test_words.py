"""What stands among the words of a command beside a filter: `limit:N` and names of events."""

from __future__ import annotations

import pytest

from bot.core.errors import UsageError
from bot.core.filters import FilterError
from bot.core.triggers import TRIGGERS
from bot.slack.listeners.words import read_list, read_subscription

EVERY = tuple(TRIGGERS)


@pytest.mark.parametrize(
    ("text", "events", "filter_text", "limit"),
    [
        ("", (), "", None),
        ("late", ("late",), "", None),
        ("late approved", ("late", "approved"), "", None),
        ("late,approved late", ("late", "approved"), "", None),
        ("late, approved", ("late", "approved"), "", None),
        ("LATE", ("late",), "", None),
        ("all", EVERY, "", None),
        ("late all", ("late", *(name for name in EVERY if name != "late")), "", None),
        ("late:yes", (), "late:yes", None),
        ("late late:yes limit:3", ("late",), "late:yes", 3),
        ("limit:3 late", ("late",), "", 3),
        ("LIMIT:3", (), "", 3),
        ("late title:late late", ("late",), "title:late", None),
        ('approved template:"KYC company"  limit:1000', ("approved",), 'template:"KYC company"', 1000),
        ('"limit:3"', (), "", 3),
        ("acme", (), "acme", None),
        ("acme,birch", (), "acme,birch", None),
    ],
)
def test_words_of_a_subscription(text: str, events: tuple[str, ...], filter_text: str, limit: int | None) -> None:
    """Events come first, by name or as `all`; `limit:N` may stand anywhere; the rest is the filter."""
    asked = read_subscription(text, 1000)
    assert (asked.events, asked.filter_text, asked.limit) == (events, filter_text, limit)


def test_words_of_a_list_name_no_events() -> None:
    """In a list the name of an event is a word to search for."""
    asked = read_list("late limit:20", 20)
    assert (asked.events, asked.filter_text, asked.limit) == ((), "late", 20)


@pytest.mark.parametrize("text", ["limit:0", "limit:21", "limit:", "limit:-1", "limit:2.5", "limit:٣x", "limit:ten"])
def test_a_limit_is_a_whole_number(text: str) -> None:
    """What is no number from 1 to the most is refused with the words typed."""
    with pytest.raises(UsageError, match="can't be a limit: it takes a whole number from 1 to 20"):
        read_list(text, 20)


@pytest.mark.parametrize(("typed", "near"), [("lat", "late"), ("aproved", "approved"), ("submited,late", "submitted")])
def test_a_mistyped_event_is_not_searched_for(typed: str, near: str) -> None:
    """A word that is nearly an event is asked about, with all that there are."""
    with pytest.raises(UsageError, match=f"Did you mean `{near}`\\? Known: created, late") as caught:
        read_subscription(typed, 1000)
    assert "put `title:` before it" in caught.value.sentence


def test_an_unknown_word_among_events_is_not_searched_for() -> None:
    """`late,acme` would look for two words in titles, and post every event of what has one: it is asked about."""
    with pytest.raises(UsageError, match=r"I don't know the event `acme`\. Known: created, late"):
        read_subscription("late,acme", 1000)


def test_a_filters_mistake_is_pointed_at_where_it_was_typed() -> None:
    """F3: what was taken out before it leaves the position of a mistake as it was."""
    text = "late limit:5 colour:red"
    with pytest.raises(FilterError) as caught:
        read_subscription(text, 1000)
    assert caught.value.pointed(text) == f"{text}\n{' ' * 13}{'^' * 6}"
