"""`chat.*` and `files.*`: the bot's messages and files, by the rules of each method's page.

Each raises WebApiRefusal where Slack answers `ok: false`.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.block_kit.elements import with_ids
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.state import File, SlackState
from bot.sandbox.slack.web_api_call import Answer, Arguments, WebApiRefusal, refuse_faults
from bot.sandbox.slack.workspace import BOT_USER_ID, Channel


def visible(state: SlackState, name: str) -> Channel:
    """Return a channel that the bot can see: a public one, or one that it is in."""
    channel = state.workspace.channels.get(name)
    if channel is None or (channel.kind != "public" and BOT_USER_ID not in channel.members):
        raise WebApiRefusal("channel_not_found")
    return channel


def entered(state: SlackState, name: str) -> Channel:
    """Return a channel that the bot is in."""
    channel = visible(state, name)
    if BOT_USER_ID not in channel.members:
        raise WebApiRefusal("not_in_channel")
    return channel


def content(state: SlackState, arguments: Arguments) -> dict[str, Any]:
    """Return the text, blocks and metadata of a message. Raises WebApiRefusal for what exceeds Slack's limits."""
    sent = {
        "text": arguments.text("text"),
        "blocks": arguments.json("blocks", "invalid_blocks_format"),
        "metadata": arguments.json("metadata", "invalid_metadata_format"),
    }
    refuse_faults(state.message_faults(sent))
    return {**sent, "blocks": with_ids(sent["blocks"] or ())}


def post_message(state: SlackState, arguments: Arguments) -> Answer:
    """`chat.postMessage`: post in a channel, or in the direct message with a person, which it opens."""
    name = arguments.needed("channel", "channel_not_found")
    if name in state.workspace.users:
        name = _direct(state, name).id
    channel = _open_channel(state, name)
    fields = {**content(state, arguments), **_thread(state, channel, arguments)}
    if code := channel.refused_replies if fields["thread_ts"] else channel.refused_posts:
        raise WebApiRefusal(code)
    state.rate_limits.admit_post(channel.id)
    message = state.messages.post(channel.id, **fields)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_dict(metadata=True)}


def post_ephemeral(state: SlackState, arguments: Arguments) -> Answer:
    """`chat.postEphemeral`: post to one person in a channel, who must be a member."""
    channel = _open_channel(state, arguments.needed("channel", "channel_not_found"))
    user = arguments.needed("user", "user_not_in_channel")
    if user not in channel.members:
        raise WebApiRefusal("user_not_in_channel")
    fields = {**content(state, arguments), "metadata": None, **_thread(state, channel, arguments)}
    return {"message_ts": state.messages.post(channel.id, visible_to=user, **fields).ts}


def update(state: SlackState, arguments: Arguments) -> Answer:
    """`chat.update`: text, blocks or metadata that aren't sent stay unchanged."""
    message = _own(state, arguments, "cant_update_message")
    if code := state.workspace.channels[message.channel].refused_updates:
        raise WebApiRefusal(code)
    sent = {name: arguments.sent[name] for name in ("text", "blocks", "metadata") if name in arguments}
    kept = {"text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    changed = state.messages.change(message, **content(state, Arguments({**kept, **sent})))
    return {"channel": changed.channel, "ts": changed.ts, "text": changed.text, "message": changed.to_dict()}


def delete(state: SlackState, arguments: Arguments) -> Answer:
    """`chat.delete`: only the bot's own messages."""
    message = _own(state, arguments, "cant_delete_message")
    state.messages.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(state: SlackState, arguments: Arguments) -> Answer:
    """`chat.getPermalink`."""
    channel = visible(state, arguments.needed("channel", "channel_not_found"))
    ts = arguments.text("message_ts")
    if state.messages.get(channel.id, ts) is None:
        raise WebApiRefusal("message_not_found")
    link = f"https://{state.team.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


def upload_url(state: SlackState, arguments: Arguments) -> Answer:
    """`files.getUploadURLExternal`: return the address for the bytes of a file."""
    file = File(f"F{next(state.numbers):08}", arguments.needed("filename"), arguments.number("length", 0))
    if not file.size:
        raise WebApiRefusal("invalid_arguments")
    state.files[file.id] = file
    return {"upload_url": f"{state.base_url}upload/{file.id}", "file_id": file.id}


def complete_upload(state: SlackState, arguments: Arguments) -> Answer:
    """`files.completeUploadExternal`: share an uploaded file, in a channel if one is named."""
    files = []
    for sent in arguments.json("files") or ():
        file = state.files.get(sent.get("id"))
        if file is None or file.content is None:
            raise WebApiRefusal("file_not_found")
        file.title = sent.get("title", "")
        files.append(file.to_dict())
    if not files:
        raise WebApiRefusal("invalid_arguments")
    if "channel_id" in arguments:
        channel = _open_channel(state, arguments.text("channel_id"))
        fields = _thread(state, channel, arguments)
        state.messages.post(channel.id, text=arguments.text("initial_comment"), files=files, **fields)
    return {"files": files}


def _open_channel(state: SlackState, name: str) -> Channel:
    """Return a channel that the bot can post in."""
    channel = visible(state, name)
    if channel.is_archived:
        raise WebApiRefusal("is_archived")
    if channel.is_im and not state.faults.messages_tab:
        raise WebApiRefusal("messages_tab_disabled")
    return entered(state, name)


def _direct(state: SlackState, user_id: str) -> Channel:
    user = state.workspace.users[user_id]
    if user.deleted or user.is_bot:
        raise WebApiRefusal("channel_not_found")
    return state.workspace.direct(BOT_USER_ID, user.id)


def _thread(state: SlackState, channel: Channel, arguments: Arguments) -> dict[str, Any]:
    thread_ts = arguments.text("thread_ts") or None
    if thread_ts and state.messages.get(channel.id, thread_ts) is None:
        raise WebApiRefusal("thread_not_found")
    return {"thread_ts": thread_ts, "reply_broadcast": arguments.flag("reply_broadcast")}


def _own(state: SlackState, arguments: Arguments, code: str) -> PostedMessage:
    """Return the bot's message with this `channel` and `ts`. Refuses with `code` for anyone else's message."""
    channel = visible(state, arguments.needed("channel", "channel_not_found"))
    message = state.messages.get(channel.id, arguments.text("ts"))
    if message is None or message.is_ephemeral:
        raise WebApiRefusal("message_not_found")
    if message.user != BOT_USER_ID:
        raise WebApiRefusal(code)
    return message
