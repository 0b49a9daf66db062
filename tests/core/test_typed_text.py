"""Words that people type (rules F3, X1)."""

# ruff: noqa: RUF001 - signs and letters that look like others are what is tested

import re
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.character_tables import FOLDED, MAX_REMEMBERED
from bot.core.typed_text import (
    WordError,
    fold,
    sentences,
    split,
    storable,
    storable_value,
    straighten,
)


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


def test_what_json_can_name_and_no_database_keeps() -> None:
    """NUL goes, and half a character becomes one that says so. That holds in names too, as deep as anyone looks."""
    assert storable("a\x00b\ud800c\U0001f600") == "ab\ufffdc\U0001f600"
    value: Any = {"a\x00": ["\udfff", {"b": "\x00"}, 5, None]}
    assert storable_value(value) == {"a": ["\ufffd", {"b": ""}, 5, None]}
    assert storable_value(value, 1) == {"a": ["\udfff", {"b": "\x00"}, 5, None]}
    assert storable_value(value, 2) == {"a": ["\ufffd", {"b": "\x00"}, 5, None]}
    assert storable_value(value, 0) == value


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Søren Ødegård", "soren odegard"),
        ("Łódź", "lodz"),
        ("Đặng Đorđe", "dang dorde"),
        ("Ħal Għaxaq", "hal ghaxaq"),
        ("Ŧŧ", "tt"),
        ("Þórður", "thordur"),
        ("Guðrún Ðd", "gudrun dd"),
        ("Lecœur ŒUVRE", "lecoeur oeuvre"),
        ("Ægir Cæsar", "aegir caesar"),
        ("Yıldız İstanbul", "yildiz istanbul"),
        ("Straße STRAẞE", "strasse strasse"),
        ("Ŋŋ", "nn"),
        ("ĳsselmeer", "ijsselmeer"),
        ("ſenſe", "sense"),
        ("ﬁn ﬄ", "fin ffl"),
        ("ƒlorin", "florin"),
        ("Əliyev", "aliyev"),
        ("ɓ Ɓ ɖ ƙ Ƙ ɲ ƴ", "b b d k k n y"),
        ("Ɛ ɔ", "e o"),
        ("ǿ ǽ", "o ae"),
    ],
)
def test_letters_that_unicode_does_not_take_apart_match_their_plain_spelling(name: str, plain: str) -> None:
    """A12, F4: a name is found by the plain letters, and the plain letters by the name."""
    assert fold(name) == plain == fold(plain) == fold(plain.upper())


def test_every_latin_letter_with_an_addition_is_its_plain_letter() -> None:
    """A12, F4: `LATIN SMALL LETTER O WITH STROKE` and all the others that Unicode names so."""
    letters = [chr(point) for point in range(sys.maxunicode + 1)]
    added = r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH (?!SMALL LETTER|MIDDLE DOT|RIGHT HALF RING).*"
    matches = [(each, re.fullmatch(added, unicodedata.name(each, ""))) for each in letters]
    named = [(each, match[1].lower()) for each, match in matches if match]
    assert len(named) > 700
    assert [(letter, fold(letter)) for letter, plain in named if fold(letter) != plain] == []


@given(st.text(st.sampled_from("øłđħŧþðœæıŋßĳſﬁƒØŁĐĦŦÞÐŒÆİŊẞ aé-"), max_size=20), st.text(max_size=5))
def test_a_text_is_found_by_its_plain_spelling_and_the_reverse(text: str, around: str) -> None:
    """A12, F4: what is typed plainly stands within what is spelled so, whatever stands beside it."""
    assert fold(text) in fold(f"{around}{text}{around}")
    assert fold(fold(text)) == fold(text) == fold(text.upper())


@pytest.mark.parametrize("sign", ["≠", "≮", "≯"])
def test_a_sign_that_is_struck_out_is_not_its_opposite(sign: str) -> None:
    """F4: "not equal" is not "equal"."""
    assert fold(f"{sign}50") == f"{sign}50"


def test_no_text_fills_the_memory() -> None:
    """Foldings of characters are kept up to a bound."""
    fold("".join(chr(point) for point in range(0x4E00, 0x9FFF)))
    assert len(FOLDED) <= MAX_REMEMBERED


def test_sentences_stand_one_after_the_other() -> None:
    """What is empty leaves no gap."""
    assert sentences("It failed.", "", "Try again.") == "It failed. Try again."


def test_a_mistake_is_pointed_at_where_it_stands() -> None:
    """X1: the carets are below the word, with its quotes, wherever it stands in the line."""
    text = 'late:yes "no such" x'
    error = WordError.at(split(text)[1], "Unknown.")
    assert error.pointed(text) == f"{text}\n{' ' * 9}{'^' * 9}"
