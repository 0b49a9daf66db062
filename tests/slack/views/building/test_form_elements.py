"""The elements of a form: each kind begins with what was chosen before, within what Slack takes."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from bot.core.forms.fields import MAX_OPTION_LENGTH, MAX_TEXT_LENGTH, Choice, Field, Kind
from bot.slack.views.building.form_elements import MAX_OPTIONS, element, fits, label_of, matching_options, options

TWO = (Choice("1", "One"), Choice("2", "Two"))
MANY = tuple(Choice(str(number), f"Template {number}") for number in range(MAX_OPTIONS + 1))


@pytest.mark.parametrize(
    ("kind", "value", "begun"),
    [
        (Kind.TEXT, "Ana", {"initial_value": "Ana"}),
        (Kind.NUMBER, 7, {"initial_value": "7"}),
        (Kind.LONG_TEXT, "a\nb", {"multiline": True, "initial_value": "a\nb"}),
        (Kind.TEXT, "  ", {}),
        (Kind.TEXT, None, {}),
        (Kind.PERSON, "U123", {"initial_user": "U123"}),
        (Kind.PERSON, "<!here>", {}),
        (Kind.TIME, time(9, 30), {"initial_time": "09:30"}),
        (Kind.TIME, "half past nine", {}),
    ],
)
def test_a_field_begins_with_its_value(kind: Kind, value: Any, begun: dict[str, Any]) -> None:
    """What Slack would refuse is left out."""
    made = element(Field("Label", kind), value)
    assert {name: made[name] for name in made if name.startswith(("initial", "multi"))} == begun


def test_a_secret_is_never_shown_again() -> None:
    """And a text that is too long is cut."""
    assert "initial_value" not in element(Field("Key", secret=True), "token")
    assert len(element(Field("Text", Kind.LONG_TEXT), "x" * 9000)["initial_value"]) == MAX_TEXT_LENGTH


def test_a_select_offers_what_was_chosen_before() -> None:
    """Also what is none of the choices any more, and too many are looked up as one types."""
    made = element(Field("Template", Kind.SELECT), "9", TWO)
    assert [one["value"] for one in made["options"]] == ["9", "1", "2"]
    assert made["initial_option"]["value"] == "9"
    assert element(Field("Template", Kind.SELECT), None, MANY)["type"] == "external_select"
    assert element(Field("Template", Kind.SELECT, external=True, letters=2), None, TWO)["min_query_length"] == 2


def test_several_and_one_of_some() -> None:
    """Checkboxes begin with all that was chosen, and of radio buttons the last one is the default."""
    several = element(Field("Events", Kind.SEVERAL, choices=TWO), ["2", "3"])
    assert [one["value"] for one in several["initial_options"]] == ["2"]
    radio = Field("Mails", Kind.CHOICE, choices=TWO)
    assert [element(radio, value)["initial_option"]["value"] for value in ("1", None)] == ["1", "2"]


def test_an_option_is_offered_once_and_only_if_slack_takes_it() -> None:
    """The first of two with one value counts."""
    odd = [
        Choice("1", "One"),
        Choice("1", "Again"),
        Choice(" ", "Blank"),
        Choice("x" * (MAX_OPTION_LENGTH + 1), "Long"),
    ]
    assert [one["text"]["text"] for one in options(odd)] == ["One"]


def test_a_search_ends_with_the_fields_own_options() -> None:
    """However many match before them."""
    matches = matching_options(Field("Template", choices=TWO), MANY, "template")
    assert len(matches) == MAX_OPTIONS
    assert [one["value"] for one in matches[-2:]] == ["1", "2"]


@pytest.mark.parametrize(
    ("typed", "text", "is_match"),
    [
        ("muller", "Anna Müller", True),
        ("#general", "general", True),
        ("ana silva", "Silva, Ana", True),
        ("x", "y", False),
    ],
)
def test_every_word_must_be_there(typed: str, text: str, *, is_match: bool) -> None:
    """F4: in any spelling and any order."""
    assert fits(typed, text) is is_match


@pytest.mark.parametrize(
    ("value", "words"), [("1", "One"), (["1", "2"], "One, Two"), ("9", "9"), (None, "(empty)"), ([], "(empty)")]
)
def test_a_value_has_its_label(value: Any, words: str) -> None:
    """A value that no choice has stands for itself."""
    assert label_of(TWO, value) == words
