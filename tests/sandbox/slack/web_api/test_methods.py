"""The methods of the sandbox's Web API: what each answers, and with which code it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack import views
from bot.sandbox.slack.rate_limits import TooFast
from bot.sandbox.slack.state import IssuedTokens, SlackState
from bot.sandbox.slack.web_api import methods
from bot.sandbox.slack.workspace import BOT_USER_ID, Channel

TEXT = {"type": "plain_text", "text": "One"}
MODAL = {"type": "modal", "title": TEXT, "blocks": [{"type": "section", "text": TEXT}]}
HOME = {"type": "home", "blocks": [{"type": "section", "text": TEXT}]}


class Clock:
    """A clock that moves a second forward each time that somebody looks, so that no message comes too fast."""

    now = 1_767_326_125.0

    def __call__(self) -> float:
        """Return the time."""
        self.now += 1
        return self.now


@pytest.fixture
def state() -> SlackState:
    """Make a workspace."""
    return SlackState(clock=Clock(), tokens=IssuedTokens("xoxb", "xapp"), seed=1)


def call(state: SlackState, name: str, **arguments: Any) -> Any:
    """Call a method with the token that it wants."""
    token = "xapp" if name.startswith("apps.") else "xoxb"
    return methods.answer(state, name, token, arguments)


def post(state: SlackState, text: str = "Late", channel: str = "onboarding", **arguments: Any) -> Any:
    """Post a message."""
    return call(state, "chat.postMessage", channel=state.workspace.channel(channel).id, text=text, **arguments)


def listed(state: SlackState, method: str = "conversations.history", **arguments: Any) -> list[str]:
    """Return the texts of #onboarding's history, in order."""
    answer = call(state, method, channel=state.workspace.onboarding.id, **arguments)
    return [message["text"] for message in answer["messages"]]


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


def test_opening_conversations(state: SlackState) -> None:
    """Several people share one room; who can't be written to is refused by code."""
    people = state.workspace
    several = f"{people.member.id},{people.admin.id}"
    assert call(state, "conversations.open", users=several) == call(state, "conversations.open", users=several)
    refused = [call(state, "conversations.open", users=user)["error"] for user in ("", "U404", people.deactivated.id)]
    assert refused == ["users_list_not_supplied", "user_not_found", "user_disabled"]
    assert call(state, "conversations.open", users=BOT_USER_ID)["error"] == "cannot_dm_bot"


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
    """History takes membership; a private channel that the bot isn't in does not exist for it."""
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


def test_links_bots_and_members(state: SlackState) -> None:
    """The small methods answer too."""
    ts, channel = post(state)["ts"], state.workspace.onboarding
    link = call(state, "chat.getPermalink", channel=channel.id, message_ts=ts)["permalink"]
    assert link == f"https://sandbox.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    assert call(state, "chat.getPermalink", channel=channel.id, message_ts="1.0")["error"] == "message_not_found"
    assert call(state, "bots.info", bot="B404")["error"] == "bot_not_found"
    assert set(call(state, "conversations.members", channel=channel.id)["members"]) == channel.members
    assert call(state, "auth.test")["user_id"] == call(state, "bots.info")["bot"]["user_id"]
    assert call(state, "chat.postTelegram")["error"] == "unknown_method"


