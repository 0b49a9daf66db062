"""A pane edits the fields that its card may show, as the Update form has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.core.applications.model import Application, StatusClass
from bot.core.forms.fields import Choice
from bot.core.notifications.channel_settings import MessageStyle
from bot.sandbox.slack.work_objects.entities import Checked
from bot.slack.views.applications.entities import LinkedCard, entity
from bot.slack.views.building.entity_fields import editable

TEMPLATES = (Choice("3", "KYC"), Choice("4", "Loan"))


def edits(title: str, values: dict[str, Any], *, full: bool = False) -> dict[str, Any]:
    """Return how each field of a pane is edited, by its name. Slack must take the entity."""
    card = LinkedCard(
        1,
        Application(id="1", title=title, external_id="CRM-7"),
        StatusClass.OPEN,
        "https://clust.example/1",
        datetime(2026, 3, 1, tzinfo=UTC),
        style=MessageStyle(full=full),
    )
    checked = Checked()
    drawn = checked.entity(editable(entity(card), values, TEMPLATES, full=full), in_pane=True)
    assert checked.warnings == []
    payload = drawn["entity_payload"]
    rows = {"title": payload["attributes"]["title"], **{each["key"]: each for each in payload["custom_fields"]}}
    return {name: row["edit"] for name, row in rows.items() if "edit" in row}


def test_fields_have_the_limits_and_choices_of_the_form() -> None:
    """A title is never left empty. The template begins with the present one."""
    fields = edits("Acme", {"title": "Acme", "template_id": "3"})
    assert fields["title"] == {**fields["title"], "enabled": True, "optional": False, "text": {"max_length": 255}}
    select = fields["template_id"]["select"]
    assert (select["current_value"], [each["value"] for each in select["static_options"]]) == ("3", ["3", "4"])
    assert "external_id" not in fields


def test_an_external_id_is_edited_where_cards_show_it() -> None:
    """In channels with full cards."""
    assert edits("Acme", {"title": "Acme"}, full=True)["external_id"]["text"] == {"max_length": 100}


def test_a_right_to_left_title_is_edited_as_it_is() -> None:
    """What keeps it from reordering its surroundings isn't part of it, and isn't saved with it."""
    title = "קליטה · יוסף"
    card = LinkedCard(
        1, Application(id="1", title=title), None, "https://clust.example/1", datetime(2026, 3, 1, tzinfo=UTC)
    )
    drawn_before = entity(card)["entity_payload"]["attributes"]["title"]["text"]
    drawn = editable(entity(card), {"title": title}, TEMPLATES, full=False)
    assert drawn_before != title
    assert drawn["entity_payload"]["attributes"]["title"]["text"] == title
    assert edits(title, {"title": title})["title"]["enabled"]


def test_a_title_that_is_shown_otherwise_is_left_to_the_window() -> None:
    """One that was cut, or stands in for a missing one, would be saved as it is shown."""
    assert "title" not in edits("A" * 200, {"title": "A" * 200})
    assert "title" not in edits("", {"title": None})
