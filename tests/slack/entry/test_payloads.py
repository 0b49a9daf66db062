"""Payloads are read once into values whose texts can be stored, the same over HTTP and by Socket Mode."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from bot.slack.entry.payloads import Malformed, Received, parse, read
from bot.slack.request.payload_models import BlockActions, SlashCommandPayload, SslCheck
from tests.slack.payloads import click, command

ODD = click(
    actions=[{"action_id": "a", "value": "x\ud800y\x00z", "\udfff": ["\ud83d"]}],
    channel={"id": "\U0001f600"},
    view={"id": "V", "state": {"values": {}}, "blocks": [{"type": "input", "text": "\udc00"}]},
)


def by_form(payload: Any) -> Received | None:
    """Read an interaction as it comes over HTTP."""
    return read(f"payload={quote(json.dumps(payload))}")


def by_json(payload: Any) -> Received | None:
    """Read an event as it comes over HTTP."""
    return read(json.dumps(payload))


@pytest.mark.parametrize("way", [by_form, by_json, parse], ids=["in a form", "as JSON", "by Socket Mode"])
def test_half_characters_and_nul_are_no_text(way: Any) -> None:
    """Lone surrogates and NUL are replaced at any depth, but a valid surrogate pair stays a character."""
    received = way(ODD)
    payload = received.payload
    assert isinstance(payload, BlockActions)
    assert (payload.action.value, payload.place) == ("x\ufffdyz", "\U0001f600")
    assert payload.view
    assert payload.view.blocks == [{"type": "input", "text": "\ufffd"}]
    assert received.raw["actions"] == [{"action_id": "a", "value": "x\ufffdyz", "\ufffd": ["\ufffd"]}]


@pytest.mark.parametrize("way", [lambda form: read(urlencode(form)), parse], ids=["over HTTP", "by Socket Mode"])
def test_a_command_has_no_nul(way: Any) -> None:
    """NUL is removed from commands."""
    payload = way(command(text="li\x00st", channel_id="C1\x00")).payload
    assert isinstance(payload, SlashCommandPayload)
    assert (payload.text, payload.channel_id) == ("list", "C1")


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "list",
        {},
        {"type": 1},
        {"command": 1},
        command(text=["list"]),
        command(response_url=None),
        {"type": "event_callback", "event": "x"},
        {"type": "event_callback", "event": {"type": "message", "channel": ["C1"]}},
        click(actions=[]),
        click(user=None),
        click(view={"id": "V1"}),
        click(view={"id": "V1", "state": {"values": {}}, "blocks": ["x"]}),
        {"type": "view_submission", "user": {"id": "U1"}, "view": {"id": "V1", "state": {"values": {"b": 1}}}},
        {"type": "view_closed", "user": {"id": "U1"}},
        {"type": "block_suggestion", "user": {"id": "U1"}, "action_id": "a", "block_id": "b", "value": 1},
    ],
)
def test_another_shape_is_malformed(payload: Any) -> None:
    """A payload of another shape is refused however it came. The error names keys, and nothing that someone typed."""
    with pytest.raises(Malformed) as refusal:
        parse(payload)
    assert "list" not in str(refusal.value)
    with pytest.raises(Malformed):
        by_form(payload)


def test_a_malformed_payload_names_the_place() -> None:
    """The log names the path to what is invalid."""
    with pytest.raises(Malformed, match=r"^a BlockActions with actions\.0\.action_id that can't be$"):
        parse(click(actions=[{"value": "private"}]))


@pytest.mark.parametrize("payload", [{"type": "interactive_message", "user": 1}, {"type": "view_opened"}])
def test_other_kinds_are_not_for_this_bot(payload: Any) -> None:
    """Types that the bot does not handle are ignored."""
    assert by_form(payload) is None
    assert parse(payload) is None


def test_bolt_sees_only_what_has_a_shape() -> None:
    """Keys that were not validated are kept from Bolt, which would look for a team or an event in them."""
    received = parse({**command(team="T1", authorizations=5, event=[]), "type": "block_actions"})
    assert received
    assert received.raw == {**command(), "type": "block_actions"}
    assert isinstance(received.payload, SlashCommandPayload)


def test_a_check_of_the_certificate_is_let_through() -> None:
    """Bolt answers ssl_check (Slack: Slash commands)."""
    received = read("ssl_check=1&token=x")
    assert received
    assert received.payload == SslCheck(ssl_check="1")
