"""What delivery needs from Slack; `bot.slack.notifier` satisfies it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.core.channels import ChannelFacts
from bot.core.notices import Notice
from bot.core.triggers import Event


class Notifier(Protocol):
    """Posts and looks up messages of one workspace. Every method may raise a DeliveryError."""

    async def post(self, channel_id: str, event: Event, token: str) -> str:
        """Post the event's card with `token` in its metadata; return the message's timestamp."""

    async def find(self, channel_id: str, tokens: Collection[str], oldest: datetime) -> Mapping[str, str]:
        """Return the timestamps of those messages since `oldest` that carry one of `tokens`, by token."""

    async def look_at(self, channel_id: str) -> ChannelFacts:
        """Return whether a channel can be posted to."""

    async def tell(self, user_id: str, notice: Notice) -> None:
        """Send someone a direct message."""
