"""When the bot may call a method of Slack's Web API by itself: in the database, so for all processes (rules P1, P2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.rates import METHODS_PER_MINUTE, Gcra
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import paces


class MethodRateLimits:
    """One budget for each method in each workspace: a row of `paces` with the method where a channel's id would be."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def budget(self, team_id: str, method: str, now: datetime) -> Gcra:
        """Return how often a method may be called now, without taking any of it."""
        async with self._db.read() as tx:
            return await budget_of(tx, team_id, method, now)

    async def take(self, team_id: str, method: str, now: datetime) -> datetime | None:
        """Take the right to call a method now; else return when there is one. Processes take one after the other."""
        async with self._db.write(lock=f"{team_id} {method}") as tx:
            budget = await budget_of(tx, team_id, method, now)
            if budget.allowed(now) < 1:
                return budget.ready_at(now)
            await self._set(tx, team_id, method, next_at=budget.after(1, now))
            return None

    async def pause(self, team_id: str, method: str, retry_after: timedelta, now: datetime) -> None:
        """Let a method rest in a workspace after a 429, and nothing else (rule P2); after that it goes on slower."""
        async with self._db.write(lock=f"{team_id} {method}") as tx:
            budget = await budget_of(tx, team_id, method, now)
            until = budget.paused(now + retry_after, now)
            await self._set(tx, team_id, method, next_at=until, per_minute=budget.halved(now), throttled_at=now)

    async def rest(self, team_id: str, method: str, seconds: float, now: datetime) -> None:
        """Let a method rest in a workspace for so many seconds, without a 429; after that it goes on as before."""
        async with self._db.write(lock=f"{team_id} {method}") as tx:
            budget = await budget_of(tx, team_id, method, now)
            await self._set(tx, team_id, method, next_at=budget.resting(now + timedelta(seconds=seconds), now))

    async def _set(self, tx: LockedTransaction, team_id: str, method: str, **values: object) -> None:
        row = {"team_id": team_id, "channel_id": method, **values}
        await tx.execute(self._db.upsert(paces, update=tuple(values)), [row])


async def budget_of(tx: AsyncConnection, team_id: str, method: str, now: datetime) -> Gcra:
    """Return how often a method may be called in a workspace now."""
    one = sa.select(paces).where(paces.c.team_id == team_id, paces.c.channel_id == method)
    row = (await tx.execute(one)).mappings().first()
    full = METHODS_PER_MINUTE[method]
    return Gcra(full, row["next_at"], row["per_minute"], row["throttled_at"]) if row else Gcra(full, next_at=now)
