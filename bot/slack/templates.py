"""The account's templates as choices of a form, kept for a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.clust import ClustClient
from bot.core.draft_checks import Choice
from bot.core.errors import ClustError
from bot.slack.views.forms import template_choices

FRESH = timedelta(seconds=60)


class Templates:
    """What forms offer as templates."""

    def __init__(self, clust: ClustClient, clock: Callable[[], datetime]) -> None:
        self._clust, self._clock = clust, clock
        self._read_at: datetime | None = None
        self._choices: Sequence[Choice] = ()

    async def choices(self) -> Sequence[Choice]:
        """Return the templates, not older than a minute. Raises ClustError."""
        now = self._clock()
        if self._read_at is None or now - self._read_at > FRESH:
            rows = [(row.id or "", row.title, row.is_live) for row in await self._clust.templates()]
            self._choices, self._read_at = template_choices(rows), now
        return self._choices

    async def known(self) -> Sequence[Choice]:
        """Return the templates as they were read last, of any age; none where they can't be read at all."""
        try:
            return self._choices if self._read_at else await self.choices()
        except ClustError:
            return self._choices

    def forget(self) -> None:
        """Read them again the next time: one was made."""
        self._read_at = None
