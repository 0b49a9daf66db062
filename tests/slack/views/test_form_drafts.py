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
    values: dict[str, Any] = {"values": FORMS.get(form, {}), "target": "123", "result": None, "created_at": now, **more}
    return DraftSummary("d1", form, **values)


def actions_of(message: Message) -> list[tuple[str, str]]:
    """Return what the buttons of a message do, and of what."""
    elements = (element for block in message.blocks for element in block.get("elements", ()) if "action_id" in element)
    return [(element["action_id"], element["value"]) for element in elements]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_not_sent_can_be_resumed(read: Read, now: datetime, form: str) -> None:
    """By its draft. What was typed is escaped."""
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
    """Where there is one. It isn't sent a second time."""
    message = views.finished(summary(form, now, result="123"))
    assert read(message)
    assert actions_of(message) == ([(ids.DETAILS, "123")] if form in {ids.CREATE, ids.UPDATE} else [])


def test_an_offer_can_be_removed_from_its_form(now: datetime) -> None:
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
        ({}, "no name yet"),
    ],
)
def test_a_new_application_is_called_by_what_was_typed(
    read: Read, now: datetime, values: dict[str, str], name: str
) -> None:
    """Its title, else its recipient, else the address."""
    assert f"({name})" in read(views.left(summary(ids.CREATE, now, values=values)))[0]
    assert f"({name})" in read(views.uncertain(summary(ids.CREATE, now, values=values)))[0]


@pytest.mark.parametrize(
    ("values", "target", "sentence"),
    [
        ({}, "12", "⚠️ Your action on application 12 hasn't been completed."),
        ({"applications": ["1", "2"]}, None, "⚠️ Your action on 2 applications hasn't been completed."),
        (
            {"applications": ["1", "2"], "done": ["1"]},
            None,
            "⚠️ Your action on 2 applications (done: #1) hasn't been completed.",
        ),
    ],
)
def test_an_action_says_how_far_it_got(
    read: Read, now: datetime, values: dict[str, Any], target: str | None, sentence: str
) -> None:
    """With several applications, those that are done are named."""
    assert read(views.left(summary(ids.ACTION, now, values=values, target=target)))[0] == sentence


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (ids.ACTION_SAVE, "⚠️ The action without a name hasn't been saved."),
        (
            ids.CONNECT,
            "⚠️ The account without a name hasn't been connected. What you typed is saved, except the API token.",
        ),
    ],
)
def test_what_has_no_name_yet_is_called_so(read: Read, now: datetime, form: str, sentence: str) -> None:
    """A name can be empty when a form is closed."""
    assert read(views.left(summary(form, now, values={"name": " "})))[0] == sentence
