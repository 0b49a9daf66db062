"""What stands among the words of a command beside a filter: `limit:N` and names of events."""

# ruff: noqa: RUF001 - signs and letters that look like others are what is tested

from __future__ import annotations

import pytest

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import UsageError
from bot.core.filters.language import FilterError
from bot.slack.entry import commands
from bot.slack.request.arguments import read_list, read_muted, read_subscription

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
    asked = read_subscription(commands.parse(f"subscribe {text}"))
    assert (asked.events, asked.filter_text, asked.limit) == (events, filter_text, limit)


def test_words_of_a_list_name_no_events() -> None:
    """In a list the name of an event is a word to search for."""
    asked = read_list(commands.parse("list late limit:20"))
    assert (asked.events, asked.filter_text, asked.limit) == ((), "late", 20)


@pytest.mark.parametrize("text", ["limit:0", "limit:1001", "limit:", "limit:-1", "limit:2.5", "limit:٣x", "limit:ten"])
def test_a_limit_is_a_whole_number(text: str) -> None:
    """What is no number from 1 to the most is refused with the words typed."""
    with pytest.raises(UsageError, match="limit must be between 1 and 1,000"):
        read_list(commands.parse(f"list {text}"))


@pytest.mark.parametrize(("typed", "near"), [("lat", "late"), ("aproved", "approved"), ("submited,late", "submitted")])
def test_a_mistyped_event_is_not_searched_for(typed: str, near: str) -> None:
    """A word that is nearly an event is asked about, with all that there are."""
    with pytest.raises(UsageError, match=f"Did you mean `{near}`\\? Events: created, late") as caught:
        read_subscription(commands.parse(f"subscribe {typed}"))
    assert "put `title:` before it" in caught.value.sentence


def test_an_unknown_word_among_events_is_not_searched_for() -> None:
    """`late,acme` would look for two words in titles, and post every event of what has one: it is asked about."""
    with pytest.raises(UsageError, match=r"Unknown event `acme`\. Events: created, late"):
        read_subscription(commands.parse("subscribe late,acme"))


def test_a_filters_mistake_is_pointed_at_where_it_was_typed() -> None:
    """F3: what was taken out before it leaves the position of a mistake as it was."""
    text = "late limit:5 colour:red"
    with pytest.raises(FilterError) as caught:
        read_subscription(commands.parse(f"subscribe {text}"))
    assert caught.value.pointed(text) == f"{text}\n{' ' * 13}{'^' * 6}"


@pytest.mark.parametrize(
    ("text", "events", "filter_text", "limit"),
    [
        ("late，approved", ("late", "approved"), "", None),
        ("late、approved limit：３", ("late", "approved"), "", 3),
        ("late limit : 3 late : yes", ("late",), "late : yes", 3),
        ("“late” title∶acme", ("late",), "title∶acme", None),
        ("ａｌｌ –title:test", EVERY, "–title:test", None),
    ],
)
def test_typographic_signs_among_events(
    text: str, events: tuple[str, ...], filter_text: str, limit: int | None
) -> None:
    """A13, F4: events and `limit:` are read whichever way their signs are typed."""
    asked = read_subscription(commands.parse(f"subscribe {text}"))
    assert (asked.events, asked.filter_text, asked.limit) == (events, filter_text, limit)


@pytest.mark.parametrize(
    "text",
    ["late;approved", "late/approved", "late|approved", "late+approved", "–late", "-late", "*late*", "late:", "late."],
)
def test_events_with_other_signs_are_asked_about(text: str) -> None:
    """A13, F4: they are not searched for in titles."""
    with pytest.raises(UsageError, match="Separate events with commas"):
        read_subscription(commands.parse(f"subscribe all {text}"))


@pytest.mark.parametrize("text", ["limit=5", "limit;5", "limit 5 limit<5", "limits:5", "limt:5"])
def test_a_limit_with_another_sign_is_asked_about(text: str) -> None:
    """A13, F4: it is not searched for."""
    with pytest.raises(FilterError, match="`limit"):
        read_list(commands.parse(f"list {text}"))


def test_positions_are_those_of_what_was_typed() -> None:
    """A13, F4: typographic signs before a mistake leave its place as it was; carets stand below it."""
    text = "late：yes –titel：x"
    with pytest.raises(FilterError) as caught:
        read_list(commands.parse(f"list {text}"))
    at = caught.value.position
    assert text[at : at + caught.value.length] == "titel"
    assert caught.value.pointed(text).splitlines()[1] == "    \u3000     ^^^^^"


@pytest.mark.parametrize("text", ["application：83 2h", "application : 83 2h", "＃８３ 2h", "Application:83 2h"])
def test_a_mute_names_its_application_with_any_signs(text: str) -> None:
    """A13, F4: signs of an application's number in typographic forms."""
    mutes, end = read_muted(commands.parse(f"mute {text}"))
    assert ([one.application_id for one in mutes], end) == (["83"], "2h")


@pytest.mark.parametrize(
    ("text", "subjects", "end"),
    [
        ("2h late", [("", "late")], "2h"),
        ("tomorrow 9:00 #22", [("22", "")], "tomorrow 9:00"),
        ("late until monday 9:00 #22", [("22", "late")], "until monday 9:00"),
        ("monday 9", [("", "")], "monday 9"),
        ("late #22", [("22", "late")], ""),
    ],
)
def test_a_mute_takes_its_subject_before_or_after_its_end(text: str, subjects: list[tuple[str, str]], end: str) -> None:
    """B10: events and applications in any order; after the end a bare number belongs to the time."""
    mutes, typed_end = read_muted(commands.parse(f"mute {text}"))
    assert ([(each.application_id, each.trigger) for each in mutes], typed_end) == (subjects, end)
