"""What Clust takes of what it is sent, and Laravel's words for what it doesn't."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.clust.validation import (
    DOSSIER_RULES,
    TEMPLATE_RULES,
    ValidationRefusal,
    checked,
    is_number,
    nested,
    not_found,
)

CONTACT = {"firstname": "Ana", "lastname": "Costa", "email": "ana@example.com"}


def errors_of(body: Any, *, creating: bool = False) -> dict[str, str]:
    """Return the messages by field that a dossier is refused with, empty if it is accepted."""
    try:
        checked(DOSSIER_RULES, json.dumps(body).encode(), creating=creating)
    except ValidationRefusal as refusal:
        return {**refusal.errors, **({} if refusal.status == 422 else {"status": str(refusal.status)})}
    return {}


def test_what_is_required_is_required_of_new_ones_only() -> None:
    """An update may leave anything out, and may not empty what is required."""
    assert set(errors_of({}, creating=True)) == {
        *("template_id", "contact.firstname", "contact.lastname", "contact.email")
    }
    assert errors_of({"template_id": "7", "contact": CONTACT}, creating=True) == {}
    assert errors_of({}) == {}
    assert errors_of({"contact": {"email": " "}}) == {"contact.email": "The contact.email field is required."}


@pytest.mark.parametrize(
    "field",
    [
        {"template_id": True},
        {"template_id": "7a"},
        {"folder_id": -1},
        {"title": "x" * 256},
        {"title": 7},
        {"contact": {"email": "ana@example"}},
        {"auto_emails": "yes"},
        {"webhook": {"url": "ftp://example.com"}},
        {"webhook": {"events": ["tea"]}},
    ],
)
def test_a_wrong_value_has_a_message_below_its_field(field: dict[str, Any]) -> None:
    """One for each field that is wrong."""
    assert len(errors_of(field)) == 1


def test_a_refusal_begins_with_the_first_message() -> None:
    """Laravel says how many others there are."""
    with pytest.raises(ValidationRefusal) as caught:
        checked(TEMPLATE_RULES, b'{"is_live": 1}', creating=True)
    assert caught.value.message == "The title field is required. (and 1 more error)"
    assert not_found("dossier", "No such dossier").errors == {"dossier": "dossier_not_found"}
    assert ValidationRefusal(404).message == "Not Found"


def test_the_body_is_an_object() -> None:
    """No list, and no text. Nothing at all is an object without fields."""
    with pytest.raises(ValidationRefusal, match="JSON object") as caught:
        checked(TEMPLATE_RULES, b"[]", creating=False)
    assert caught.value.status == 400
    assert checked(TEMPLATE_RULES, b"", creating=False) == {}


def test_fields_have_dotted_names() -> None:
    """Unknown ones are left out, and blank ones are null."""
    body = {"title": " ", "contact": {"phone": "1", "shoe": 43}, "color": "red"}
    fields = checked(DOSSIER_RULES, json.dumps(body).encode(), creating=False)
    assert fields == {"contact.phone": "1", "title": None}
    assert nested(fields) == {"contact": {"phone": "1"}, "title": None}
    assert [is_number(value) for value in (7, "7", True, "", None)] == [True, True, False, False, False]
