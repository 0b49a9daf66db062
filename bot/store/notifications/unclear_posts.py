"""Searches for posts with an unclear outcome, continued page by page by any process (rules T0, T2, T3)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.reasons import PROCESS_STOPPED
from bot.core.notifications.states import State
from bot.core.notifications.unclear_posts import MARGIN, LookUp, Period, is_overdue
from bot.store.engine.database import Database, LockedTransaction, Transaction
from bot.store.engine.tables import deliveries, look_ups
from bot.store.notifications.outbox_messages import CLAIMED, READ, Claim, as_claims
from bot.store.notifications.rate_limits import method_rate
from bot.store.notifications.transitions import transition

CHANNEL, THREAD = "conversations.history", "conversations.replies"
"""The Slack methods that read messages in a channel or a thread. Each has its own rate limit."""

MAX_AT_ONCE = 10
"""Searches that one process continues at the same time."""

STORED_FIELDS = tuple(name for name in LookUp.__slots__ if name not in {"period", "tokens"})
"""Fields of a search that are stored in columns of the same name."""


class UnclearPosts:
    """The searches of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim(
        self, team_id: str, now: datetime, lease: timedelta, resolve_after: timedelta, time_limit: timedelta
    ) -> list[LookUp]:
        """Start searches for new unclear deliveries, and claim those that can be continued now (rule T2).

        An expired lease counts as an unclear outcome. Both are searched for `resolve_after` the attempt. `time_limit`
        is how long a post may take. The longest waiting come first, so that a long search delays no other.
        """
        # On its own: a transaction that waits for the lock of `_begin` must not hold a row that the owner of the lock
        # changes.
        async with self._db.write() as tx:
            await _lapse(tx, team_id, now, resolve_after)
        async with self._db.write() as tx:
            await self._begin(tx, team_id, now, time_limit)
            may = sa.and_(
                look_ups.c.team_id == team_id,
                sa.or_(look_ups.c.due_at <= now, look_ups.c.is_complete),
                sa.or_(look_ups.c.lease_until.is_(None), look_ups.c.lease_until < now),
            )
            if (await tx.execute(sa.select(look_ups.c.id).where(may).limit(1))).first() is None:
                return []
            ids: list[str] = []
            for method, kind in _kinds():
                rate = await method_rate(tx, team_id, method, now)
                most = min(MAX_AT_ONCE, rate.allowed(now))
                oldest_first = sa.select(look_ups.c.id).where(may, kind).order_by(look_ups.c.turn_at, look_ups.c.id)
                ids += (await tx.execute(oldest_first.limit(most).with_for_update(skip_locked=True))).scalars()
            claim = (
                look_ups.update()
                .where(look_ups.c.id.in_(ids))
                .values(lease_until=now + lease, fence=look_ups.c.fence + 1)
                .returning(*look_ups.c)
            )
            rows = sorted((await tx.execute(claim)).mappings(), key=lambda row: ids.index(row["id"]))
            return [await _look_up(tx, row) for row in rows]

    async def _begin(self, tx: Transaction, team_id: str, now: datetime, time_limit: timedelta) -> None:
        """Give each unclear delivery a search: one nearby that has read nothing yet, else a new one."""
        if (await tx.execute(_without(team_id, now).limit(1))).first() is None:
            return
        locked = await self._db.lock(tx, f"{team_id} look-ups")
        for row in (await tx.execute(_without(team_id, now))).all():
            period = Period.around(row.attempted_at, time_limit)
            number = await _joined(locked, team_id, row, period) or await _begun(locked, team_id, row, period, now)
            await tx.execute(deliveries.update().where(deliveries.c.id == row.id).values(look_up_id=number))

    async def keep(self, look_up: LookUp, due_at: datetime, now: datetime) -> bool:
        """Save a search's progress and let it wait until `due_at`. A complete one stays claimed.

        Returns False, and changes nothing, if another process has it now.
        """
        values: dict[str, Any] = {
            name: getattr(look_up, name) for name in STORED_FIELDS if name not in {"id", "team_id"}
        }
        if not look_up.is_complete:
            values["lease_until"] = None
        async with self._db.write() as tx:
            kept = look_ups.update().where(_is(look_up)).values(**values, due_at=due_at, turn_at=now)
            return (await tx.execute(kept)).rowcount == 1

    async def claims(self, look_up: LookUp, owner: str, now: datetime, lease: timedelta) -> list[Claim]:
        """Claim the deliveries of a complete search, without those that were attempted again since."""
        waiting = sa.and_(
            deliveries.c.look_up_id == look_up.id,
            deliveries.c.state == State.UNCLEAR,
            deliveries.c.token.in_(sorted(look_up.tokens)),
            deliveries.c.attempted_at.between(look_up.period.oldest, look_up.period.latest),
        )
        claim = (
            deliveries.update()
            .where(waiting)
            .values(lease_owner=owner, lease_until=now + lease, fence=deliveries.c.fence + 1)
            .returning(*(deliveries.c[name] for name in (*CLAIMED, *READ)))
        )
        async with self._db.write() as tx:
            rows = sorted((await tx.execute(claim)).mappings(), key=lambda row: row["id"])
            return await as_claims(tx, rows, now) if rows else []

    async def end(self, look_up: LookUp) -> None:
        """Delete a search whose deliveries are resolved."""
        async with self._db.write() as tx:
            await tx.execute(look_ups.delete().where(_is(look_up)))

    async def next_due(self, team_id: str, now: datetime) -> datetime | None:
        """Return the earliest moment at which a search can be continued, or None if there is none."""
        moment = sa.func.coalesce(look_ups.c.lease_until, look_ups.c.due_at)
        dues = []
        async with self._db.read() as tx:
            for method, kind in _kinds():
                first = sa.select(sa.func.min(moment)).where(look_ups.c.team_id == team_id, kind)
                if due := (await tx.execute(first)).scalar_one():
                    dues.append(max(due, (await method_rate(tx, team_id, method, now)).ready_at(now)))
        return min(dues, default=None)

    async def overdue(self, team_id: str, now: datetime) -> Mapping[str, datetime]:
        """Return the channels with an outcome that has been unclear for too long, and since when."""
        columns = (look_ups.c.channel_id, look_ups.c.oldest, look_ups.c.tries, look_ups.c.began_at)
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(*columns).where(look_ups.c.team_id == team_id))
            late = [row for row in rows if is_overdue(row.tries, row.began_at, now)]
        late.sort(key=lambda row: row.oldest, reverse=True)
        return {row.channel_id: row.oldest + MARGIN for row in late}


