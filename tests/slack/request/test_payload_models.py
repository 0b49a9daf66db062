"""Payloads as frozen values: who sent them, what was clicked, and what stands in the fields of a view."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.slack.request.payload_models import BlockActions, Entry, OpenView, PersonPayload, SlashCommandPayload
from bot.slack.request.requester import Actor
from bot.slack.views.building import ids
from tests.slack.payloads import click, command, event, parsed

ORG: dict[str, Any] = {"id": "E1", "name": "Org"}

IN_T1: dict[str, Any] = {"enterprise_id": None, "team_id": "T1", "user_id": "U0", "is_enterprise_install": False}
FOR_ALL_OF_E1: dict[str, Any] = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
"""Installations that may see an event: in a workspace, and in a whole organization."""

CAUSED_IN_T2: dict[str, Any] = {"team_id": "T2", "authorizations": [FOR_ALL_OF_E1]}
"""Of an event that someone in a workspace caused, which may be of the organization or not."""


def interaction(**keys: Any) -> dict[str, Any]:
    """Return the closing of a window, with other keys or values."""
    return {"type": "view_closed", "user": {"id": "U1"}, "view": {"id": "V1"}, **keys}


@pytest.mark.parametrize(
    ("payload", "sender"),
    [
        (command(team_id="T1", user_id="U1"), Actor("T1", None, "U1")),
        (command(team_id="T1", enterprise_id="E1", user_id="U1"), Actor("T1", "E1", "U1")),
        (command(team_id="no id", user_id="<@U1>"), Actor("", None, "")),
        (interaction(team={"id": "T1"}, user={"id": "U1", "team_id": "T1"}), Actor("T1", None, "U1")),
        (interaction(team=None, enterprise=ORG, user={"id": "U1", "team_id": "T1"}), Actor("T1", "E1", "U1")),
        (
            interaction(team=None, enterprise=ORG, view={"id": "V1", "team_id": "T1", "app_installed_team_id": "E1"}),
            Actor("T1", "E1", "U1"),
        ),
        (
            interaction(
                team={"id": "T2"}, user={"id": "U2"}, view={"id": "V", "team_id": "T2", "app_installed_team_id": "T1"}
            ),
            Actor("T1", None, "U2"),
        ),
        (event("app_home_opened", user="U1"), Actor("T1", None, "U1")),
        ({**event("app_uninstalled"), "team_id": None, "enterprise_id": "E1"}, Actor("", "E1", "")),
        (event("x", user={"id": "U1"}), Actor("T1", None, "")),
        (
            {**event("app_mention", user="U2"), "team_id": "T2", "enterprise_id": "E2", "authorizations": [IN_T1]},
            Actor("T1", None, "U2"),
        ),
        (
            {**event("app_mention", user="U1"), "enterprise_id": "E1", "authorizations": [{**IN_T1, **FOR_ALL_OF_E1}]},
            Actor("T1", "E1", "U1"),
        ),
        ({**event("app_mention", user="U1"), "authorizations": []}, Actor("T1", None, "U1")),
        ({**event("app_mention", user="U2"), **CAUSED_IN_T2}, Actor("E1", "E1", "U2")),
        ({**event("app_mention", user="U2"), **CAUSED_IN_T2, "enterprise_id": "E2"}, Actor("E1", "E1", "U2")),
        ({**event("app_mention", user="U2"), **CAUSED_IN_T2, "context_team_id": "T1"}, Actor("T1", "E1", "U2")),
        ({**event("app_mention", user="U1"), **CAUSED_IN_T2, "enterprise_id": "E1"}, Actor("T2", "E1", "U1")),
        ({**event("app_mention", user="U1"), **CAUSED_IN_T2, "is_ext_shared_channel": False}, Actor("T2", "E1", "U1")),
    ],
)
def test_a_sender_is_read_from_any_payload(payload: dict[str, Any], sender: Actor) -> None:
    """The sender is the person, and the workspace with the app; what is missing or malformed stays empty."""
    assert getattr(parsed(payload), "sender") == sender  # noqa: B009  each shape has one


def test_a_payload_can_not_be_changed() -> None:
    """Payloads are frozen."""
    payload = parsed(command())
    with pytest.raises(ValidationError, match="frozen"):
        payload.team_id = "T2"  # type: ignore[attr-defined]


def test_the_place_is_that_of_the_command_or_of_the_message() -> None:
    """The place is the channel of a command or message; a window and the Home tab have none."""
    typed, clicked, closed = parsed(command(channel_name="directmessage")), parsed(click()), parsed(interaction())
    assert isinstance(typed, SlashCommandPayload)
    assert isinstance(clicked, PersonPayload)
    assert isinstance(closed, PersonPayload)
    assert (typed.place, typed.place_name) == ("C1", "directmessage")
    assert (clicked.place, closed.place, PersonPayload().place) == ("C1", "", "")


@pytest.mark.parametrize(
    ("action", "view", "account_id", "choice"),
    [
        ({"action_id": ids.DETAILS, "value": "5~1"}, None, 5, "1"),
        ({"action_id": ids.MORE, "selected_option": {"value": "5~take 1"}}, None, 5, "take 1"),
        ({"action_id": ids.RETRY, "value": "d2"}, "6~d1", 6, "d2"),
        ({"action_id": ids.DETAILS, "value": "5~1"}, "6~d1", 6, "1"),
        ({"action_id": ids.DETAILS, "value": "1"}, "d1", None, "1"),
        ({"action_id": ids.VALUE, "selected_date": "2026-01-01"}, None, None, ""),
    ],
)
def test_a_click_is_read_without_its_account_tag(
    action: dict[str, Any], view: str | None, account_id: int | None, choice: str
) -> None:
    """The account comes from the window's metadata, else from the button's value."""
    window = {"id": "V1", "type": "modal", "private_metadata": view, "state": {"values": {}}} if view else None
    payload = parsed(click(actions=[action], view=window))
    assert isinstance(payload, BlockActions)
    assert (payload.account_id, payload.action.choice) == (account_id, choice)
    if payload.view:
        assert payload.view.metadata == "d1"


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "email_text_input", "value": "a@b.example"}, "a@b.example"),
        ({"type": "number_input", "value": "12"}, "12"),
        ({"type": "static_select", "selected_option": None}, None),
        ({"type": "external_select", "selected_option": {"value": "9"}}, "9"),
        ({"type": "radio_buttons", "selected_option": {"value": "1"}}, "1"),
        ({"type": "multi_static_select", "selected_options": [{"value": "late"}]}, ["late"]),
        ({"type": "checkboxes", "selected_options": []}, []),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
    ],
)
def test_every_kind_of_element_is_read(entry: dict[str, Any], value: Any) -> None:
    """Every kind of element has a content, as Slack puts it into the state."""
    assert Entry.model_validate(entry).content == value


def test_a_view_is_sent_back_as_it_came() -> None:
    """A view is sent back without what Slack added, and without its account tag."""
    sent = {
        "type": "modal",
        "callback_id": "x",
        "private_metadata": "d1",
        "notify_on_close": True,
        "title": {"type": "plain_text", "text": "X"},
        "blocks": [{"type": "divider", "block_id": "b"}],
    }
    view = OpenView.model_validate({**sent, "id": "V1", "hash": "1.2", "private_metadata": "5~d1", "close": None})
    assert view.as_sent() == sent
    assert OpenView.model_validate({"id": "V1"}).entered == {}