def test_triggers(state: SlackState, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trigger opens one view within three seconds."""
    monkeypatch.setattr(views, "TRIGGER_LIFETIME_SECONDS", 3.0)
    user = state.workspace.member.id
    trigger, late = state.views.trigger(user), state.views.trigger(user)
    opened = call(state, "views.open", trigger_id=trigger, view=MODAL)["view"]
    assert (opened["root_view_id"], opened["previous_view_id"]) == (opened["id"], None)
    assert call(state, "views.open", trigger_id=trigger, view=MODAL)["error"] == "exchanged_trigger_id"
    assert call(state, "views.open", trigger_id="none", view=MODAL)["error"] == "invalid_trigger_id"
    state.clock()
    assert call(state, "views.open", trigger_id=late, view=MODAL)["error"] == "expired_trigger_id"


def test_three_views(state: SlackState) -> None:
    """Three views lie on each other, not four."""
    user = state.workspace.member.id
    assert call(state, "views.open", trigger_id=state.views.trigger(user), view=MODAL)["ok"]
    answers = [call(state, "views.push", trigger_id=state.views.trigger(user), view=MODAL) for _ in range(3)]
    assert [answer.get("error") for answer in answers] == [None, None, "push_limit_reached"]
    assert answers[1]["view"]["previous_view_id"] == answers[0]["view"]["id"]


def test_updating_views(state: SlackState) -> None:
    """A view is updated by its id or external id while it is open, and not where its hash is another by now."""
    user = state.workspace.member.id
    named = {**MODAL, "external_id": "form-1"}
    opened = call(state, "views.open", trigger_id=state.views.trigger(user), view=named)["view"]
    again = call(state, "views.update", external_id="form-1", hash=opened["hash"], view=named)["view"]
    assert again["id"] == opened["id"]
    stale = call(state, "views.update", view_id=opened["id"], hash=opened["hash"], view=named)
    assert stale["error"] == "hash_conflict"
    state.views.close(user)
    assert call(state, "views.update", view_id=opened["id"], view=named)["error"] == "not_found"


def test_views_that_are_refused(state: SlackState) -> None:
    """A view is held against Slack's limits before its trigger counts as used."""
    trigger = state.views.trigger(state.workspace.member.id)
    long = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    refused = call(state, "views.open", trigger_id=trigger, view=long)
    assert (refused["error"], "view.title" in refused["response_metadata"]["messages"][0]) == (
        "invalid_arguments",
        True,
    )
    assert call(state, "views.open", trigger_id=trigger, view=MODAL)["ok"]


def test_home_tab(state: SlackState) -> None:
    """A home tab is one person's, keeps its id, and takes no modal."""
    user = state.workspace.member.id
    first = call(state, "views.publish", user_id=user, view=HOME)["view"]
    second = call(state, "views.publish", user_id=user, view=HOME, hash=first["hash"])["view"]
    assert first["id"] == second["id"]
    assert call(state, "views.publish", user_id=user, view=HOME, hash=first["hash"])["error"] == "hash_conflict"
    assert call(state, "views.publish", user_id=user, view=MODAL)["error"] == "invalid_arguments"
    assert call(state, "views.publish", user_id="U404", view=HOME)["error"] == "user_not_found"


def test_tokens(state: SlackState) -> None:
    """A connection for Socket Mode takes the app's token, everything else the bot's."""
    state.base_url = "http://127.0.0.1:1/"
    assert call(state, "apps.connections.open")["url"].startswith("ws://127.0.0.1:1/socket?ticket=")
    assert methods.answer(state, "apps.connections.open", "xoxb", {})["error"] == "not_allowed_token_type"


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
def test_a_distributed_app_reads_15_messages_a_minute(method: str) -> None:
    """Slack, "Rate limit changes for non-Marketplace apps": of a channel, and of a thread; nothing else is slower."""
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


def keys_of(state: SlackState, channel: Channel) -> set[str]:
    """Return the keys of a conversation."""
    return set(call(state, "conversations.info", channel=channel.id)["channel"])


def test_kinds_of_conversations_have_their_own_keys(state: SlackState) -> None:
    """B5: a direct message says neither that it is private nor who is in it; several people's is no channel."""
    people = state.workspace
    direct = people.direct(people.bot.id, people.member.id)
    room = people.room(people.bot.id, people.member.id, people.second_member.id)
    assert keys_of(state, direct) & {"is_private", "is_member", "is_archived", "is_ext_shared", "name"} == set()
    assert {"is_member", "is_private", "is_ext_shared"} <= keys_of(state, people.onboarding)
    conversation = call(state, "conversations.info", channel=room.id)["channel"]
    assert (
        conversation["is_mpim"],
        conversation["is_private"],
        conversation["is_channel"],
        "is_member" in conversation,
    ) == (True, True, False, False)


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_only_optional_keys_are_left_out(state: SlackState, chance: float) -> None:
    """B5: what is left out by chance is what the documentation does not show everywhere, and no flag that is set."""
    state.faults.sparse = chance
    people = state.workspace
    people.private.members.add(people.bot.id)
    for channel in (people.onboarding, people.private, people.shared):
        payload = state.altered("conversations.info", call(state, "conversations.info", channel=channel.id))["channel"]
        assert (payload["id"], payload["is_private"]) == (channel.id, channel.kind == "private")
        assert payload.get("is_ext_shared", False) is channel.is_ext_shared
    for user in people.users.values():
        payload = state.altered("users.info", call(state, "users.info", user=user.id))["user"]
        assert (payload["id"], payload["team_id"], payload.get("deleted", False)) == (
            user.id,
            user.team_id,
            user.deleted,
        )
        assert payload.get("is_admin", False) is (user.is_admin or user.is_owner)
