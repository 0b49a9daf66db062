"""Subscriptions: what each channel gets, their states, and what happens to deliveries when they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.understanding import ContactState
from bot.core.filters import language
from bot.core.notifications import routing
from bot.core.notifications.reasons import UNSUBSCRIBED
from bot.core.notifications.states import UNCLAIMED, UNSENT, DeliveryKind, Hold, State, SubscriptionState
from bot.core.quotas import MAX_ENDED, SUBSCRIPTIONS
from bot.core.stored_reasons import StoredReason
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.grouping import padded
from bot.store.engine.tables import connections, deliveries, subscriptions
from bot.store.engine.wakeups import adding_work
from bot.store.notifications.admin_notifications import notifications_lock, put_works
from bot.store.notifications.cards import dirty_channel
from bot.store.notifications.channel_settings import zones
from bot.store.notifications.digests import Place, insert_posting
from bot.store.notifications.transitions import transition
from bot.store.notifications.unclear_posts import look_again


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One stored subscription. The fields are the table's columns."""

    id: int
    team_id: str
    channel_id: str
    connection_id: int
    filter: str
    events: list[str]
    limit: int | None
    state: str
    reason: str | None
    told_at: datetime | None
    shared_ok: str | None
    created_by: str
    zone: str
    created_at: datetime


