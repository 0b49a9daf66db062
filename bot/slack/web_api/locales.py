"""What the notifier has to know of the languages that people and channels are written to."""

from __future__ import annotations

from typing import Protocol


class Locales(Protocol):
    """Says in which language people and channels of one workspace are written to. None: no one has chosen one."""

    async def of_person(self, user_id: str) -> str | None:
        """Return the locale of the reader of a direct message."""

    async def of_channel(self, channel_id: str) -> str | None:
        """Return the locale that posts in a channel are written in."""


class NoLocales:
    """The locales of a workspace in which no one has chosen a language."""

    async def of_person(self, _user_id: str) -> str | None:
        """Return None."""
        return None

    async def of_channel(self, _channel_id: str) -> str | None:
        """Return None."""
        return None
