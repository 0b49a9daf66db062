"""Posts and looks up the bot's messages in one workspace: `delivery.Notifier` on Slack's Web API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.channels import ChannelFacts
from bot.core.errors import ChannelRefused, Throttled
from bot.core.notices import Notice
from bot.core.triggers import Event
from bot.slack.api import SLACK_TROUBLE, delivery_error
from bot.slack.views.cards import event_card
from bot.slack.views.operations import notice_message

METADATA_TYPE = "clust_delivery"
"""Slack: Message metadata. The payload is the opaque delivery id and nothing else (rule T4)."""

PAGE = 200
"""Messages in one answer of conversations.history."""

LONGEST_WAIT = 5.0
"""Seconds that a direct message waits by itself when Slack asks to."""


class SlackNotifier:
    """The `client` must repeat nothing by itself: a post that was cut may have arrived (rule T2)."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def post(self, channel_id: str, event: Event, token: str) -> str:
        """Post the event's card; return its timestamp. Raises a DeliveryError."""
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"delivery": token}}
        answer = await _told(
            self._client.chat_postMessage(
                channel=channel_id,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **event_card(event).payload(),
            )
        )
        return str(answer["ts"])

    async def find(self, channel_id: str, tokens: Collection[str], oldest: datetime) -> Mapping[str, str]:
        """Return the timestamps of the messages since `oldest` that carry one of `tokens`. Raises a DeliveryError."""
        found: dict[str, str] = {}
        cursor = ""
        while True:
            answer = await _told(
                self._client.conversations_history(
                    channel=channel_id,
                    include_all_metadata=True,
                    oldest=f"{oldest.timestamp():.6f}",
                    limit=PAGE,
                    cursor=cursor or None,
                )
            )
            for message in answer.get("messages", ()):
                metadata = message.get("metadata") or {}
                token = (metadata.get("event_payload") or {}).get("delivery")
                if metadata.get("event_type") == METADATA_TYPE and isinstance(token, str) and token in tokens:
                    found[token] = message["ts"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor or len(found) == len(tokens):
                return found

    async def look_at(self, channel_id: str) -> ChannelFacts:
        """Return whether a channel can be posted to. Raises a DeliveryError where that can't be told now."""
        try:
            answer = await _told(self._client.conversations_info(channel=channel_id))
        except ChannelRefused as error:
            return ChannelFacts(problem=error.code)
        return channel_facts(answer["channel"])

    async def tell(self, user_id: str, notice: Notice) -> None:
        """Send someone a direct message. Raises a DeliveryError.

        Two notices to one person may come within the second that Slack wants between messages. A 429 says that nothing
        was taken, so the second one waits for its turn.
        """
        opened = await _told(self._client.conversations_open(users=user_id))
        message = {"channel": opened["channel"]["id"], **notice_message(notice).payload()}
        try:
            await _told(self._client.chat_postMessage(**message))
        except Throttled as error:
            if error.retry_after > LONGEST_WAIT:
                raise
            await asyncio.sleep(error.retry_after)
            await _told(self._client.chat_postMessage(**message))


async def _told(call: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
    """Return what a call of the Web API answers. Raises the DeliveryError that its failure means."""
    try:
        answer = await call
    except (SlackApiError, *SLACK_TROUBLE) as error:
        raise delivery_error(error) from error
    return dict(answer.data) if isinstance(answer.data, dict) else {}


def channel_facts(channel: Mapping[str, Any]) -> ChannelFacts:
    """Read a conversation object (Slack: types, conversation)."""
    problem = None
    if channel.get("is_archived"):
        problem = "is_archived"
    elif not channel.get("is_im") and not channel.get("is_member"):
        problem = "not_in_channel"
    return ChannelFacts(problem, bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")))
