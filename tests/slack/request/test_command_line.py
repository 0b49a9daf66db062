"""`CommandLine`: the words of a command, split once, with their positions (rule X1)."""

# ruff: noqa: RUF001 - signs that look like others are what is tested

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.filters.near_misses import BESIDE_FILTERS
from bot.core.text import WordError
from bot.slack.entry.commands import parse, parse_slash_command
from bot.slack.request.options import APPLICATION, CONNECTION, LIMIT, OPTIONS


def test_a_command_line_has_a_word_options_and_other_words() -> None:
    """A decoded command is split into words that know where they stand in what follows the first one (X1)."""
    line = parse_slash_command(
        "/clust", "LS template:\u201cKYC company\u201d limit : 3 progress:&lt;50 connection:emea"
    )
    assert (line.command, line.typed_command) == ("list", "LS")
    assert line.text == 'template:"KYC company" limit : 3 progress:<50 connection:emea'
    assert [(word.raw, word.start) for word in line.words] == [('template:"KYC company"', 0), ("progress:<50", 33)]
    assert (line.value(LIMIT), line.value(CONNECTION), line.value(APPLICATION)) == (3, "emea", None)
    assert all(line.text[word.start : word.end] == word.raw for word in line.words)


def test_a_registered_command_stands_for_its_word() -> None:
    """`/clust-list late:yes` is `/clust list late:yes`."""
    assert parse_slash_command("/clust-list", "late:yes") == parse("list late:yes")


@pytest.mark.parametrize("text", ["", "  ", "help"])
def test_no_word_is_help(text: str) -> None:
    """Nothing after `/clust` asks for help; so does a word that no command has, with what was typed."""
    assert parse(text).command == "help"
    assert (parse("xyzzy 12").command, parse("xyzzy 12").typed_command) == ("", "xyzzy")


@pytest.mark.parametrize(
    ("text", "bare"),
    [("subscribe", True), ("sub connection:emea", True), ("subscribe late", False), ("subscribe limit:3", False)],
)
def test_a_bare_command_names_at_most_an_account(text: str, *, bare: bool) -> None:
    """A command alone opens its form or asks; `connection:` only says for which account."""
    assert parse(text).is_bare is bare


def test_typed_words_keep_their_signs() -> None:
    """What is shown again is what was typed, not how it was compared."""
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
    """A value that an option doesn't take, or a second one, is an error at its place."""
    line = parse(text)
    with pytest.raises(WordError) as caught:
        line.value(LIMIT)
    assert caught.value.sentence == sentence
    assert line.text[caught.value.position :][: caught.value.length] == marked


@pytest.mark.parametrize("text", ["show 12 limit:3", "status by:@U1", "api GET /x action:delete", "why LIMIT：3"])
def test_an_option_of_another_command_is_pointed_at(text: str) -> None:
    """What a command without a filter doesn't take is an error at its place; in quotes it is an ordinary word."""
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
    """Each row of OPTIONS has a name of its own and names words of COMMANDS; what stands beside filters is one."""
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert set(BESIDE_FILTERS) <= {option.name for option in OPTIONS}
    for option in OPTIONS:
        assert all(parse(word).command == word for word in option.commands or ()), option.name


@given(st.text(alphabet=st.one_of(st.sampled_from('limt:connelist" -,'), st.characters())))
def test_every_character_is_kept_in_place(text: str) -> None:
    """Any text can be parsed; its words and options are slices of it, in order and without overlap."""
    line = parse(text)
    words = sorted((*line.words, *(given.word for given in line.options)), key=lambda word: word.start)
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert not words or words[-1].end <= len(line.text)
    assert line.typed(words).split() == line.text.split()
