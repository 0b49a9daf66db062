"""Watches those who subscribed: what someone who has left subscribed is held, and told, until someone adopts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.core.errors import DeliveryError
from bot.core.routing import MAKER_GONE
from bot.delivery.notifier import Notifier
from bot.store import Store

log = structlog.get_logger(__name__)

A_ROUND = 5
"""People looked at in one round, in turn."""


class Makers:
    """Those who made the subscriptions of one workspace."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._notifier, self._clock = team_id, store, notifier, clock
        self._looked_at: list[str] = []

    async def look(self) -> None:
        """Look at the next ones; hold what they subscribed where they have left, and release it when they are back."""
        rows = await self._store.subscriptions.of_team(self._team_id)
        makers = {row.created_by for row in rows}
        gone = {row.created_by for row in rows if row.reason == MAKER_GONE}
        self._looked_at = [one for one in self._looked_at if one in makers]
        in_turn = sorted(makers - set(self._looked_at)) + self._looked_at
        for user_id in in_turn[:A_ROUND]:
            try:
                is_active = await self._notifier.is_active(user_id)
            except DeliveryError as error:
                log.info("someone who subscribed could not be looked at", user=user_id, error=str(error))
                return
            if is_active and user_id in gone:
                await self._store.orphans.release(self._team_id, user_id, self._clock())
            elif not is_active and await self._store.orphans.hold(self._team_id, user_id):
                log.warning("subscriptions held: who made them is gone", user=user_id)
            self._looked_at = [one for one in self._looked_at if one != user_id] + [user_id]
