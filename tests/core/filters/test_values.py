"""Texts, numbers, and yes or no, as people type them in filters (rules F1, F2)."""

import pytest

from bot.core.filters.values import number_reader, text_reader, yes_or_no
from tests.core.filters.examples import ACME, NOTHING, NOW, wants

PROGRESS = number_reader("progress", lambda application: application.progress)
TITLE = text_reader(lambda facts: (facts.application.title,), lambda facts: (facts.application.external_id,))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("progress:<50", True),
        ("progress:<50%", True),
        ("progress:>=49.5", True),
        ("progress:>49.5", False),
        ("progress:<=49.5", True),
        ("progress:49.50", True),
        ("progress:=49.5", True),
        ("progress:50", False),
        ("missing:0", True),
        ("missing:>0", False),
    ],
)
def test_numbers_are_compared(text: str, kept: bool) -> None:
    """With a sign or without one. A percent sign changes nothing."""
    assert wants(text) is kept


@pytest.mark.parametrize(
    ("text", "canonical"), [("50%", "50"), ("= 49.50", "49.5"), (">=007", ">=7"), ("< 0.125", "<0.125")]
)
def test_a_number_has_one_canonical_text(text: str, canonical: str) -> None:
    """Two values of one key are equal if these are."""
    value = PROGRESS(text)
    assert value
    assert value.text == canonical


@pytest.mark.parametrize("text", ["", "<", "fifty", "-5", "1e3", "1234567890", "0.1234", "<>5", "\u0663"])
def test_what_is_no_number(text: str) -> None:
    """Nothing is guessed."""
    assert PROGRESS(text) is None


def test_an_unknown_number_matches_nothing() -> None:
    """Not even zero (F3)."""
    value = PROGRESS("0")
    assert value
    assert value.lacks(NOTHING)
    assert not value.passes(NOTHING, NOW)


@pytest.mark.parametrize(
    ("text", "kept"), [("holding", True), ("EUROPE", True), ("a-17", True), ("a-1", False), ("europe a-17", False)]
)
def test_a_text_is_within_one_or_the_whole_of_another(text: str, kept: bool) -> None:
    """Never across two texts."""
    value = TITLE(text)
    assert value
    assert value.passes(ACME, NOW) is kept
    assert TITLE(" \u200b") is None


@pytest.mark.parametrize(
    ("text", "expected"), [("Yes", True), ("OUI", True), ("0", False), ("non", False), ("so", None)]
)
def test_yes_or_no(text: str, expected: bool | None) -> None:
    """In any of the words that people use."""
    assert yes_or_no(text) is expected