async def _lapse(tx: Transaction, team_id: str, now: datetime, resolve_after: timedelta) -> None:
    """Mark deliveries as unclear whose process let its lease expire. They are due after `resolve_after`.

    Each is marked only if that is still so: the statement checks it again.
    """
    lapsed = sa.and_(
        deliveries.c.team_id == team_id, deliveries.c.state == State.SENDING, deliveries.c.lease_until < now
    )
    for row in (await tx.execute(sa.select(deliveries.c.id, deliveries.c.attempted_at).where(lapsed))).all():
        await tx.execute(
            transition(
                State.UNCLEAR,
                deliveries.c.id == row.id,
                lapsed,
                reason=PROCESS_STOPPED,
                due_at=row.attempted_at + resolve_after,
                lease_until=None,
                fence=deliveries.c.fence + 1,
            )
        )


async def _joined(tx: LockedTransaction, team_id: str, row: Any, period: Period) -> str | None:
    """Widen a search nearby in time, in the same place, that has read nothing yet, and return it.

    Otherwise return None. A search that is being continued has a fixed period.
    """
    at_first = sa.and_(
        look_ups.c.team_id == team_id,
        look_ups.c.channel_id == row.channel_id,
        look_ups.c.thread_ts.is_not_distinct_from(row.thread_ts),
        look_ups.c.cursor == "",
        ~look_ups.c.is_complete,
        look_ups.c.lease_until.is_(None),
    )
    for other in (await tx.execute(sa.select(look_ups).where(at_first))).mappings().all():
        if _period(other).is_near(period):
            wider = _period(other).covering(period)
            widened = look_ups.update().where(look_ups.c.id == other["id"], at_first)
            if (await tx.execute(widened.values(oldest=wider.oldest, latest=wider.latest))).rowcount:
                return str(other["id"])
    return None


async def _begun(tx: LockedTransaction, team_id: str, row: Any, period: Period, now: datetime) -> str:
    number = secrets.token_hex(8)
    values = {"id": number, "team_id": team_id, "channel_id": row.channel_id, "thread_ts": row.thread_ts, "posts": {}}
    moments = {"oldest": period.oldest, "latest": period.latest, "began_at": now, "due_at": now, "turn_at": now}
    await tx.execute(look_ups.insert().values(**values, **moments))
    return number


async def look_again(tx: Transaction, team_id: str, channel_id: str, now: datetime) -> None:
    """Make the searches of a channel that works again due now."""
    there = sa.and_(look_ups.c.team_id == team_id, look_ups.c.channel_id == channel_id)
    await tx.execute(look_ups.update().where(there, look_ups.c.due_at > now).values(due_at=now))


def is_without(team_id: str) -> sa.ColumnElement[bool]:
    """Return the condition for unclear deliveries without a search."""
    under_way = sa.exists().where(look_ups.c.id == deliveries.c.look_up_id)
    return sa.and_(deliveries.c.team_id == team_id, deliveries.c.state == State.UNCLEAR, ~under_way)


def _without(team_id: str, now: datetime) -> sa.Select[Any]:
    columns = (deliveries.c.id, deliveries.c.channel_id, deliveries.c.thread_ts, deliveries.c.attempted_at)
    due = sa.and_(is_without(team_id), deliveries.c.due_at <= now)
    return sa.select(*columns).where(due).order_by(deliveries.c.attempted_at, deliveries.c.id)


def _kinds() -> tuple[tuple[str, sa.ColumnElement[bool]], ...]:
    return (CHANNEL, look_ups.c.thread_ts.is_(None)), (THREAD, look_ups.c.thread_ts.is_not(None))


def _is(look_up: LookUp) -> sa.ColumnElement[bool]:
    return sa.and_(look_ups.c.id == look_up.id, look_ups.c.fence == look_up.fence)


def _period(row: Mapping[str, Any] | sa.RowMapping) -> Period:
    return Period(row["oldest"], row["latest"])


async def _look_up(tx: AsyncConnection, row: sa.RowMapping) -> LookUp:
    waiting = sa.select(deliveries.c.token).where(
        deliveries.c.look_up_id == row["id"], deliveries.c.state == State.UNCLEAR
    )
    tokens = frozenset((await tx.execute(waiting)).scalars())
    return LookUp(**{name: row[name] for name in STORED_FIELDS}, period=_period(row), tokens=tokens)
