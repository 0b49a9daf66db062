"""A Work Object says what a notification would, and Slack takes it whatever Clust sends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, StatusClass
from bot.core.notifications.channel_settings import MessageStyle
from bot.sandbox.slack.block_kit.validation import validate_message
from bot.sandbox.slack.work_objects.entities import entities_of
from bot.slack.views.applications.entities import LinkedCard, entity, fitting, plain_card

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://clust.example/dossiers/12"
ACME = Application.model_validate(
    {
        "id": "12",
        "title": "Acme",
        "status_string": "Ongoing",
        "external_id": "CRM-7",
        "public_url": "https://clust.example/c/secret",
        "contact": {"full_name": "Ana Silva", "email": "ana@acme.example", "phone": "+351 210 555 010"},
        "template": {"id": "3", "title": "KYC"},
        "dossier_items": [
            {"title": name, "status": "Missing", "is_mandatory": True} for name in ("ID", "Tax", "Bank", "A", "B", "C")
        ],
    }
)
CARD = LinkedCard(5, ACME, StatusClass.OPEN, URL, NOW, is_late=True, item_names=True)


def custom(card: LinkedCard) -> dict[str, Any]:
    """Return the values of the custom fields by their keys."""
    return {each["key"]: each.get("value") for each in entity(card)["entity_payload"]["custom_fields"]}


def overflow(card: LinkedCard) -> list[str]:
    """Return the texts of the menu."""
    return [each["text"] for each in entity(card)["entity_payload"]["actions"]["overflow_actions"]]


def test_no_card_holds_what_a_notification_would_not() -> None:
    """Neither email, phone nor the client's page, in any style, and an external ID only in full cards."""
    for style in (MessageStyle(), MessageStyle(full=True, personal_data=True)):
        text = json.dumps(entity(replace(CARD, style=style)))
        assert not [secret for secret in ("ana@", "+351", "secret") if secret in text]
        assert custom(replace(CARD, style=style)).get("external_id") == ("CRM-7" if style.full else None)


def test_missing_items_are_named_where_the_channel_may_read_them() -> None:
    """The first five, and how many more there are."""
    assert custom(CARD)["missing"] == "ID, Tax, Bank, A, B, 1 more"
    assert "missing" not in custom(replace(CARD, item_names=False))


def test_lateness_account_and_age() -> None:
    """Since when it is late is a moment, which each reader sees in their zone."""
    assert custom(CARD)["late"] == "Yes"
    card = replace(CARD, late_since=NOW, account_name="emea", note="10 minutes ago")
    assert (custom(card)["late"], custom(card)["account"]) == (int(NOW.timestamp()), "emea")
    assert custom(card)["note"] == "10 minutes ago"
    assert "late" not in custom(replace(CARD, is_late=False))


def test_the_menu_fits_and_always_ends_with_hiding() -> None:
    """Whether it is assigned or closed."""
    assert overflow(CARD) == ["Assign to…", "Update", "Why this?", "More actions…", "Hide this card"]
    assigned = replace(CARD, assignee="U1", status_class=StatusClass.CLOSED)
    assert overflow(assigned) == ["Unassign", "Why this?", "More actions…", "Hide this card"]
    user = entity(assigned)["entity_payload"]["fields"]["assignee"]["user"]
    assert user == {"user_id": "U1"}


def test_what_does_not_fit_into_one_message_is_left_out() -> None:
    """From the end. The size is that of Slack's metadata."""
    entities = [entity(CARD, f"{URL}?{number}") for number in range(9)]
    some = fitting(entities)
    assert some == entities[: len(some)]
    assert 0 < len(some) < 9
    assert fitting([entity(replace(CARD, url=URL + "x" * 4000), URL)]) == []


def test_an_application_of_which_little_is_known() -> None:
    """It has a title and a status in any case."""
    payload = entity(LinkedCard(5, Application(id="7"), None, URL, NOW))["entity_payload"]
    assert payload["attributes"]["title"]["text"] == "Application 7"
    assert payload["fields"]["status"]["value"] == "Not known yet"


_TEXT = st.none() | st.text(max_size=400)


@given(_TEXT, _TEXT, _TEXT, st.sampled_from([*StatusClass, None]), st.text(max_size=200))
def test_slack_takes_whatever_clust_sends(
    title: str | None, status: str | None, external: str | None, status_class: StatusClass | None, note: str
) -> None:
    """Any text is cut and cleaned. Nothing is dropped with a warning, and the blocks instead are taken too."""
    application = Application(id="12", title=title, status_string=status, external_id=(external or "").strip() or None)
    card = replace(CARD, application=application, status_class=status_class, style=MessageStyle(full=True), note=note)
    entities = fitting([entity(card, URL)])
    if entities:
        assert entities_of({"entities": entities})[1] == []
    assert validate_message(plain_card(card).payload()) == []
