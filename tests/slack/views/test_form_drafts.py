"""Forms that were not sent: each is offered again, and no sentence lets what was typed speak to Slack."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.slack.views import form_drafts as views
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Message
from bot.slack.views.form_drafts import DraftSummary
from tests.slack.views.conftest import Read

FORMS = {
    ids.CREATE: {"title": "<!here> Acme"},
    ids.UPDATE: {},
    ids.DELETE: {},
    ids.CONSOLE: {"method": "POST", "path": "/dossiers/<!here>"},
    ids.SUBSCRIBE: {},
}


def summary(form: str, now: datetime, **more: Any) -> DraftSummary:
    """Return a draft of a form, about application 123."""
    values: dict[str, Any] = {"values": FORMS[form], "target": "123", "result": None, "created_at": now, **more}
    return DraftSummary("d1", form, **values)


def actions_of(message: Message) -> list[tuple[str, str]]:
    """Return what the buttons of a message do, and of what."""
    elements = (element for block in message.blocks for element in block.get("elements", ()) if "action_id" in element)
    return [(element["action_id"], element["value"]) for element in elements]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_not_sent_can_be_resumed(read: Read, now: datetime, form: str) -> None:
    """By its draft; what was typed is escaped."""
    message = views.left(summary(form, now))
    assert "<!here>" not in "\n".join(read(message))
    assert (ids.RESUME, "d1") in actions_of(message)


@pytest.mark.parametrize("form", FORMS)
def test_what_nobody_knows_the_outcome_of_is_never_sent_by_itself(read: Read, now: datetime, form: str) -> None:
    """M2: a create is checked first, everything else is opened again."""
    message = views.uncertain(summary(form, now))
    assert read(message)
    assert ({action for action, _ in actions_of(message)} >= {ids.CHECK}) is (form == ids.CREATE)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_carried_out_leads_to_its_application(read: Read, now: datetime, form: str) -> None:
    """Where there is one; it is sent no second time."""
    message = views.finished(summary(form, now, result="123"))
    assert read(message)
    assert actions_of(message) == ([(ids.DETAILS, "123")] if form in {ids.CREATE, ids.UPDATE} else [])


def test_an_offer_can_be_taken_out_of_its_form(now: datetime) -> None:
    """Each draft's own blocks, and no others."""
    first, second = (
        DraftSummary(key, ids.CREATE, {"email": "ana@acme.example"}, None, None, now - timedelta(hours=1))
        for key in ("d1", "d2")
    )
    blocks = views.offer([first, second], now)
    left = views.without_offer(blocks, "d1")
    assert left == views.offer([second], now)
    assert views.without_offer(left, "d2") == []


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"title": "Acme", "first_name": "Ana"}, "Acme"),
        ({"first_name": "Ana", "last_name": "Silva"}, "Ana Silva"),
        ({"email": "ana@acme.example"}, "ana@acme.example"),
    ],
)
def test_a_new_application_is_called_by_what_was_typed(
    read: Read, now: datetime, values: dict[str, str], name: str
) -> None:
    """Its title, else its recipient, else the address."""
    assert name in read(views.left(summary(ids.CREATE, now, values=values)))[0]
