"""When a channel, and a workspace, may be posted to again (rules P1, P2): in the database, so for all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.rates import METHODS_PER_MINUTE, Gcra
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import paces

WORKSPACE = ""
"""Stands for the whole workspace where a channel's id would."""

TWO_CHANNELS = timedelta(seconds=10)
"""429s from two channels within this mean that the workspace is too fast (rule P2)."""


class ChannelRateLimits:
    """Reads and sets paces inside the transactions of the outbox."""

    def __init__(self, database: Database, posts_per_minute: float) -> None:
        self._db = database
        self._posts_per_minute = posts_per_minute

    async def budget(self, tx: AsyncConnection, team_id: str, now: datetime) -> Gcra:
        """Return the workspace's budget of posts."""
        full = self._posts_per_minute
        one = sa.select(paces).where(paces.c.team_id == team_id, paces.c.channel_id == WORKSPACE)
        row = (await tx.execute(one)).mappings().first()
        if row is None:
            return Gcra(full, next_at=now)
        return Gcra(full, row["next_at"], row["per_minute"], row["throttled_at"])

    async def rest(self, tx: AsyncConnection, team_id: str, channel_id: str, until: datetime) -> None:
        """Let a channel, or the workspace, rest until a moment."""
        row = {"team_id": team_id, "channel_id": channel_id, "next_at": until}
        await tx.execute(self._db.upsert(paces, update=("next_at",)), [row])

    async def throttle(
        self, tx: LockedTransaction, team_id: str, channel_id: str, retry_after: timedelta, now: datetime
    ) -> None:
        """Pause a channel after a 429 and halve the budget; after 429s from two channels pause the workspace."""
        budget = await self.budget(tx, team_id, now)
        others = sa.select(sa.func.count()).where(
            paces.c.team_id == team_id,
            paces.c.channel_id.not_in([WORKSPACE, channel_id, *METHODS_PER_MINUTE]),
            paces.c.throttled_at > now - TWO_CHANNELS,
        )
        workspace_too = (await tx.execute(others)).scalar_one() > 0
        until = now + retry_after
        channel = {"team_id": team_id, "channel_id": channel_id, "next_at": until, "throttled_at": now}
        await tx.execute(self._db.upsert(paces, update=("next_at", "throttled_at")), [channel])
        workspace = {
            "team_id": team_id,
            "channel_id": WORKSPACE,
            "next_at": budget.paused(until, now) if workspace_too else budget.next_at,
            "per_minute": budget.halved(now),
            "throttled_at": now,
        }
        await tx.execute(self._db.upsert(paces, update=("next_at", "per_minute", "throttled_at")), [workspace])
