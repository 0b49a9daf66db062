"""Rate limits for posts in channels and workspaces, and for Slack's methods (rules P1, P2).

They are stored in the database, so they apply to all processes together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.slack_rate_limits import METHODS_PER_MINUTE, Gcra
from bot.store.engine.database import Database, LockedTransaction, Transaction
from bot.store.engine.grouping import Grouped, padded
from bot.store.engine.tables import paces

WORKSPACE = ""
"""Used instead of a channel's id for the whole workspace."""

TWO_CHANNELS = timedelta(seconds=10)
"""429s from two channels within this time mean that the workspace posts too fast (rule P2)."""


class ChannelRateLimits:
    """Reads and sets rate limits inside the outbox's transactions."""

    def __init__(self, database: Database, posts_per_minute: float) -> None:
        self._db = database
        self._posts_per_minute = posts_per_minute

    async def rate(self, tx: AsyncConnection, team_id: str, now: datetime) -> Gcra:
        """Return the workspace's rate limit for posts."""
        return await _rate(tx, team_id, WORKSPACE, self._posts_per_minute, now)

    async def rates(self, tx: AsyncConnection, team_ids: Iterable[str], now: datetime) -> dict[str, Gcra]:
        """Return the rate limits of workspaces for posts."""
        full = {(team_id, WORKSPACE): self._posts_per_minute for team_id in team_ids}
        return {team_id: rate for (team_id, _), rate in (await rates(tx, full, now)).items()}

    async def rest(self, tx: Transaction, until: Mapping[tuple[str, str], datetime]) -> None:
        """Pause channels (workspace, channel), or workspaces, each until a moment."""
        rows = [
            {"team_id": team_id, "channel_id": channel_id, "next_at": moment}
            for (team_id, channel_id), moment in sorted(until.items())
        ]
        await tx.execute(self._db.upsert(paces, update=("next_at",)), rows)

    async def throttle(
        self, tx: LockedTransaction, team_id: str, channel_id: str, retry_after: timedelta, now: datetime
    ) -> None:
        """After a 429, pause a channel and halve the rate. After 429s from two channels, pause the workspace."""
        rate = await self.rate(tx, team_id, now)
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
            "next_at": rate.paused(until, now) if workspace_too else rate.next_at,
            "per_minute": rate.halved(now),
            "throttled_at": now,
        }
        await tx.execute(self._db.upsert(paces, update=("next_at", "per_minute", "throttled_at")), [workspace])


@dataclass(frozen=True, slots=True)
class _MethodCall:
    """A call of a method that someone wants to make."""

    team_id: str
    method: str
    now: datetime

    @property
    def key(self) -> tuple[str, str]:
        """The rate limit that it uses."""
        return self.team_id, self.method


class MethodRateLimits:
    """One rate limit for each method in each workspace, stored in `paces` under the method's name."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._take = Grouped(self._take_all, apart=lambda call: call.key)

    async def take(self, team_id: str, method: str, now: datetime) -> datetime | None:
        """Reserve a call of a method now and return None, or return when one is possible. Processes queue."""
        return await self._take(_MethodCall(team_id, method, now))

    async def _take_all(self, calls: Sequence[_MethodCall]) -> list[datetime | None]:
        async with self._db.write() as tx:
            await self._db.lock_all(tx, [_lock_of(*call.key) for call in calls])
            full = {call.key: METHODS_PER_MINUTE[call.method] for call in calls}
            limits = await rates(tx, full, calls[0].now)
            allowed = [one for one in calls if limits[one.key].allowed(one.now) >= 1]
            rows = [
                {"team_id": one.team_id, "channel_id": one.method, "next_at": limits[one.key].after(1, one.now)}
                for one in allowed
            ]
            if rows:
                await tx.execute(self._db.upsert(paces, update=("next_at",)), rows)
            return [None if one in allowed else limits[one.key].ready_at(one.now) for one in calls]

    async def pause(self, team_id: str, method: str, retry_after: timedelta, now: datetime) -> None:
        """Pause a method in a workspace after a 429, and nothing else (rule P2). It then continues more slowly."""
        async with self._db.write(lock=_lock_of(team_id, method)) as tx:
            rate = await method_rate(tx, team_id, method, now)
            until = rate.paused(now + retry_after, now)
            await self._set(tx, team_id, method, next_at=until, per_minute=rate.halved(now), throttled_at=now)

    async def rest(self, team_id: str, method: str, seconds: float, now: datetime) -> None:
        """Pause a method in a workspace for so many seconds. It then continues at the same rate."""
        async with self._db.write(lock=_lock_of(team_id, method)) as tx:
            rate = await method_rate(tx, team_id, method, now)
            await self._set(tx, team_id, method, next_at=rate.resting(now + timedelta(seconds=seconds), now))

    async def _set(self, tx: LockedTransaction, team_id: str, method: str, **values: object) -> None:
        row = {"team_id": team_id, "channel_id": method, **values}
        await tx.execute(self._db.upsert(paces, update=tuple(values)), [row])


def _lock_of(team_id: str, method: str) -> str:
    return f"{team_id} {method}"


async def method_rate(tx: AsyncConnection, team_id: str, method: str, now: datetime) -> Gcra:
    """Return a method's rate limit in a workspace."""
    return await _rate(tx, team_id, method, METHODS_PER_MINUTE[method], now)


async def _rate(tx: AsyncConnection, team_id: str, subject: str, full_per_minute: float, now: datetime) -> Gcra:
    """Return the rate limit of a method or the workspace, an unused one if none is stored."""
    return (await rates(tx, {(team_id, subject): full_per_minute}, now))[team_id, subject]


async def rates(
    tx: AsyncConnection, full_per_minute: Mapping[tuple[str, str], float], now: datetime
) -> dict[tuple[str, str], Gcra]:
    """Return rate limits by workspace and subject: a method, or WORKSPACE. Those that aren't stored are unused ones.

    `full_per_minute` has what each would allow.
    """
    of_channels = sa.tuple_(paces.c.team_id, paces.c.channel_id).in_(padded(sorted(full_per_minute)))
    rows = (await tx.execute(sa.select(paces).where(of_channels))).mappings()
    stored = {(row["team_id"], row["channel_id"]): row for row in rows}
    return {
        key: Gcra(full, row["next_at"], row["per_minute"], row["throttled_at"])
        if (row := stored.get(key))
        else Gcra(full, now)
        for key, full in full_per_minute.items()
    }
