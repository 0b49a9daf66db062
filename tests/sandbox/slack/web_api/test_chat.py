"""The bot's messages: where they may go, what they may hold, and whose can be changed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.workspace import BOT_USER_ID
from tests.sandbox.slack.conftest import call, listed, post


def test_where_the_bot_cannot_post(state: SlackState) -> None:
    """Each place that takes no message has its own code."""
    people = state.workspace
    gone = people.add_channel("gone", members={BOT_USER_ID}, is_archived=True)
    places = {
        "C404": "channel_not_found",
        "": "channel_not_found",
        "#onboarding": "channel_not_found",
        people.general.id: "not_in_channel",
        people.private.id: "channel_not_found",
        people.people_only.id: "channel_not_found",
        people.deactivated.id: "channel_not_found",
        gone.id: "is_archived",
    }
    answers = {place: call(state, "chat.postMessage", channel=place, text="Late") for place in places}
    assert {place: answer["error"] for place, answer in answers.items()} == places


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "no_text"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": "{half"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": "delivery"}}, "invalid_metadata_format"),
        ({"text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
    ],
)
def test_messages_that_are_refused(state: SlackState, arguments: dict[str, Any], code: str) -> None:
    """A message is checked against Slack's limits, and the error says what is wrong."""
    assert post(state, **{"text": "", **arguments})["error"] == code


def test_form_and_json_bodies_say_the_same(state: SlackState) -> None:
    """Blocks may be sent as a list or as JSON text."""
    block = '[{"type": "section", "text": {"type": "mrkdwn", "text": "Late"}}]'
    first = post(state, blocks=block)["message"]["blocks"]
    second = post(state, blocks=[{key: value for key, value in first[0].items() if key != "block_id"}])
    assert first[0]["text"] == second["message"]["blocks"][0]["text"]


def test_direct_messages(state: SlackState) -> None:
    """A message to a person's id opens the direct message, unless the app's messages tab is off."""
    member = state.workspace.member
    channel = call(state, "chat.postMessage", channel=member.id, text="Hello")["channel"]
    assert call(state, "conversations.open", users=member.id)["channel"]["id"] == channel
    assert call(state, "conversations.info", channel=channel)["channel"]["user"] == member.id
    state.faults.messages_tab = False
    assert call(state, "chat.postMessage", channel=member.id, text="Hello")["error"] == "messages_tab_disabled"


def test_update_keeps_what_is_not_sent(state: SlackState) -> None:
    """An update leaves blocks and metadata that it doesn't name, and marks the message as edited."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "Late"}}
    metadata = {"event_type": "delivery", "event_payload": {}}
    posted = post(state, blocks=[block], metadata=metadata)
    changed = call(state, "chat.update", channel=posted["channel"], ts=posted["ts"], text="Not late")["message"]
    assert (changed["text"], len(changed["blocks"]), "edited" in changed) == ("Not late", 1, True)
    message = state.messages.get(posted["channel"], posted["ts"])
    assert message is not None
    assert message.metadata == metadata


def test_messages_of_others(state: SlackState) -> None:
    """The bot changes and deletes its own messages alone, and no ephemeral one."""
    channel = state.workspace.onboarding.id
    ts_of_member = state.messages.post(channel, user=state.workspace.member.id, text="Mine").ts
    arguments = {"channel": channel, "ts": ts_of_member, "text": "x"}
    assert call(state, "chat.update", **arguments)["error"] == "cant_update_message"
    assert call(state, "chat.delete", **arguments)["error"] == "cant_delete_message"
    quiet = call(state, "chat.postEphemeral", channel=channel, user=state.workspace.member.id, text="x")["message_ts"]
    assert call(state, "chat.delete", channel=channel, ts=quiet)["error"] == "message_not_found"


def test_ephemeral_messages(state: SlackState) -> None:
    """An ephemeral message reaches someone in the channel, and never its history."""
    channel, people = state.workspace.onboarding.id, state.workspace
    assert call(state, "chat.postEphemeral", channel=channel, user=people.member.id, text="x")["ok"]
    refused = call(state, "chat.postEphemeral", channel=channel, user=people.stranger.id, text="x")
    assert refused["error"] == "user_not_in_channel"
    assert listed(state) == []
