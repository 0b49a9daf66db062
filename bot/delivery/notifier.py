"""What delivery needs from Slack. `bot.slack.web_api.notifier` implements it."""

from __future__ import annotations

from typing import Protocol

from bot.core.notifications.admin_notifications import AdminNotification
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.notifications.messages import ChannelMessage
from bot.core.notifications.unclear_posts import LookUp, PostsPage


class Notifier(Protocol):
    """Posts and finds messages of one workspace. Every method may raise a DeliveryError."""

    async def post(self, channel_id: str, posting: ChannelMessage, token: str, thread_ts: str | None = None) -> str:
        """Post a message with `token` in its metadata, optionally in a thread. Returns its timestamp."""

    async def update(self, channel_id: str, message_ts: str, posting: ChannelMessage, token: str) -> None:
        """Replace the content of a message, keeping its `token`. Raises MessageLost if that's impossible."""

    async def look_up(self, look_up: LookUp) -> PostsPage:
        """Return the next page of a search. Raises ThreadRefused if its thread is gone."""

    async def look_at(self, channel_id: str) -> ChannelFacts:
        """Return the facts about a channel, such as whether it accepts posts."""

    async def is_active(self, user_id: str) -> bool:
        """Return whether a person is still in the workspace."""

    async def notify(self, user_id: str, notification: AdminNotification) -> None:
        """Send a person a direct message."""
