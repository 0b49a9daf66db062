"""Messages to the bot: one that mentions it, or one in its direct messages. Pure.

Slack sends a mention as `app_mention` and a direct message as `message` with `channel_type: im`, often more than once
and also for messages of bots and for edited ones.
"""

from __future__ import annotations

import re

from bot.slack.request.command_decoding import decode
from bot.slack.request.event_payloads import EventCallback
from bot.slack.request.payload_models import PersonPayload
from bot.slack.request.requester import Actor, is_id
from bot.slack.web_api.scopes import MENTION

DIRECT = "directmessage"
"""What Slack calls a direct message where a command was typed."""


class AddressedMessage(PersonPayload):
    """A message to the bot. It has no trigger, so no window can be opened for it."""

    user_id: str
    team_id: str
    enterprise_id: str | None
    channel_id: str
    ts: str
    thread_ts: str | None
    is_direct: bool
    text: str

    @property
    def sender(self) -> Actor:
        """Who wrote it."""
        return Actor(self.team_id, self.enterprise_id, self.user_id)

    @property
    def place(self) -> str:
        """The id of the channel where it stands."""
        return self.channel_id

    @property
    def place_name(self) -> str:
        """`directmessage` for the bot's direct messages, as with commands."""
        return DIRECT if self.is_direct else ""

    def typed(self, bot_user_id: str) -> str:
        """Return the command in it, decoded (rule X1): the line behind the mention, else the one before it."""
        mention = re.compile(rf"<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>")
        before, *behind = mention.split(self.text, maxsplit=1)
        parts = (mention.sub(" ", behind[0]), before) if behind else (before,)
        lines = (decode(line).strip(" ,:") for part in parts for line in part.splitlines())
        return next(filter(None, lines), "")


def addressed_message(payload: EventCallback) -> AddressedMessage | None:
    """Return the message to the bot that an event is about.

    None for what is not answered: messages of bots (the bot's own too), changes of a message, other events about it,
    and messages elsewhere that don't mention the bot.
    """
    event = payload.event
    is_direct = event.channel_type == "im"
    if event.bot_id or event.subtype or event.edited is not None or not (is_direct or event.type == MENTION):
        return None
    if not (is_id(event.person) and is_id(event.place) and event.ts):
        return None
    sender = payload.sender
    return AddressedMessage(
        user_id=sender.user_id,
        team_id=sender.team_id,
        enterprise_id=sender.enterprise_id,
        channel_id=event.place,
        ts=event.ts,
        thread_ts=event.thread_ts if event.thread_ts != event.ts else None,
        is_direct=is_direct,
        text=event.text or "",
    )
