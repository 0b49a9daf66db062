"""Looks at people, whether they are still there.

What someone who has left subscribed is held until it is adopted, and what they had taken is nobody's, until they are
back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.core.rounds import RoundOutcome
from bot.delivery.notifier import Notifier
from bot.delivery.rounds import GoingRound, Seeing
from bot.store import Store
from bot.store.notifications.rounds import PERSON

log = structlog.get_logger(__name__)

REST = timedelta(hours=1)
"""Between two looks at someone who is there (rule P5)."""


class OwnerCheck:
    """The people of one workspace that something depends on."""

    def __init__(self, team_id: str, store: Store, notifier: Notifier, clock: Callable[[], datetime]) -> None:
        self._team_id, self._store, self._notifier, self._clock = team_id, store, notifier, clock
        self._round = GoingRound(team_id, PERSON, store.rounds, self._look, REST, clock)
        self._asking = GoingRound(team_id, PERSON, store.rounds, self._ask, REST, clock)

    async def go_round(self, most: int) -> None:
        """Look at up to `most` people whose turn it is, and do what follows from leaving or return."""
        await self._round.go(most)

    async def refresh(self, user_id: str) -> Mapping[str, Any]:
        """Ask whether someone is there, and hold nothing yet; return what Slack says. Raises a DeliveryError."""
        _, facts = await self._asking.look_now(user_id)
        return facts or {}

    async def let_go(self, user_id: str) -> None:
        """Hold what someone subscribed who is gone, and let nobody have what they had taken."""
        if await self._store.orphans.hold(self._team_id, user_id):
            log.warning("subscriptions held: who made them is gone", user=user_id)
        await self._store.leaving.leave(self._team_id, user_id, self._clock())

    async def _look(self, user_id: str) -> Seeing:
        outcome, facts = await self._ask(user_id)
        if outcome is RoundOutcome.WELL:
            now = self._clock()
            await self._store.orphans.release(self._team_id, user_id, now)
            await self._store.leaving.come_back(self._team_id, user_id, now)
        else:
            await self.let_go(user_id)
        return outcome, facts

    async def _ask(self, user_id: str) -> Seeing:
        is_active = await self._notifier.is_active(user_id)
        return RoundOutcome.WELL if is_active else RoundOutcome.HELD, {"is_active": is_active}
