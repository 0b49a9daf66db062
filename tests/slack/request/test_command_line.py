"""`CommandLine` splits a command into words once, and keeps their positions (rule X1)."""

# ruff: noqa: RUF001 - signs that look like others are what is tested

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.filters.near_misses import BESIDE_FILTERS
from bot.core.typed_text import WordError
from bot.slack.entry.commands import parse, parse_slash_command
from bot.slack.request.command_options import APPLICATION, CONNECTION, LIMIT, OPTIONS


def test_a_command_line_has_a_word_options_and_other_words() -> None:
    """X1: a decoded command is a command word, options and other words, each with its position."""
    line = parse_slash_command(
        "/clust", "LS template:\u201cKYC company\u201d limit : 3 progress:&lt;50 connection:emea"
    )
    assert (line.command, line.typed_command) == ("list", "LS")
    assert line.text == 'template:"KYC company" limit : 3 progress:<50 connection:emea'
    assert [(word.raw, word.start) for word in line.words] == [('template:"KYC company"', 0), ("progress:<50", 33)]
    assert (line.value(LIMIT), line.value(CONNECTION), line.value(APPLICATION)) == (3, "emea", None)
    assert all(line.text[word.start : word.end] == word.raw for word in line.words)


@pytest.mark.parametrize(
    ("text", "command", "rest"), [("list :", "list", ":"), ("list  : late:yes", "list", ": late:yes")]
)
def test_a_command_ends_before_a_colon(text: str, command: str, rest: str) -> None:
    """X1: the colon belongs to what follows. Behind a word that is no command it makes a filter, as `late : yes`."""
    line = parse(text)
    assert (line.command, line.text) == (command, rest)
    assert (parse("title : acme").command, parse("title : acme").typed_command) == ("", "title : acme")
    assert parse("late : yes").command == ""


def test_a_registered_command_stands_for_its_word() -> None:
    """`/clust-list late:yes` is the same as `/clust list late:yes`."""
    assert parse_slash_command("/clust-list", "late:yes") == parse("list late:yes")


@pytest.mark.parametrize("text", ["", "  ", "help"])
def test_no_word_is_help(text: str) -> None:
    """An empty command is `help`. So is an unknown word, which help then names."""
    assert parse(text).command == "help"
    assert (parse("xyzzy 12").command, parse("xyzzy 12").typed_command) == ("", "xyzzy")


@pytest.mark.parametrize(
    ("text", "bare"),
    [("subscribe", True), ("sub connection:emea", True), ("subscribe late", False), ("subscribe limit:3", False)],
)
def test_a_bare_command_names_at_most_an_account(text: str, *, bare: bool) -> None:
    """A command is bare if it has no argument but `connection:`. It opens a form or asks."""
    assert parse(text).is_bare is bare


def test_typed_words_keep_their_signs() -> None:
    """A word is repeated to the person as typed, not as normalized."""
    line = parse("list “Müller – Söhne” late：yes connection:emea")
    assert line.typed(line.words) == "“Müller – Söhne” late：yes"


@pytest.mark.parametrize(
    ("text", "sentence", "marked"),
    [
        ("list late:yes limit:0", "limit must be between 1 and 1,000.", "limit:0"),
        ("list limit:1 x limit:2", "Use `limit:` only once.", "limit:2"),
    ],
)
def test_a_wrong_option_is_pointed_at(text: str, sentence: str, marked: str) -> None:
    """An invalid or repeated option is an error at its position."""
    line = parse(text)
    with pytest.raises(WordError) as caught:
        line.value(LIMIT)
    assert caught.value.sentence == sentence
    assert line.text[caught.value.position :][: caught.value.length] == marked


@pytest.mark.parametrize("text", ["show 12 limit:3", "status by:@U1", "api GET /x action:delete", "why LIMIT：3"])
def test_an_option_of_another_command_is_pointed_at(text: str) -> None:
    """An option that the command doesn't have is an error at its position. In quotes it is an ordinary word."""
    line = parse(text)
    option = line.text.split()[-1]
    with pytest.raises(WordError, match=f"`{line.command}` doesn't take `") as caught:
        line.argument()
    assert line.text[caught.value.position :] == option
    quoted = parse(text.replace(option, f'"{option}"'))
    assert quoted.argument().endswith(f'"{option}"')


@pytest.mark.parametrize("name", ["", "emea,apac"])
def test_a_connection_is_one_name(name: str) -> None:
    """`connection:` takes one name."""
    with pytest.raises(UsageError, match="`connection:` takes one name"):
        parse(f"list connection:{name}").value(CONNECTION)


def test_options_are_of_commands_that_exist() -> None:
    """Each row of OPTIONS has a unique name and only names commands that exist."""
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert set(BESIDE_FILTERS) <= {option.name for option in OPTIONS}
    for option in OPTIONS:
        assert all(parse(word).command == word for word in option.commands or ()), option.name


@given(st.text(alphabet=st.one_of(st.sampled_from('limt:connelist" -,'), st.characters())))
def test_every_character_is_kept_in_place(text: str) -> None:
    """Any text can be parsed. Words and options are ordered slices of it that never overlap."""
    line = parse(text)
    words = sorted((*line.words, *(given.word for given in line.options)), key=lambda word: word.start)
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert not words or words[-1].end <= len(line.text)
    assert line.typed(words).split() == line.text.split()
