"""`conversations.*`, `users.*`: what the bot asks about channels and people, by the rules of each method's page.

Each raises WebApiRefusal where Slack answers `ok: false`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.web_api.chat import entered, visible
from bot.sandbox.slack.web_api_call import Answer, Arguments, WebApiRefusal
from bot.sandbox.slack.workspace import BOT_ID, BOT_USER_ID, Channel, User

MAX_PAGE_SIZE = 1000

MAX_PAGE_SIZE_DISTRIBUTED = 15
"""Messages in an answer to an app with `SlackFaults.is_distributed`."""


def info(state: SlackState, arguments: Arguments) -> Answer:
    """`conversations.info`."""
    return {"channel": visible(state, arguments.needed("channel", "channel_not_found")).to_dict(BOT_USER_ID)}


def join(state: SlackState, arguments: Arguments) -> Answer:
    """`conversations.join`: join a public channel. The event follows."""
    channel = visible(state, arguments.needed("channel", "channel_not_found"))
    if channel.kind != "public":
        raise WebApiRefusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise WebApiRefusal("is_archived")
    if BOT_USER_ID in channel.members:
        return {"channel": channel.to_dict(BOT_USER_ID), "warning": "already_in_channel"}
    let_in(state, channel)
    return {"channel": channel.to_dict(BOT_USER_ID)}


def let_in(state: SlackState, channel: Channel, inviter: str = "") -> None:
    """Make the bot a member of a channel, and send it the event."""
    channel.members.add(BOT_USER_ID)
    state.changes.publish("workspace", channel)
    event: dict[str, Any] = {"user": BOT_USER_ID, "channel": channel.id, "channel_type": channel.id[0]}
    state.send_event("member_joined_channel", {**event, "inviter": inviter} if inviter else event)


def open_direct(state: SlackState, arguments: Arguments) -> Answer:
    """`conversations.open`: the direct message with a person, or with several."""
    names = [name.strip() for name in arguments.needed("users", "users_list_not_supplied").split(",")]
    users = [_user(state, name) for name in names]
    if any(user.deleted for user in users) and not state.faults.takes_for_deactivated:
        raise WebApiRefusal("user_disabled")
    if any(user.is_bot for user in users):
        raise WebApiRefusal("cannot_dm_bot")
    if len(users) == 1:
        return {"channel": {"id": state.workspace.direct(BOT_USER_ID, users[0].id).id}}
    return {"channel": {"id": state.workspace.room(BOT_USER_ID, *(user.id for user in users)).id}}


def history(state: SlackState, arguments: Arguments) -> Answer:
    """`conversations.history`: the newest messages first, without replies that are only in their thread."""
    channel = entered(state, arguments.needed("channel", "channel_not_found"))
    messages = [message for message in _shared(state, channel) if not message.is_in_thread_only]
    return _message_page(state, _between(messages, arguments)[::-1], arguments)


def replies(state: SlackState, arguments: Arguments) -> Answer:
    """`conversations.replies`: a message and its replies, oldest first."""
    channel = entered(state, arguments.needed("channel", "channel_not_found"))
    parent = state.messages.get(channel.id, arguments.needed("ts", "thread_not_found"))
    if parent is None:
        raise WebApiRefusal("thread_not_found")
    thread = [message for message in _shared(state, channel) if message.thread_ts == parent.ts]
    return _message_page(
        state, [parent, *(message for message in _between(thread, arguments) if message != parent)], arguments
    )


def members(state: SlackState, arguments: Arguments) -> Answer:
    """`conversations.members`."""
    channel = visible(state, arguments.needed("channel", "channel_not_found"))
    page, after = _page(sorted(channel.members), arguments)
    return {"members": page, **after}


def of_user(state: SlackState, arguments: Arguments) -> Answer:
    """`users.conversations`: the channels of a person, or of the bot, that the bot can see."""
    user = _user(state, arguments.text("user", BOT_USER_ID))
    names = {"public": "public_channel", "private": "private_channel", "im": "im", "mpim": "mpim"}
    kinds = arguments.text("types", "public_channel").replace(" ", "").split(",")
    if not set(kinds) <= set(names.values()):
        raise WebApiRefusal("invalid_types")
    channels = [
        channel.to_dict(user.id)
        for channel in state.workspace.channels.values()
        if user.id in channel.members
        and names[channel.kind] in kinds
        and (channel.kind == "public" or BOT_USER_ID in channel.members)
        and not (channel.is_archived and arguments.flag("exclude_archived"))
    ]
    page, after = _page(channels, arguments)
    return {"channels": page, **after}


def user_info(state: SlackState, arguments: Arguments) -> Answer:
    """`users.info`, with `enterprise_user` for a person of an enterprise, and the locale if it is asked for."""
    user, enterprise = _user(state, arguments.needed("user", "user_not_found")), state.team.enterprise
    payload = user.to_dict()
    if enterprise and not user.is_stranger:
        payload["enterprise_user"] = state.workspace.enterprise_user(user, enterprise)
    if arguments.flag("include_locale") and not (user.is_stranger or user.deleted):
        payload["locale"] = user.locale
    return {"user": payload}


def groups(state: SlackState, _arguments: Arguments) -> Answer:
    """`usergroups.list`."""
    return {"usergroups": [each.to_dict(state.team.id) for each in state.workspace.groups.values()]}


def group_members(state: SlackState, arguments: Arguments) -> Answer:
    """`usergroups.users.list`."""
    group = state.workspace.groups.get(arguments.needed("usergroup", "no_such_subteam"))
    if group is None:
        raise WebApiRefusal("no_such_subteam")
    return {"users": sorted(group.members)}


def bot_info(state: SlackState, arguments: Arguments) -> Answer:
    """`bots.info`: there is only one bot."""
    if arguments.text("bot", BOT_ID) != BOT_ID:
        raise WebApiRefusal("bot_not_found")
    bot = state.workspace.bot
    return {"bot": {"id": BOT_ID, "deleted": False, "name": bot.real_name, "user_id": bot.id}}


def _user(state: SlackState, name: str) -> User:
    if name not in state.workspace.users:
        raise WebApiRefusal("user_not_found")
    return state.workspace.users[name]


def _shared(state: SlackState, channel: Channel) -> list[PostedMessage]:
    return [message for message in state.messages.within(channel.id) if not message.is_ephemeral]


def _between(messages: Sequence[PostedMessage], arguments: Arguments) -> list[PostedMessage]:
    """Return the messages after `oldest` and before `latest`, including these two with `inclusive`."""
    oldest, latest = _moment(arguments, "oldest", "0"), _moment(arguments, "latest", "99999999999")
    ends = {oldest, latest} if arguments.flag("inclusive") else set()
    moments = ((message, _microseconds(message.ts)) for message in messages)
    return [message for message, moment in moments if oldest < moment < latest or moment in ends]


def _moment(arguments: Arguments, name: str, default: str) -> int:
    try:
        return _microseconds(arguments.text(name, default) or default)
    except ValueError as error:
        raise WebApiRefusal(f"invalid_ts_{name}") from error


def _microseconds(ts: str) -> int:
    """Return a timestamp as a whole number. A float would lose its last digits."""
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int(f"{rest[:6]:0<6}")


def _message_page(state: SlackState, messages: Sequence[PostedMessage], arguments: Arguments) -> Answer:
    page, after = _page(
        messages, arguments, MAX_PAGE_SIZE_DISTRIBUTED if state.faults.is_distributed else MAX_PAGE_SIZE - 1
    )
    metadata = arguments.flag("include_all_metadata")
    payloads = [message.to_dict(metadata=metadata) for message in page]
    has_more = bool(after["response_metadata"]["next_cursor"])
    return {"messages": payloads, "has_more": has_more, "pin_count": 0, **(after if has_more else {})}


def _page(rows: Sequence[Any], arguments: Arguments, most: int = MAX_PAGE_SIZE - 1) -> tuple[list[Any], dict[str, Any]]:
    """Return the page for `cursor` and `limit`, and the metadata with the next cursor."""
    limit = min(arguments.number("limit", 100) or 100, most)
    cursor = arguments.text("cursor", "") or "after:0"
    start = cursor.removeprefix("after:")
    if not re.fullmatch(r"[0-9]{1,18}", start):
        raise WebApiRefusal("invalid_cursor")
    end = int(start) + limit
    next_cursor = f"after:{end}" if end < len(rows) else ""
    return list(rows[int(start) : end]), {"response_metadata": {"next_cursor": next_cursor}}