MAX_LATE_LISTED = 1000
"""Applications kept by a digest of what is late now. It lists the first and counts the rest."""


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What a person asks for with `subscribe`. `filter` is normalized (rule S1)."""

    team_id: str
    channel_id: str
    connection_id: int
    filter: str
    events: Sequence[str]
    limit: int | None
    created_by: str
    zone: str
    state: SubscriptionState = SubscriptionState.ACTIVE
    reason: str | None = None
    shared_ok: str | None = None


_NOT_ENDED = subscriptions.c.state != SubscriptionState.ENDED

_COLUMNS = [subscriptions.c[name] for name in SubscriptionRow.__slots__]


def _row(row: sa.RowMapping) -> SubscriptionRow:
    return SubscriptionRow(**row)


async def routable(tx: AsyncConnection, connection_id: int) -> list[routing.Subscription]:
    """Return a connection's subscriptions that events can match: active ones, and held ones as held.

    Days in a filter begin by the clock of the channel if it has a time zone, else of the owner (rule F2).
    """
    alive = subscriptions.c.state.in_([SubscriptionState.ACTIVE, SubscriptionState.HELD])
    statement = sa.select(*_COLUMNS).where(subscriptions.c.connection_id == connection_id, alive)
    rows = [_row(row) for row in (await tx.execute(statement)).mappings()]
    clocks = await zones(tx, {(row.team_id, row.channel_id) for row in rows})
    return [
        routing.Subscription(
            id=row.id,
            channel_id=row.channel_id,
            events=frozenset(row.events),
            filter=language.read_stored(row.filter),
            zone=ZoneInfo(clocks.get((row.team_id, row.channel_id), row.zone)),
            held=row.state == SubscriptionState.HELD,
            reason=row.reason or "",
            made_by=row.created_by,
        )
        for row in rows
    ]


async def of_channels(tx: AsyncConnection, channels: Iterable[tuple[str, str]]) -> list[SubscriptionRow]:
    """Return the subscriptions of channels (workspace, channel), without ended ones, oldest first."""
    of_them = sa.tuple_(subscriptions.c.team_id, subscriptions.c.channel_id).in_(padded(sorted(set(channels))))
    statement = sa.select(*_COLUMNS).where(_NOT_ENDED, of_them).order_by(subscriptions.c.id)
    return [_row(row) for row in (await tx.execute(statement)).mappings()]


async def with_filter(
    tx: AsyncConnection, team_id: str, channel_id: str, connection_id: int, normalized: str
) -> sa.RowMapping | None:
    """Return a channel's subscription with that filter, preferring one that hasn't ended, or None if there is none.

    An older version may have stored an equal filter in another spelling (rules S1, F4).
    """
    statement = sa.select(*_COLUMNS).where(
        subscriptions.c.team_id == team_id,
        subscriptions.c.channel_id == channel_id,
        subscriptions.c.connection_id == connection_id,
    )
    rows = [row for row in (await tx.execute(statement)).mappings() if is_same_filter(str(row["filter"]), normalized)]
    return min(
        rows,
        key=lambda row: (row["state"] == SubscriptionState.ENDED, row["filter"] != normalized, row["id"]),
        default=None,
    )


async def make_room(tx: LockedTransaction, team_id: str, channel_id: str) -> None:
    """Make room for another subscription of a channel by deleting its oldest ended ones.

    Raises UsageError if the channel has the maximum number.
    """
    of_channel = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.channel_id == channel_id)
    count = sa.select(sa.func.count()).select_from(subscriptions).where(of_channel, _NOT_ENDED)
    SUBSCRIPTIONS.check((await tx.execute(count)).scalar_one())
    is_needed = sa.select(deliveries.c.id).where(deliveries.c.slot_id == subscriptions.c.id).exists()
    ended = sa.select(subscriptions.c.id).where(
        of_channel, subscriptions.c.state == SubscriptionState.ENDED, ~is_needed
    )
    oldest = (await tx.execute(ended.order_by(subscriptions.c.id.desc()).offset(MAX_ENDED))).scalars().all()
    await tx.execute(subscriptions.delete().where(subscriptions.c.id.in_(oldest)))


def is_same_filter(stored: str, normalized: str) -> bool:
    """Return whether a stored filter, of any version, equals a normalized one."""
    return stored == normalized or language.read_stored(stored).normalized() == normalized


class Subscriptions:
    """Reads and writes subscriptions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def save(self, wish: SubscriptionRequest, now: datetime) -> tuple[SubscriptionRow, SubscriptionRow | None]:
        """Store a subscription. If one has the same filter, the events are added and its limit replaced (rule S1).

        Returns the subscription, and its previous state or None. Raises UsageError if the channel has the maximum
        number.
        """
        async with self._db.write(lock=wish.team_id) as tx:
            existing = await with_filter(tx, wish.team_id, wish.channel_id, wish.connection_id, wish.filter)
            before = _row(existing) if existing and existing["state"] != SubscriptionState.ENDED else None
            values: dict[str, Any] = {
                "events": sorted({*wish.events, *(before.events if before else ())}),
                "limit": wish.limit,
                "state": wish.state,
                "reason": wish.reason,
                "told_at": now,
                "shared_ok": wish.shared_ok or (before.shared_ok if before else None),
            }
            if before is None:
                await make_room(tx, wish.team_id, wish.channel_id)
            if before is None or before.reason == routing.OWNER_GONE:
                values |= {"created_by": wish.created_by, "zone": wish.zone, "created_at": now}
            if existing:
                number = existing["id"]
                await tx.execute(subscriptions.update().where(subscriptions.c.id == number).values(**values))
            else:
                key = {
                    "team_id": wish.team_id,
                    "channel_id": wish.channel_id,
                    "connection_id": wish.connection_id,
                    "filter": wish.filter,
                }
                inserted = await tx.execute(
                    subscriptions.insert().values(**key, **values).returning(subscriptions.c.id)
                )
                number = inserted.scalar_one()
            if before is not None and before.state == SubscriptionState.HELD and wish.state == SubscriptionState.ACTIVE:
                await _replay(tx, wish.team_id, wish.channel_id, now)
            one = sa.select(*_COLUMNS).where(subscriptions.c.id == number)
            return _row((await tx.execute(one)).mappings().one()), before

    async def queue_late_now(self, wish: SubscriptionRequest, ids: Sequence[str], now: datetime) -> None:
        """Put a digest of the applications that are late now into a channel's outbox."""
        place = Place(wish.team_id, wish.channel_id, wish.connection_id)
        contact = sa.select(connections.c.first_contact).where(connections.c.id == wish.connection_id)
        async with self._db.write(lock=wish.team_id) as tx:
            is_held = (await tx.execute(contact)).scalar() == ContactState.HELD
            about = {"trigger": "late", "about": list(ids[:MAX_LATE_LISTED])}
            hold = Hold.REVIEW if is_held else None
            await insert_posting(tx, place, DeliveryKind.DIGEST, now, hold, **about)

    async def of_channel(self, team_id: str, channel_id: str) -> list[SubscriptionRow]:
        """Return a channel's subscriptions, without ended ones, oldest first."""
        return await self._all(subscriptions.c.team_id == team_id, subscriptions.c.channel_id == channel_id)

    async def of_team(self, team_id: str) -> list[SubscriptionRow]:
        """Return the subscriptions of all channels of a workspace."""
        return await self._all(subscriptions.c.team_id == team_id)

    async def get(self, team_id: str, subscription_id: int) -> SubscriptionRow | None:
        """Return one subscription of a workspace, or None."""
        rows = await self._all(subscriptions.c.team_id == team_id, subscriptions.c.id == subscription_id)
        return rows[0] if rows else None

    async def untold(self, team_id: str) -> list[SubscriptionRow]:
        """Return the held subscriptions whose owner hasn't been notified."""
        held, untold = subscriptions.c.state == SubscriptionState.HELD, subscriptions.c.told_at.is_(None)
        return await self._all(subscriptions.c.team_id == team_id, held, untold)

    async def owners(self, team_id: str) -> list[str]:
        """Return the owners of a workspace's subscriptions."""
        statement = sa.select(subscriptions.c.created_by).where(subscriptions.c.team_id == team_id, _NOT_ENDED)
        async with self._db.read() as tx:
            return sorted(set((await tx.execute(statement)).scalars()))

    async def hold(self, team_id: str, channel_id: str, reason: str, *, instead_of: str | None = None) -> bool:
        """Hold a channel's subscriptions and waiting deliveries. Returns whether any was not held before.

        Those held for another reason stay so, except for `instead_of`, which this reason replaces. The outcome of a
        post in progress will show whether the channel accepts messages.
        """
        of_channel = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.channel_id == channel_id)
        waiting = sa.and_(deliveries.c.team_id == team_id, deliveries.c.channel_id == channel_id)
        fresh = subscriptions.c.state == SubscriptionState.ACTIVE
        if instead_of not in {None, reason}:
            fresh = sa.or_(
                fresh, sa.and_(subscriptions.c.state == SubscriptionState.HELD, subscriptions.c.reason == instead_of)
            )
        async with self._db.write(lock=team_id) as tx:
            values = {"state": SubscriptionState.HELD, "reason": reason, "told_at": None}
            done = await tx.execute(adding_work(subscriptions.update().where(of_channel, fresh).values(**values)))
            # What waits for an admin's look at a new account goes on waiting for that.
            of_channel_alone = sa.and_(deliveries.c.state == State.HELD, deliveries.c.hold != Hold.REVIEW)
            to_hold = sa.or_(deliveries.c.state == State.PENDING, of_channel_alone)
            await tx.execute(transition(State.HELD, waiting, to_hold, hold=Hold.CHANNEL, reason=reason))
            under_way = deliveries.c.state.in_([State.SENDING, State.UNCLEAR])
            await tx.execute(deliveries.update().where(waiting, under_way).values(hold=Hold.PROBE))
            return done.rowcount > 0

    async def resume(self, team_id: str, channel_id: str, now: datetime) -> None:
        """Resume a channel's subscriptions. What was held follows at the next tick, as one summary.

        Owners who were notified, or who were asked for an invitation, get a notification. A subscription whose owner
        has left waits to be adopted.
        """
        async with self._db.write(lock=team_id) as tx:
            await resume(self._db, tx, team_id, channel_id, now)

    async def end(self, team_id: str, ids: Sequence[int], events: Iterable[str], by: str) -> list[SubscriptionRow]:
        """Remove `events` from the subscriptions `ids`. One without events has ended.

        Unsent deliveries that no other subscription of the channel matches are skipped, with the reason (rule S2).
        Returns the subscriptions in their new state.
        """
        gone = set(events)
        async with self._db.write(lock=team_id) as tx:
            chosen = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.id.in_(ids))
            rows = [_row(row) for row in (await tx.execute(sa.select(*_COLUMNS).where(chosen))).mappings()]
            for row in rows:
                left = sorted(set(row.events) - gone)
                values: dict[str, Any] = (
                    {"events": left} if left else {"events": [], "state": SubscriptionState.ENDED, "reason": None}
                )
                await tx.execute(subscriptions.update().where(subscriptions.c.id == row.id).values(**values))
                await _withdraw(tx, row, gone, str(StoredReason(UNSUBSCRIBED, by)))
            return [_row(row) for row in (await tx.execute(sa.select(*_COLUMNS).where(chosen))).mappings()]

    async def _all(self, *conditions: sa.ColumnElement[bool]) -> list[SubscriptionRow]:
        statement = sa.select(*_COLUMNS).where(_NOT_ENDED, *conditions).order_by(subscriptions.c.id)
        async with self._db.read() as tx:
            return [_row(row) for row in (await tx.execute(statement)).mappings()]


