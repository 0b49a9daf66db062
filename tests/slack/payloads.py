"""Payloads as Slack sends them, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from bot.slack.entry import payloads
from bot.slack.request.payload_models import ViewSubmission
from bot.slack.request.payload_parts import PayloadPart


def command(**keys: Any) -> dict[str, Any]:
    """Return a slash command, with other keys or values (Slack: Slash commands)."""
    return {
        "command": "/clust",
        "text": "list",
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "response_url": "https://hooks.slack.com/commands/1",
        "trigger_id": "1.2.3",
        **keys,
    }


def click(**keys: Any) -> dict[str, Any]:
    """Return a click in a message, with other keys or values (Slack: block_actions)."""
    return {
        "type": "block_actions",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "trigger_id": "1.2.3",
        "actions": [{"action_id": "details", "value": "1"}],
        **keys,
    }


def event(kind: str, **keys: Any) -> dict[str, Any]:
    """Return an event, with keys of its own (Slack: event_callback)."""
    return {"type": "event_callback", "team_id": "T1", "event": {"type": kind, **keys}}


def parsed(payload: dict[str, Any]) -> PayloadPart:
    """Return a payload as the value that it is."""
    received = payloads.parse(payload)
    assert received
    return received.payload


def entered(state_values: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in the fields of a view by block id, from what Slack sends as `state.values`."""
    view = {"id": "V1", "state": {"values": state_values}}
    payload = parsed({"type": "view_submission", "user": {"id": "U1"}, "view": view})
    assert isinstance(payload, ViewSubmission)
    return payload.view.entered
