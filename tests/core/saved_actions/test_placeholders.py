"""Placeholders: parsed once, filled in with values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, Recipient
from bot.core.errors import UsageError
from bot.core.saved_actions import placeholders
from bot.core.saved_actions.placeholders import PLACEHOLDERS, Placeholder, Use

USE = Use(
    Application(id="7", external_id="A-1", recipient=Recipient(email="ana@example.com")),
    "Mei",
    "Please sign",
    "2026-12-01",
)


EMPTY = Use(Application(id="7"), "Mei")
"""A use of an application of which nothing but its number is known."""


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_each_placeholder_has_a_value(name: str) -> None:
    """Each row of the table stands for something of the use."""
    parts = placeholders.parse(f"<{{{name}}}>")
    assert placeholders.names_in(parts) == {name}
    assert placeholders.fill(parts, USE) == f"<{PLACEHOLDERS[name].value(USE)}>"


@pytest.mark.parametrize("name", [name for name, row in PLACEHOLDERS.items() if not row.value(EMPTY)])
def test_a_placeholder_without_a_value_is_refused(name: str) -> None:
    """Nothing is sent with a hole in it, and the sentence says what is missing."""
    with pytest.raises(UsageError) as error:
        placeholders.fill(placeholders.parse(f"{{{name}}}"), EMPTY)
    assert PLACEHOLDERS[name].missing in error.value.sentence


def test_two_braces_are_one() -> None:
    """`{{` is a brace, and a closing one stands for itself."""
    assert placeholders.parse("{{id} {{{id}} }") == ("{id} {", Placeholder("id"), "} }")


@pytest.mark.parametrize("text", ["{ids}", "{}", "{ID}", "{id:text}", "{id:}", "{id", "a { b", "{id {id}"])
def test_an_unknown_placeholder_is_refused(text: str) -> None:
    """The sentence says how a brace is written."""
    with pytest.raises(UsageError, match=r"`\{\{`"):
        placeholders.parse(text)


@pytest.mark.parametrize(("text", "number"), [("7", 7), (" -12 ", -12), ("1.50", 1.5), ("0", 0)])
def test_a_number_is_read(text: str, number: float) -> None:
    """`{text:number}` is a number of JSON."""
    (placeholder,) = placeholders.parse("{text:number}")
    assert isinstance(placeholder, Placeholder)
    assert placeholders.number_of(placeholder, Use(Application(id="7"), "Mei", text)) == number


@pytest.mark.parametrize("text", ["seven", "007", "1e5", "NaN", "1,5", "\u0667", "9" * 30])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Only numbers as JSON writes them, that keep their value."""
    with pytest.raises(UsageError, match="isn't a number"):
        placeholders.number_of(Placeholder("text", is_number=True), Use(Application(id="7"), "Mei", text))


@given(st.text(), st.text())
def test_values_are_never_parsed(text: str, value: str) -> None:
    """A value that looks like a placeholder is text, and what is doubled comes back as it was."""
    doubled = text.replace("{", "{{")
    parts = placeholders.parse(f"{doubled} {{text}}")
    assert placeholders.fill(parts, Use(Application(id="7"), "Mei", value or "{id}")) == f"{text} {value or '{id}'}"
