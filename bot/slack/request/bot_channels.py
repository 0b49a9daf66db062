"""The channels that the bot is in, for the select that is searched by name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError
from bot.slack.web_api.responses import Conversation, Conversations, ask

CACHED_FOR = timedelta(seconds=30)
"""How long a complete list is cached: each letter that someone types is a search."""

MAX_CHANNELS = 999
"""In one answer of users.conversations (Slack: at most 999)."""

MAX_PAGES = 3
"""Pages read in one search, which Slack wants answered within 3 s. The next search reads on."""


class BotChannels:
    """The channels that the bot is in, read page by page. A search goes on where the last one stopped (rule T0)."""

    def __init__(self) -> None:
        self._channels: dict[str, Conversation] = {}
        self._cursor = ""
        self._complete_at: datetime | None = None
        self._reading = asyncio.Lock()

    async def all(self, client: AsyncWebClient, team_id: str, now: datetime) -> Sequence[Conversation]:
        """Return the channels read so far, in Slack's order. If Slack refuses a page, it is read later."""
        async with self._reading:
            if self._complete_at is None or now - self._complete_at >= CACHED_FOR:
                await self._read_on(client, team_id, now)
            return list(self._channels.values())

    async def _read_on(self, client: AsyncWebClient, team_id: str, now: datetime) -> None:
        for _ in range(MAX_PAGES):
            call = client.users_conversations(
                team_id=team_id,
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=MAX_CHANNELS,
                cursor=self._cursor or None,
            )
            try:
                page = await ask(call, Conversations)
            except DeliveryError as error:
                self._cursor = self._cursor if error.retry else ""
                return
            if not self._cursor:
                self._channels = {}
            self._channels |= {channel.id: channel for channel in page.channels}
            self._cursor = page.next_cursor
            if not self._cursor:
                self._complete_at = now
                return
