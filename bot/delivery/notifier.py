"""What delivery needs from Slack; `bot.slack.web_api.notifier` satisfies it."""

from __future__ import annotations

from typing import Protocol

from bot.core.notifications.admin_notifications import AdminNotification
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.notifications.messages import ChannelMessage
from bot.core.notifications.settling import LookUp, PostsPage


class Notifier(Protocol):
    """Posts and looks up messages of one workspace. Every method may raise a DeliveryError."""

    async def post(self, channel_id: str, posting: ChannelMessage, token: str, thread_ts: str | None = None) -> str:
        """Post a message with `token` in its metadata, in a thread or not; return its timestamp."""

    async def update(self, channel_id: str, message_ts: str, posting: ChannelMessage, token: str) -> None:
        """Let a message show something else, with the same `token`. Raises MessageLost where that can't be done."""

    async def look_up(self, look_up: LookUp) -> PostsPage:
        """Return the page that comes next in a look-up. Raises ThreadRefused where its thread is gone."""

    async def look_at(self, channel_id: str) -> ChannelFacts:
        """Return whether a channel can be posted to."""

    async def is_active(self, user_id: str) -> bool:
        """Tell whether someone is still in the workspace."""

    async def tell(self, user_id: str, notification: AdminNotification) -> None:
        """Send someone a direct message."""
