"""The forms that create, update and choose an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.forms.application_forms import NEW_TEMPLATE, CreateForm
from bot.core.forms.fields import Choice, Kind
from bot.core.forms.update_diff import initial
from bot.core.forms.validation import asked_of, is_needed
from bot.sandbox.slack.block_kit.validation import validate_view
from bot.slack.views.applications.forms import VALUE_NOT_LOADED, create_form, pick_form, template_choices, update_form

TEMPLATES = [Choice("9", "KYC company"), Choice("8", "KYC person", "Not live")]


ELEMENTS = {
    Kind.SELECT: "static_select",
    Kind.SEVERAL: "multi_static_select",
    Kind.CHOICE: "radio_buttons",
}
"""The type of Block Kit element for each kind of field that isn't typed."""


def _fields(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input blocks by their block ids, after asserting that Slack would take the view."""
    assert validate_view(view) == []
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def test_the_form_of_a_new_application() -> None:
    """The fields come in order, each with its block ID, label, hint and element. Required fields are marked."""
    inputs = _fields(create_form("d1", TEMPLATES, has_webhook=True))
    assert "webhook_to_bot" not in _fields(create_form("d1", TEMPLATES))
    hidden = {"connection", "new_template"}  # asked where there are several accounts, and for a new template
    fields = {name: field for name, field in asked_of(CreateForm).items() if name not in hidden}
    assert list(inputs) == list(fields)
    for name, field in fields.items():
        assert inputs[name]["label"]["text"] == field.label
        assert inputs[name].get("hint", {}).get("text", "") == field.hint
        assert inputs[name]["element"]["type"] == ELEMENTS.get(field.kind, "plain_text_input")
        assert inputs[name]["optional"] is not is_needed(CreateForm, name)


def test_create_a_new_template_asks_for_its_title_and_keeps_what_was_typed() -> None:
    """Choosing *New template* redraws the form with one more field, and keeps other values."""
    first = _fields(create_form("d1", TEMPLATES))
    assert [each["value"] for each in first["template_id"]["element"]["options"]] == ["9", "8", NEW_TEMPLATE]
    assert first["template_id"]["dispatch_action"] is True
    again = _fields(create_form("d1", TEMPLATES, {"template_id": NEW_TEMPLATE, "first_name": "Ana"}))
    assert list(again)[:3] == ["template_id", "new_template", "first_name"]
    assert again["new_template"]["optional"] is False
    assert again["template_id"]["element"]["initial_option"]["value"] == NEW_TEMPLATE
    assert again["first_name"]["element"]["initial_value"] == "Ana"


def test_update_is_filled_in_and_says_what_it_does_not_know() -> None:
    """M3: known values are filled in, and the others are marked. A template missing from the list is offered too."""
    start = initial({"template_id": 77, "title": "Acme", "auto_emails": 1, "webhook_events": ["late"], "phone": None})
    fields = _fields(update_form("d1", TEMPLATES, start))
    assert fields["template_id"]["element"]["initial_option"]["value"] == "77"
    assert fields["title"]["element"]["initial_value"] == "Acme"
    assert fields["auto_emails"]["element"]["initial_option"]["text"]["text"] == "Yes"
    assert [each["value"] for each in fields["webhook_events"]["element"]["initial_options"]] == ["late"]
    not_loaded = [name for name, field in fields.items() if field.get("hint", {}).get("text") == VALUE_NOT_LOADED]
    assert not_loaded == [name for name in fields if name not in {*start, "auto_emails"}]
    assert "webhook_url" in not_loaded
    assert _fields(update_form("d1", TEMPLATES, {}))["auto_emails"]["element"]["initial_option"]["value"] == "unset"


def test_pick_searches_from_the_first_letter_on() -> None:
    """The application select searches the store."""
    field = _fields(pick_form("delete", "delete"))["application"]["element"]
    assert (field["type"], field["min_query_length"]) == ("external_select", 1)


def test_live_templates_come_first() -> None:
    """Templates are sorted by title, live ones first. One without a title is shown by its number."""
    rows = [("1", "b", True), ("2", None, None), ("3", "A", False), ("4", "a", True)]
    assert template_choices(rows) == [
        Choice("4", "a"),
        Choice("1", "b"),
        Choice("2", "Template 2"),
        Choice("3", "A", "Not live"),
    ]
