"""Who is told of the bot's own work, and the telling (rule W4)."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from bot.core.errors import DeliveryError
from bot.core.notices import Notice
from bot.delivery.notifier import Notifier
from bot.store import Store

log = structlog.get_logger(__name__)


class Herald:
    """Tells people of one workspace; `admins` are those of ADMIN_USERS."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, admins: Iterable[str]) -> None:
        self._team_id, self._store, self._notifier, self._admins = team_id, store, notifier, tuple(admins)

    async def audience(self) -> list[str]:
        """Return who is told of operations: ADMIN_USERS, else known admins, else subscribers."""
        return await self.admins() or await self._store.subscriptions.makers(self._team_id)

    async def admins(self) -> list[str]:
        """Return ADMIN_USERS, else the admins who have used the bot."""
        return list(self._admins) or await self._store.people.admins(self._team_id)

    async def tell_all(self, notice: Notice, people: Iterable[str] | None = None) -> bool:
        """Tell `people`, the audience where none are named, each once; True where one of them counts as told."""
        whom = await self.audience() if people is None else people
        return any([await self.tell(user, notice) for user in dict.fromkeys(whom)])

    async def tell(self, user_id: str, notice: Notice) -> bool:
        """Tell one person; False where it is worth another try."""
        try:
            await self._notifier.tell(user_id, notice)
        except DeliveryError as error:
            log.info("someone could not be told", user=user_id, notice=type(notice).__name__, error=str(error))
            # A person who can't be reached at all counts as told; a passing trouble is tried again.
            return not error.retry
        return True
