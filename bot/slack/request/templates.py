"""The templates of each account as choices of a form, cached for a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.accounts import Account
from bot.core.errors import ClustError
from bot.core.forms.fields import Choice
from bot.slack.views.applications.forms import template_choices

FRESH = timedelta(seconds=60)


class Templates:
    """The templates that forms offer."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._read: dict[int, tuple[datetime | None, Sequence[Choice]]] = {}

    async def choices(self, account: Account) -> Sequence[Choice]:
        """Return the templates of an account, not older than a minute. Raises ClustError."""
        read_at, choices = self._read.get(account.id, (None, ()))
        now = self._clock()
        if read_at is None or now - read_at > FRESH:
            rows = [(row.id or "", row.title, row.is_live) for row in await account.clust.templates()]
            choices = template_choices(rows)
            self._read[account.id] = (now, choices)
        return choices

    async def last_read(self, account: Account) -> Sequence[Choice]:
        """Return the cached templates, however old. If there are none, read them. Empty where Clust can't be read."""
        read_at, choices = self._read.get(account.id, (None, ()))
        try:
            return choices if read_at else await self.choices(account)
        except ClustError:
            return choices

    def forget(self, account: Account) -> None:
        """Read the templates again at the next request, because one was created."""
        self._read[account.id] = (None, self._read.get(account.id, (None, ()))[1])
