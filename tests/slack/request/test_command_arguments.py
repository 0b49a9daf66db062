"""The arguments of commands besides the filter: event words, `limit:N`, applications, people and times."""

# ruff: noqa: RUF001 - signs and letters that look like others are what is tested

from __future__ import annotations

import pytest

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import UsageError
from bot.core.filters.language import FilterError
from bot.core.typed_text import WordError
from bot.slack.entry import commands
from bot.slack.request.command_arguments import read_assignment, read_list, read_muted, read_subscription, read_title

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
    """Event words come first, or `all`. `limit:N` can stand anywhere. The rest is the filter."""
    arguments = read_subscription(commands.parse(f"subscribe {text}"))
    assert (arguments.events, arguments.filter_text, arguments.limit) == (events, filter_text, limit)


def test_words_of_a_list_name_no_events() -> None:
    """In `list`, an event word is a search term."""
    arguments = read_list(commands.parse("list late limit:20"))
    assert (arguments.events, arguments.filter_text, arguments.limit) == ((), "late", 20)


@pytest.mark.parametrize("text", ["limit:0", "limit:1001", "limit:-1", "limit:2.5", "limit:٣x", "limit:ten"])
def test_a_limit_is_a_whole_number(text: str) -> None:
    """A limit outside 1 to the maximum is an error that repeats the typed value."""
    with pytest.raises(UsageError, match="limit must be between 1 and 1,000"):
        read_list(commands.parse(f"list {text}"))


def test_a_limit_has_a_value() -> None:
    """An option without a value is an error that names the option."""
    with pytest.raises(UsageError, match="Enter a value after `limit:`"):
        read_list(commands.parse("list limit:"))


@pytest.mark.parametrize(("typed", "near"), [("lat", "late"), ("aproved", "approved"), ("submited,late", "submitted")])
def test_a_mistyped_event_is_not_searched_for(typed: str, near: str) -> None:
    """A word that resembles an event is an error with all event words, and isn't searched for."""
    with pytest.raises(UsageError, match=f"Did you mean `{near}`\\? Events: created, late") as caught:
        read_subscription(commands.parse(f"subscribe {typed}"))
    assert "put `title:` before it" in caught.value.sentence


def test_an_unknown_word_among_events_is_not_searched_for() -> None:
    """`late,acme` is an error. As a filter it would search for titles and post every event."""
    with pytest.raises(UsageError, match=r"Unknown event `acme`\. Events: created, late"):
        read_subscription(commands.parse("subscribe late,acme"))


def test_a_filters_mistake_is_pointed_at_where_it_was_typed() -> None:
    """F3: words removed before the filter is parsed don't shift the position of an error."""
    text = "late limit:5 flavor:red"
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
    """A13, F4: event words and `limit:` are read with typographic characters too."""
    arguments = read_subscription(commands.parse(f"subscribe {text}"))
    assert (arguments.events, arguments.filter_text, arguments.limit) == (events, filter_text, limit)


@pytest.mark.parametrize(
    "text",
    ["late;approved", "late/approved", "late|approved", "late+approved", "–late", "-late", "*late*", "late:", "late."],
)
def test_events_with_other_signs_are_asked_about(text: str) -> None:
    """A13, F4: event words joined by other signs are an error, and aren't searched for."""
    with pytest.raises(UsageError, match="Separate events with commas"):
        read_subscription(commands.parse(f"subscribe all {text}"))


@pytest.mark.parametrize("text", ["limit=5", "limit;5", "limit 5 limit<5", "limits:5", "limt:5"])
def test_a_limit_with_another_sign_is_asked_about(text: str) -> None:
    """A13, F4: `limit` followed by another sign is an error, and isn't searched for."""
    with pytest.raises(FilterError, match="`limit"):
        read_list(commands.parse(f"list {text}"))


def test_positions_are_those_of_what_was_typed() -> None:
    """A13, F4: typographic characters before an error don't shift its position or the carets."""
    text = "late：yes –titel：x"
    with pytest.raises(FilterError) as caught:
        read_list(commands.parse(f"list {text}"))
    at = caught.value.position
    assert text[at : at + caught.value.length] == "titel"
    assert caught.value.pointed(text).splitlines()[1] == "    \u3000     ^^^^^"


@pytest.mark.parametrize("text", ["application：83 2h", "application : 83 2h", "＃８３ 2h", "Application:83 2h"])
def test_a_mute_names_its_application_with_any_signs(text: str) -> None:
    """A13, F4: the application ID of a mute is read with any number sign."""
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
    """B10: events and applications come in any order. A bare number after the time belongs to the time."""
    mutes, typed_end = read_muted(commands.parse(f"mute {text}"))
    assert ([(each.application_id, each.trigger) for each in mutes], typed_end) == (subjects, end)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        ("Acme Ltd", "Acme Ltd"),
        ('"Acme  Ltd"', "Acme  Ltd"),
        ('title:"Acme Ltd"', "Acme Ltd"),
        ("Title: Acme Ltd", "Acme Ltd"),
        ("Project: Acme", "Project: Acme"),
    ],
)
def test_a_new_application_begins_with_its_title(text: str, title: str) -> None:
    """As it was typed, with or without the name of the field."""
    assert read_title(commands.parse(f"create {text}")) == title


@pytest.mark.parametrize(
    ("text", "sentence"), [("create limit:3 Acme", "doesn't take `limit:`"), (f"create {'x' * 256}", "Yours has 256.")]
)
def test_a_title_that_can_not_be_is_refused(text: str, sentence: str) -> None:
    """Nothing is cut off unseen."""
    with pytest.raises(UsageError, match=sentence):
        read_title(commands.parse(text))


@pytest.mark.parametrize(
    ("text", "application_id", "user_id"),
    [
        ("123", "123", None),
        ("#123 me", "123", None),
        ('"123"  ME', "123", None),
        ("123 to @U2ANA", "123", "U2ANA"),
        ("＃123 ＠U2ANA", "123", "U2ANA"),
        ("123 to", "123", None),
    ],
)
def test_an_assignment_names_an_application_and_a_person(text: str, application_id: str, user_id: str | None) -> None:
    """Without a person it is who types. Quotes and full-width signs are read as everywhere."""
    assert read_assignment(commands.parse(f"assign {text}")) == (application_id, user_id)


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("a/b me", "a/b"),
        ("123 banana", "banana"),
        ("123 to  ana  smith", "ana  smith"),
        ("123 @S0123456", "@S0123456"),
        ("123 me limit:3", "limit:3"),
    ],
)
def test_a_mistake_in_an_assignment_is_pointed_at_where_it_was_typed(text: str, pointed: str) -> None:
    """F3: the words that are wrong, and no others."""
    line = commands.parse(f"assign {text}")
    with pytest.raises(WordError) as caught:
        read_assignment(line)
    assert line.text[caught.value.position :][: caught.value.length] == pointed


def test_an_assignment_of_nothing_has_no_place() -> None:
    """There is no word to point at."""
    with pytest.raises(UsageError, match="Which application") as caught:
        read_assignment(commands.parse("assign"))
    assert not isinstance(caught.value, WordError)
