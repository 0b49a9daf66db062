"""Payloads as frozen values: who sent them, where, and what was clicked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.slack.request.payload_models import BlockActions, PersonPayload, SlashCommandPayload
from bot.slack.request.requester import Actor
from bot.slack.views.building import ids
from tests.slack.payloads import click, command, parsed

ORG: dict[str, Any] = {"id": "E1", "name": "Org"}


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
        (
            interaction(team={"id": "T2", "enterprise_id": "E2"}, view={"id": "V", "app_installed_team_id": "T1"}),
            Actor("T1", None, "U1"),
        ),
        (interaction(team=None, user={"id": "U2", "team_id": "T2"}), Actor("", None, "U2")),
    ],
)
def test_a_sender_is_read_from_any_payload(payload: dict[str, Any], sender: Actor) -> None:
    """The sender is the person, and the workspace with the app. What is missing or malformed stays empty."""
    assert getattr(parsed(payload), "sender") == sender  # noqa: B009  each shape has one


@pytest.mark.parametrize(
    ("origin", "team_id", "may_be_foreign"),
    [
        ({"team": {"id": "T1", "enterprise_id": "E1"}}, "T1", False),
        ({"team": {"id": "T1"}, "is_enterprise_install": False}, "T1", False),
        ({"team": {"id": "T2"}}, "T2", True),
        ({"team": {"id": "T2", "enterprise_id": "E2"}}, "T2", True),
        ({"team": None, "user": {"id": "U1", "team_id": "T2"}}, "T2", True),
        ({"team": None, "user": {"id": "U1", "team_id": "E1"}}, "E1", True),
        ({"team": None, "user": {"id": "U1", "team_id": "E2"}}, "E1", True),
        ({"team": {"id": "T2"}, "enterprise": {"id": "E2"}, "view": {"app_installed_team_id": "E1"}}, "T2", True),
        ({"team": None, "enterprise": None, "view": {"app_installed_team_id": "E1", "team_id": "T2"}}, "T2", True),
    ],
)
def test_a_workspace_of_an_organization_wide_installation_may_be_a_strangers(
    origin: dict[str, Any], team_id: str, *, may_be_foreign: bool
) -> None:
    """W1: it certainly isn't where the payload names the organization of the workspace."""
    view = {"id": "V1", **origin.get("view", {})}
    usual = {"enterprise": ORG, "is_enterprise_install": True}
    sender = getattr(parsed(interaction(**{**usual, **origin, "view": view})), "sender")  # noqa: B009  as above
    assert (sender, sender.may_be_foreign) == (Actor(team_id, "E1", "U1"), may_be_foreign)


@pytest.mark.parametrize(
    ("origin", "is_certain"),
    [
        ({}, False),
        ({"enterprise": ORG}, True),
        ({"view": {"id": "V1", "app_installed_team_id": "E1"}}, True),
        ({"is_enterprise_install": False}, True),
    ],
)
def test_an_organization_that_only_the_workspace_names_is_uncertain(
    origin: dict[str, Any], *, is_certain: bool
) -> None:
    """W1: Bolt takes it too, but a stranger's workspace names the stranger's organization."""
    usual = {"team": {"id": "T1", "enterprise_id": "E1"}, "enterprise": None, "is_enterprise_install": True}
    sender = getattr(parsed(interaction(**{**usual, **origin})), "sender")  # noqa: B009  as above
    assert (sender, sender.is_organization_certain) == (Actor("T1", "E1", "U1"), is_certain)


def test_a_payload_can_not_be_changed() -> None:
    """Payloads are frozen."""
    payload = parsed(command())
    with pytest.raises(ValidationError, match="frozen"):
        payload.team_id = "T2"  # type: ignore[attr-defined]


def test_the_place_is_that_of_the_command_or_of_the_message() -> None:
    """The place is the channel of a command or message, but a window and the Home tab have none."""
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
