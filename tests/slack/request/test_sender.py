"""Whose request a payload is: commands, clicks, windows and events, in a workspace and in an organisation."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.request.sender import Actor, sender_of

ORG: dict[str, Any] = {"id": "E1", "name": "Org"}


@pytest.mark.parametrize(
    ("body", "sender"),
    [
        ({"team_id": "T1", "user_id": "U1"}, Actor("T1", None, "U1")),
        ({"team_id": "T1", "enterprise_id": "E1", "user_id": "U1"}, Actor("T1", "E1", "U1")),
        ({"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}, Actor("T1", None, "U1")),
        ({"team": None, "enterprise": ORG, "user": {"id": "U1", "team_id": "T1"}}, Actor("T1", "E1", "U1")),
        (
            {
                "team": None,
                "enterprise": ORG,
                "user": {"id": "U1"},
                "view": {"team_id": "T1", "app_installed_team_id": "E1"},
            },
            Actor("T1", "E1", "U1"),
        ),
        (
            {"team": {"id": "T2"}, "user": {"id": "U2"}, "view": {"team_id": "T2", "app_installed_team_id": "T1"}},
            Actor("T1", None, "U2"),
        ),
        ({"team_id": "T1", "event": {"type": "app_home_opened", "user": "U1"}}, Actor("T1", None, "U1")),
        ({"enterprise_id": "E1", "event": {"type": "app_uninstalled"}}, Actor("", "E1", "")),
        ({"team_id": "T1", "event": {"type": "x", "user": {"id": "U1"}}}, Actor("T1", None, "")),
        ({}, Actor("", None, "")),
    ],
)
def test_a_sender_is_read_from_any_payload(body: dict[str, Any], sender: Actor) -> None:
    """The workspace that has the app counts; what a payload does not tell stays empty."""
    assert sender_of(body) == sender
