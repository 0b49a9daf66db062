"""What the bot can ask about channels and people, and what it is refused."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.rate_limits import TooFast
from bot.sandbox.slack.state import IssuedTokens, SlackState
from bot.sandbox.slack.workspace import BOT_USER_ID
from tests.sandbox.slack.conftest import Clock, call, listed, post


def test_opening_conversations(state: SlackState) -> None:
    """Several people share one room. A person who can't be written to is refused by code."""
    people = state.workspace
    several = f"{people.member.id},{people.admin.id}"
    assert call(state, "conversations.open", users=several) == call(state, "conversations.open", users=several)
    refused = [call(state, "conversations.open", users=user)["error"] for user in ("", "U404", people.deactivated.id)]
    assert refused == ["users_list_not_supplied", "user_not_found", "user_disabled"]
    assert call(state, "conversations.open", users=BOT_USER_ID)["error"] == "cannot_dm_bot"


def test_history_in_pages_and_between(state: SlackState) -> None:
    """History is newest first, in pages, between two moments that are left out unless asked for."""
    times = [post(state, text=str(number))["ts"] for number in range(5)]
    assert listed(state) == ["4", "3", "2", "1", "0"]
    assert listed(state, oldest=times[1], latest=times[3]) == ["2"]
    assert listed(state, oldest=times[1], latest=times[3], inclusive="true") == ["3", "2", "1"]
    channel, read, cursor = state.workspace.onboarding.id, [], ""
    while True:
        page = call(state, "conversations.history", channel=channel, limit="2", cursor=cursor)
        read += [message["text"] for message in page["messages"]]
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert read == ["4", "3", "2", "1", "0"]
    assert "response_metadata" not in page
    arguments = {"channel": channel, "oldest": "yesterday"}
    assert call(state, "conversations.history", **arguments)["error"] == "invalid_ts_oldest"


def test_replies(state: SlackState) -> None:
    """A reply stands in its thread, and in the channel's history only when it was sent there too."""
    parent = post(state, text="card")["ts"]
    post(state, text="quiet", thread_ts=parent)
    post(state, text="loud", thread_ts=parent, reply_broadcast=True)
    assert listed(state) == ["loud", "card"]
    assert listed(state, "conversations.replies", ts=parent) == ["card", "quiet", "loud"]


def test_what_the_bot_may_read(state: SlackState) -> None:
    """History takes membership, and a private channel that the bot isn't in does not exist for it."""
    refused = [
        call(state, "conversations.history", channel=channel.id)["error"]
        for channel in (state.workspace.general, state.workspace.private)
    ]
    assert refused == ["not_in_channel", "channel_not_found"]
    assert call(state, "conversations.info", channel=state.workspace.general.id)["channel"]["is_member"] is False


def test_joining(state: SlackState) -> None:
    """The bot can join public channels, and gets the event."""
    events: list[tuple[str, str]] = []
    state.send_event = lambda kind, fields: events.append((kind, fields["channel"]))
    people = state.workspace
    private = people.add_channel("secret", kind="private", members={BOT_USER_ID})
    gone = people.add_channel("gone", is_archived=True)
    assert call(state, "conversations.join", channel=people.general.id)["channel"]["is_member"]
    assert call(state, "conversations.join", channel=people.general.id)["warning"] == "already_in_channel"
    refused = [
        call(state, "conversations.join", channel=it)["error"] for it in (private.id, gone.id, people.private.id)
    ]
    assert refused == ["method_not_supported_for_channel_type", "is_archived", "channel_not_found"]
    assert events == [("member_joined_channel", people.general.id)]


def test_channels_of_the_bot(state: SlackState) -> None:
    """The bot's channels are listed by kind, without archived ones where asked."""
    people = state.workspace
    people.add_channel("gone", members={BOT_USER_ID}, is_archived=True)
    people.add_channel("secret", kind="private", members={BOT_USER_ID})
    answer = call(state, "users.conversations", types="public_channel,private_channel", exclude_archived="1")
    assert [channel["name"] for channel in answer["channels"]] == ["onboarding", "secret"]
    assert call(state, "users.conversations", types="galaxy")["error"] == "invalid_types"


def test_people(state: SlackState) -> None:
    """Guests, people of other organizations and deactivated people can be distinguished."""
    people = state.workspace
    payloads = {
        user.name: call(state, "users.info", user=user.id)["user"]
        for user in (people.owner, people.guest, people.single_channel_guest, people.stranger, people.deactivated)
    }
    assert [payloads["olivia"][key] for key in ("is_owner", "is_admin", "is_restricted")] == [True, True, False]
    assert [payloads[name]["is_ultra_restricted"] for name in ("gustav", "sofia")] == [False, True]
    assert payloads["xavier"]["team_id"] != payloads["olivia"]["team_id"]
    assert payloads["dora"]["deleted"]
    assert call(state, "users.info", user="U404")["error"] == "user_not_found"


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
def test_a_distributed_app_reads_15_messages_a_minute(method: str) -> None:
    """Slack, "Rate limit changes for non-Marketplace apps": of a channel, and of a thread. Nothing else is slower."""
    clock = Clock()
    state = SlackState(clock=clock, tokens=IssuedTokens("xoxb", "xapp"), seed=1)
    parent = state.messages.post(state.workspace.onboarding.id, text="first")
    for number in range(20):
        state.messages.post(state.workspace.onboarding.id, text=f"{number}", thread_ts=parent.ts)
        state.messages.post(state.workspace.onboarding.id, text=f"{number}")
    arguments = {"limit": 200, **({"ts": parent.ts} if method.endswith("replies") else {})}
    assert len(listed(state, method, **arguments)) == 21
    state.faults.is_distributed = True
    with pytest.raises(TooFast):
        listed(state, method, **arguments)
    clock.now += 60
    assert len(listed(state, method, **arguments)) == 15
    with pytest.raises(TooFast):
        listed(state, method, **arguments)
    assert call(state, "conversations.info", channel=state.workspace.onboarding.id)["ok"]