async def resume(database: Database, tx: LockedTransaction, team_id: str, channel_id: str, now: datetime) -> None:
    """Resume a channel, in a transaction that has locked the workspace (see `Subscriptions.resume`)."""
    of_channel = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.channel_id == channel_id)
    alone = sa.and_(subscriptions.c.state == SubscriptionState.HELD, subscriptions.c.reason == routing.OWNER_GONE)
    stopped = sa.and_(
        of_channel, subscriptions.c.state.in_([SubscriptionState.HELD, SubscriptionState.WAITING]), ~alone
    )
    rows = (await tx.execute(sa.select(*_COLUMNS).where(stopped))).mappings().all()
    await tx.execute(subscriptions.update().where(stopped).values(state=SubscriptionState.ACTIVE, reason=None))
    await _replay(tx, team_id, channel_id, now)
    await look_again(tx, team_id, channel_id, now)
    await database.lock(tx, notifications_lock(team_id))
    await put_works(tx, team_id, rows, now)


async def _replay(tx: LockedTransaction, team_id: str, channel_id: str, now: datetime) -> None:
    """Release what was held because of the channel: our own messages at once, events as a summary."""
    held = sa.and_(
        deliveries.c.team_id == team_id,
        deliveries.c.channel_id == channel_id,
        deliveries.c.state == State.HELD,
        deliveries.c.hold == Hold.CHANNEL,
    )
    events, others = deliveries.c.kind == DeliveryKind.EVENT, deliveries.c.kind != DeliveryKind.EVENT
    await tx.execute(deliveries.update().where(held, events).values(hold=Hold.REPLAY, held_until=now))
    await tx.execute(transition(State.PENDING, held, others, hold=None, due_at=now))
    await dirty_channel(tx, team_id, channel_id, now)


