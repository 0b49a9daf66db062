"""Events as frozen values: the installation that one happened to, and the person that it is about."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.request.event_payloads import EventCallback, InnerEvent, PersonEvent
from bot.slack.request.requester import Actor
from tests.slack.payloads import event, parsed

IN_T1: dict[str, Any] = {"enterprise_id": None, "team_id": "T1", "user_id": "U0", "is_enterprise_install": False}
FOR_ALL_OF_E1: dict[str, Any] = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
"""Installations that may see an event: in a workspace, and in a whole organization."""

CAUSED_IN_T2: dict[str, Any] = {"team_id": "T2", "authorizations": [FOR_ALL_OF_E1]}
"""Of an event that someone in a workspace caused, which may be of the organization or not."""


@pytest.mark.parametrize(
    ("payload", "sender"),
    [
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
        ({**event("app_mention", user="U2"), **CAUSED_IN_T2, "context_team_id": "E1"}, Actor("E1", "E1", "U2")),
        (
            {**event("app_mention", user="U1"), **CAUSED_IN_T2, "enterprise_id": "E1", "context_team_id": "E1"},
            Actor("T2", "E1", "U1"),
        ),
        ({**event("app_mention", user="U1"), **CAUSED_IN_T2, "enterprise_id": "E1"}, Actor("T2", "E1", "U1")),
        ({**event("app_mention", user="U1"), **CAUSED_IN_T2, "is_ext_shared_channel": False}, Actor("T2", "E1", "U1")),
    ],
)
def test_an_event_is_for_the_installation_that_may_see_it(payload: dict[str, Any], sender: Actor) -> None:
    """W1: the person who caused it, in whichever workspace. What is missing or malformed stays empty."""
    received = parsed(payload)
    assert isinstance(received, EventCallback)
    assert received.sender == sender


@pytest.mark.parametrize(
    ("happened", "place"),
    [
        (InnerEvent(type="x", channel="C1"), "C1"),
        (InnerEvent.model_validate({"type": "x", "channel": {"id": "C1"}}), "C1"),
        (InnerEvent(type="x"), ""),
        (InnerEvent(type="x", channel="COMPOSER"), ""),
        (InnerEvent(type="x", channel="C1", source="composer"), ""),
    ],
)
def test_the_place_of_an_event_is_its_channel(happened: InnerEvent, place: str) -> None:
    """A message that isn't sent yet stands in no channel."""
    assert PersonEvent.of(happened).place == place
