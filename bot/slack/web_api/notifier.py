"""Post the bot's messages in one workspace, and find them again: `delivery.Notifier` on Slack's Web API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChannelRefused, PersonRefused, SlackRefused, Throttled
from bot.core.language import Languages, speaking
from bot.core.notifications.admin_notifications import AdminNotification
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.notifications.messages import ChannelMessage, Reminder, ThreadReply
from bot.core.notifications.slack_error_codes import is_in_info
from bot.core.notifications.slack_exceptions import Doing
from bot.core.notifications.unclear_posts import LookUp, PostsPage
from bot.core.permissions import Workspace, has_left
from bot.slack.views.admin.admin_notifications import notification_message
from bot.slack.views.applications.event_history import Permalink
from bot.slack.views.building.blocks import Message
from bot.slack.views.channels.messages import posting_message
from bot.slack.web_api.client import REFUSED_BLOCKS
from bot.slack.web_api.locales import Locales, NoLocales
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.slack.web_api.responses import (
    Accepted,
    Conversation,
    ConversationInfo,
    ConversationOpened,
    Conversations,
    History,
    Posted,
    UserInfo,
    ask,
)

METADATA_TYPE = "clust_delivery"
"""Slack: Message metadata. The payload is the opaque delivery id, and nothing else (rule T4)."""

MESSAGES_PER_PAGE = 200
"""Messages in one response of conversations.history."""

MAX_OF_DISTRIBUTED, REST_SECONDS = 15, 60
"""Messages in one response for a distributed app, and the seconds between two calls for them."""

MAX_CONVERSATIONS = 999
"""Conversations in one response of users.conversations."""

MAX_WAIT_SECONDS = 5.0
"""The longest that a direct message waits for a 429 to pass before it fails."""


def permalinks(workspace_url: str) -> Permalink:
    """Return the function that makes a message's address (Slack: chat.getPermalink).

    `workspace_url` is that of auth.test.
    """
    return lambda channel_id, ts: f"{workspace_url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"


class SlackNotifier:
    """The `client` must repeat nothing by itself: a post that was cut may have arrived (rule T2).

    `workspace` is where its people and messages are. `pacing` lets the other methods wait. A post is written in the
    channel's language, a direct message in its reader's: `locales` say which, `languages` are those that there are.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        workspace: Workspace,
        pacing: MethodLimiter,
        languages: Languages | None = None,
        locales: Locales | None = None,
    ) -> None:
        self._client, self._workspace, self._pacing = client, workspace, pacing
        self._languages, self._locales = languages or Languages(), locales or NoLocales()
        self._permalink = permalinks(workspace.url)

    async def post(self, channel_id: str, posting: ChannelMessage, token: str, thread_ts: str | None = None) -> str:
        """Post a message, in a thread or not. Returns its timestamp. Raises a DeliveryError.

        If Slack refuses its blocks, which posts nothing, its fallback is posted.
        """
        thread: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        if isinstance(posting, ThreadReply | Reminder) and posting.broadcast and thread_ts:
            thread["reply_broadcast"] = True
        message, rendered = await self._rendered(channel_id, posting, token)
        how = {"channel": channel_id, "unfurl_links": False, "unfurl_media": False, **thread}
        try:
            return (await ask(self._client.chat_postMessage(**how, **rendered), Posted, Doing.POSTING)).ts
        except SlackRefused as error:
            if error.code != REFUSED_BLOCKS or message.fallback is None:
                raise
        plain = {**rendered, **message.fallback.payload()}
        return (await ask(self._client.chat_postMessage(**how, **plain), Posted, Doing.POSTING)).ts

    async def update(self, channel_id: str, message_ts: str, posting: ChannelMessage, token: str) -> None:
        """Replace what a message shows. Raises a DeliveryError."""
        _message, rendered = await self._rendered(channel_id, posting, token)
        update = self._client.chat_update
        await self._pacing.call(
            "chat.update", update, Accepted, Doing.CHANGING, channel=channel_id, ts=message_ts, **rendered
        )

    async def _rendered(self, channel_id: str, posting: ChannelMessage, token: str) -> tuple[Message, dict[str, Any]]:
        """Return a message and its arguments, with its metadata: an update without it would remove it."""
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"delivery": token}}
        with speaking(self._languages.of(await self._locales.of_channel(channel_id))):
            message = posting_message(posting, lambda ts: self._permalink(channel_id, ts))
        return message, {"metadata": metadata, **message.payload()}

    async def look_up(self, look_up: LookUp) -> PostsPage:
        """Return the next page of a look-up. Raises a DeliveryError.

        Slack gives distributed apps 15 messages a call and one call a minute (Slack: "Rate limit changes for
        non-Marketplace apps"). A page that short with more behind it means that this app is one of them. Then the
        method pauses for a minute, instead of getting a 429.
        """
        method = "conversations.replies" if look_up.thread_ts else "conversations.history"
        client, period = self._client, look_up.period
        page = await self._pacing.call(
            method,
            client.conversations_replies if look_up.thread_ts else client.conversations_history,
            History,
            Doing.ASKING,
            channel=look_up.channel_id,
            **({"ts": look_up.thread_ts} if look_up.thread_ts else {}),
            include_all_metadata=True,
            oldest=f"{period.oldest.timestamp():.6f}",
            latest=f"{period.latest.timestamp():.6f}",
            limit=MESSAGES_PER_PAGE,
            cursor=look_up.cursor or None,
        )
        posts: dict[str, str] = {}
        for message in page.messages:
            token = message.payload(METADATA_TYPE).get("delivery")
            if isinstance(token, str):
                posts[token] = message.ts
        if page.next_cursor and len(page.messages) <= MAX_OF_DISTRIBUTED:
            await self._pacing.rest(method, REST_SECONDS)
        return PostsPage(posts, page.next_cursor)

    async def look_at(self, channel_id: str) -> ChannelFacts:
        """Return whether the bot can post to a channel. Raises a DeliveryError if Slack can't say now."""
        try:
            response = await self._pacing.call(
                "conversations.info", self._client.conversations_info, ConversationInfo, channel=channel_id
            )
        except ChannelRefused as error:
            if not is_in_info(error.code):
                raise
            return ChannelFacts(problem=error.code)
        return channel_facts(response.channel)

    async def joined(self, user_id: str) -> frozenset[str]:
        """Return the bot's private conversations that a person is in too (Slack: users.conversations).

        Raises a DeliveryError if Slack can't say now.
        """
        ids: set[str] = set()
        cursor = ""
        while True:
            page = await self._pacing.call(
                "users.conversations",
                self._client.users_conversations,
                Conversations,
                user=user_id,
                team_id=self._workspace.team_id,
                types="private_channel,mpim,im",
                limit=MAX_CONVERSATIONS,
                cursor=cursor or None,
            )
            ids.update(channel.id for channel in page.channels)
            if not (cursor := page.next_cursor):
                return frozenset(ids)

    async def is_active(self, user_id: str) -> bool:
        """Return whether a person is still in the workspace. Raises a DeliveryError if Slack can't say now."""
        try:
            response = await self._pacing.call("users.info", self._client.users_info, UserInfo, user=user_id)
        except PersonRefused as error:
            if error.code == "user_not_found":
                return False
            raise
        return not has_left(response.user.person, self._workspace)

    async def notify(self, user_id: str, notification: AdminNotification) -> None:
        """Send a person a direct message. Raises a DeliveryError.

        Two messages to one person can come within the second that Slack wants between messages. A 429 means that
        nothing was posted, so the second one is sent again after that wait.
        """
        opened = await self._pacing.call(
            "conversations.open", self._client.conversations_open, ConversationOpened, users=user_id
        )
        with speaking(self._languages.of(await self._locales.of_person(user_id))):
            message = {"channel": opened.channel.id, **notification_message(notification, user_id).payload()}
        try:
            await ask(self._client.chat_postMessage(**message), Accepted, Doing.POSTING)
        except Throttled as error:
            if error.retry_after > MAX_WAIT_SECONDS:
                raise
            await asyncio.sleep(error.retry_after)
            await ask(self._client.chat_postMessage(**message), Accepted, Doing.POSTING)

    async def publish(self, user_id: str, view: Mapping[str, Any]) -> None:
        """Update a person's Home tab without being asked to. Raises a DeliveryError."""
        await self._pacing.call("views.publish", self._client.views_publish, Accepted, user_id=user_id, view=view)


def channel_facts(channel: Conversation) -> ChannelFacts:
    """Return what posting has to know about a conversation."""
    problem = None
    if channel.is_archived:
        problem = "is_archived"
    elif channel.is_member is False and not channel.is_direct:
        problem = "not_in_channel"
    is_silent = channel.is_private is None and not channel.is_direct
    is_public = None if is_silent else channel.is_public
    is_direct = channel.is_direct or None
    return ChannelFacts(problem, channel.is_shared, is_public, is_direct, channel.user if channel.is_im else None)
