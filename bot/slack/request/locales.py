"""The languages that people and channels of one workspace are written to."""

from __future__ import annotations

from bot.slack.request.access import Access
from bot.store.notifications.channel_settings import ChannelSettings


class StoredLocales:
    """A person's locale is what Slack said of them. A channel's is that of `channel_language`."""

    def __init__(self, team_id: str, channels: ChannelSettings, access: Access) -> None:
        self._team_id, self._channels, self._access = team_id, channels, access

    async def of_person(self, user_id: str) -> str | None:
        """Return the locale of the reader of a direct message."""
        return await self._access.locale(user_id)

    async def of_channel(self, channel_id: str) -> str | None:
        """Return the locale that posts in a channel are written in, as it is at this moment."""
        return await self._channels.locale(self._team_id, channel_id)