async def _withdraw(tx: LockedTransaction, row: SubscriptionRow, events: set[str], reason: str) -> None:
    """Remove a subscription from the unsent deliveries of `events`, and skip those without another one."""
    unsent = sa.and_(
        deliveries.c.team_id == row.team_id,
        deliveries.c.channel_id == row.channel_id,
        deliveries.c.connection_id == row.connection_id,
        deliveries.c.trigger.in_(events),
        deliveries.c.state.in_(UNSENT),
    )
    columns = (deliveries.c.id, deliveries.c.state, deliveries.c.subscription_ids)
    # Locked: what is being sent at this moment may come to its end before it is written.
    for delivery in (await tx.execute(sa.select(*columns).where(unsent).with_for_update())).all():
        if row.id not in delivery.subscription_ids:
            continue
        left = [one for one in delivery.subscription_ids if one != row.id]
        by_id = deliveries.c.id == delivery.id
        slot = {"slot_id": left[0]} if left else {}
        await tx.execute(deliveries.update().where(by_id).values(subscription_ids=left, **slot))
        if not left and delivery.state in UNCLAIMED:
            # One that is being sent, or may have been, comes to its end first, and it is not sent again after that.
            await tx.execute(transition(State.SKIPPED, by_id, hold=None, reason=reason))
