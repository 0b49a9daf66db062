"""Words that people type (rules F3, X1)."""

import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.words import fold, split, storable, storable_value, straighten, suggest


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ångström GmbH", "angstrom gmbh"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("  two\u00a0 \t words ", "two words"),
        ("O\u2019Brien", "o'brien"),
        ('The "Best" \u201cCo\u201d', "the best co"),
        ("zero\u200bwidth\x00", "zerowidth"),
        ("\ufb01n \u338f", "fin kg"),
        ("\u0130stanbul", "istanbul"),
        ("", ""),
    ],
)
def test_what_folds_to_the_same_is_the_same(text: str, folded: str) -> None:
    """Comparing ignores case, accents, quotes, unseen characters and the width of spaces (F3)."""
    assert fold(text) == folded


def test_folding_every_character_twice_changes_nothing() -> None:
    """What a filter stores is folded already, so folding it again must keep it (S1)."""
    points = map(chr, range(sys.maxunicode + 1))
    letters = (each for each in points if unicodedata.category(each) not in {"Cn", "Co", "Cs"})
    changed = (each for each in letters if unicodedata.normalize("NFKD", each).casefold() != each)
    folded = {fold(f"x{each}y") for each in changed}
    assert [text for text in folded if fold(text) != text] == []


@given(st.text())
def test_folding_any_text_twice_changes_nothing(text: str) -> None:
    """The same holds for characters beside each other (S1)."""
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.one_of(st.sampled_from('" \u201c\u00ab,:-ab\n'), st.characters())))
def test_words_stand_where_they_say(text: str) -> None:
    """Each word is found at its position in the text, and nothing but white space lies between (X1)."""
    straight, end = straighten(text), 0
    for word in split(text):
        assert straight[end : word.start].strip() == ""
        assert straight[word.start : word.end] == word.raw != ""
        end = word.end
    assert straight[end:].strip() == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("a  b\n", [("a", 0), ("b", 3)]),
        ('template:"KYC company" x', [("template:KYC company", 0), ("x", 23)]),
        ("\u201cKYC company\u201d", [("KYC company", 0)]),
        ("\u00abKYC\u00a0company\u00bb x", [("KYC\u00a0company", 0), ("x", 14)]),
        ('a "b c', [("a", 0), ("b c", 2)]),
    ],
)
def test_quotes_keep_a_phrase_together(text: str, words: list[tuple[str, int]]) -> None:
    """Quoted phrases, smart quotes too, are one word (X1)."""
    assert [(word.text, word.start) for word in split(text)] == words


def test_an_open_quote_is_known() -> None:
    """A word whose quote never ends says so."""
    assert [word.closed for word in split('"a" b "c')] == [True, True, False]


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("stauts", "status"), ("STATUS", "status"), ("lsit", "list"), ("xyzzy", None), ("", None)],
)
def test_the_nearest_known_word(word: str, nearest: str | None) -> None:
    """A mistyped word is answered with the nearest known one, and a strange one with none."""
    assert suggest(word, ["list", "status", "show"]) == nearest


def test_what_json_can_name_and_no_database_keeps() -> None:
    """NUL goes, and half a character becomes one that says so; in names too, as deep as anyone looks."""
    assert storable("a\x00b\ud800c\U0001f600") == "ab\ufffdc\U0001f600"
    told: Any = {"a\x00": ["\udfff", {"b": "\x00"}, 5, None]}
    assert storable_value(told) == {"a": ["\ufffd", {"b": ""}, 5, None]}
    assert storable_value(told, 1) == {"a": ["\udfff", {"b": "\x00"}, 5, None]}
    assert storable_value(told, 2) == {"a": ["\ufffd", {"b": "\x00"}, 5, None]}
    assert storable_value(told, 0) == told
