"""Subscriptions without an owner, or whose channel accepts no messages: adopted, or moved to another channel.

If the owner has left, they are held one by one. For whole channels see `Subscriptions.hold`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.filters import language
from bot.core.notifications.reasons import MOVED
from bot.core.notifications.routing import OWNER_GONE
from bot.core.notifications.states import UNCLAIMED, DeliveryKind, Hold, State, SubscriptionState
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import channels, deliveries, floods, subscriptions
from bot.store.engine.wakeups import adding_work
from bot.store.notifications.floods import DIGEST
from bot.store.notifications.subscriptions import make_room, with_filter
from bot.store.notifications.transitions import transition


class Orphans:
    """Changes orphaned subscriptions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def hold(self, team_id: str, user_id: str) -> bool:
        """Hold the subscriptions of a person who left. Returns whether any was not held before.

        A notification that matches another subscription of its channel is still posted.
        """
        owned = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.created_by == user_id)
        async with self._db.write(lock=team_id) as tx:
            values = {"state": SubscriptionState.HELD, "reason": OWNER_GONE, "told_at": None}
            active = sa.and_(owned, subscriptions.c.state == SubscriptionState.ACTIVE)
            newly = adding_work(subscriptions.update().where(active).values(**values))
            is_new = (await tx.execute(newly)).rowcount > 0
            gone = sa.select(subscriptions.c.id).where(owned, subscriptions.c.reason == OWNER_GONE)
            rows = (await tx.execute(gone)).scalars().all()
            for row in await _unsent(tx, team_id, rows):
                left = [one for one in row.subscription_ids if one not in rows]
                by_id = deliveries.c.id == row.id
                if left:
                    await tx.execute(deliveries.update().where(by_id).values(slot_id=left[0]))
                elif row.hold != Hold.REVIEW:
                    await tx.execute(transition(State.HELD, by_id, hold=Hold.CHANNEL, reason=OWNER_GONE))
            return is_new

    async def resume(self, team_id: str, user_id: str, now: datetime) -> bool:
        """Resume subscriptions that were held because a person had left who is back. Returns whether there were any."""
        of_them = sa.and_(subscriptions.c.created_by == user_id, subscriptions.c.reason == OWNER_GONE)
        async with self._db.write(lock=team_id) as tx:
            return bool(await _resume(tx, sa.and_(subscriptions.c.team_id == team_id, of_them), now))

    async def adopt(self, team_id: str, ids: Sequence[int], user_id: str, now: datetime) -> None:
        """Change the owner of subscriptions. Those that were held because the owner had left are resumed."""
        chosen = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.id.in_(ids))
        async with self._db.write(lock=team_id) as tx:
            await tx.execute(subscriptions.update().where(chosen).values(created_by=user_id))
            await _resume(tx, sa.and_(chosen, subscriptions.c.reason == OWNER_GONE), now)

    async def move(self, team_id: str, channel_id: str, ids: Sequence[int], target: str, now: datetime) -> None:
        """Move held subscriptions to another channel, with their held notifications as one summary.

        One with the same filter in the other channel gets the events. The channel's settings are moved too, unless the
        other channel has its own.
        """
        async with self._db.write(lock=team_id) as tx:
            became = {number: await _moved(tx, number, target, now) for number in ids}
            for row in await _unsent(tx, team_id, ids):
                left = [one for one in row.subscription_ids if one not in became]
                new = list(dict.fromkeys(became[one] for one in row.subscription_ids if one in became))
                by_id = deliveries.c.id == row.id
                there = {"channel_id": target, "subscription_ids": new, "slot_id": new[0] if new else None}
                if left:
                    update = deliveries.update().where(by_id).values(subscription_ids=left, slot_id=left[0])
                elif await _is_delivered(tx, row.event_id, target):
                    update = transition(State.SKIPPED, by_id, hold=None, reason=MOVED)
                elif row.state == State.GATHERED or row.hold == Hold.REVIEW:
                    update = deliveries.update().where(by_id).values(**there)
                else:
                    update = transition(State.HELD, by_id, **there, hold=Hold.REPLAY, held_until=now, summary_id=None)
                await tx.execute(update)
            await _move_messages(tx, team_id, channel_id, target, now)
            await _move_ways(tx, team_id, channel_id, target)


async def _resume(tx: LockedTransaction, which: sa.ColumnElement[bool], now: datetime) -> Sequence[int]:
    """Resume held subscriptions. What was held because of them follows as a summary."""
    active = (
        subscriptions.update()
        .where(which, subscriptions.c.state == SubscriptionState.HELD)
        .values(state=SubscriptionState.ACTIVE, reason=None)
    )
    ids = list((await tx.execute(active.returning(subscriptions.c.id))).scalars())
    waiting = sa.and_(
        deliveries.c.slot_id.in_(ids),
        deliveries.c.state == State.HELD,
        deliveries.c.hold == Hold.CHANNEL,
        deliveries.c.reason == OWNER_GONE,
    )
    await tx.execute(deliveries.update().where(waiting).values(hold=Hold.REPLAY, held_until=now))
    return ids


async def _unsent(tx: AsyncConnection, team_id: str, ids: Sequence[int]) -> list[Any]:
    """Return the waiting deliveries of subscriptions, without those that are being posted."""
    columns = (
        deliveries.c.id,
        deliveries.c.state,
        deliveries.c.hold,
        deliveries.c.event_id,
        deliveries.c.subscription_ids,
    )
    waiting = sa.and_(
        deliveries.c.team_id == team_id,
        deliveries.c.kind == DeliveryKind.EVENT,
        deliveries.c.state.in_(UNCLAIMED),
    )
    rows = (await tx.execute(sa.select(*columns).where(waiting).order_by(deliveries.c.id))).all()
    return [row for row in rows if set(row.subscription_ids) & set(ids)]


async def _moved(tx: LockedTransaction, number: int, target: str, now: datetime) -> int:
    """Move one subscription. Returns its id in the other channel: its own, or that of one with the same filter."""
    by_id = subscriptions.c.id == number
    row = (await tx.execute(sa.select(subscriptions).where(by_id))).mappings().one()
    wanted_there = language.read_stored(row["filter"]).normalized()
    existing = await with_filter(tx, row["team_id"], target, row["connection_id"], wanted_there)
    if existing is None or existing["state"] == SubscriptionState.ENDED:
        await make_room(tx, row["team_id"], target)
        existing = await with_filter(tx, row["team_id"], target, row["connection_id"], wanted_there)
    if existing is None:
        values = {
            "channel_id": target,
            "state": SubscriptionState.ACTIVE,
            "reason": None,
            "told_at": now,
            "shared_ok": None,
        }
        await tx.execute(subscriptions.update().where(by_id).values(**values))
        return number
    ended = existing["state"] == SubscriptionState.ENDED
    merged = {
        "events": sorted({*row["events"], *existing["events"]}),
        **(
            {"limit": row["limit"], "created_by": row["created_by"], "state": SubscriptionState.ACTIVE, "reason": None}
            if ended
            else {}
        ),
    }
    await tx.execute(subscriptions.update().where(subscriptions.c.id == existing["id"]).values(**merged))
    await tx.execute(subscriptions.update().where(by_id).values(state=SubscriptionState.ENDED, events=[], reason=None))
    return int(existing["id"])


async def _is_delivered(tx: AsyncConnection, event_id: int, channel_id: str) -> bool:
    same = sa.and_(deliveries.c.event_id == event_id, deliveries.c.channel_id == channel_id)
    return (await tx.execute(sa.select(deliveries.c.id).where(same))).first() is not None


async def _move_messages(tx: LockedTransaction, team_id: str, channel_id: str, target: str, now: datetime) -> None:
    """Move held digests. Reminders and replies end, and so do questions about nothing that still waits."""
    held = sa.and_(
        deliveries.c.team_id == team_id,
        deliveries.c.channel_id == channel_id,
        deliveries.c.state == State.HELD,
        deliveries.c.hold == Hold.CHANNEL,
    )
    digest = deliveries.c.kind == DeliveryKind.DIGEST
    await tx.execute(transition(State.PENDING, held, digest, channel_id=target, hold=None, due_at=now))
    obsolete = deliveries.c.kind.in_(
        [DeliveryKind.FLOOD, DeliveryKind.REMINDER, DeliveryKind.ACTION, DeliveryKind.REPORT]
    )
    await tx.execute(transition(State.SKIPPED, held, obsolete, hold=None, reason=MOVED))
    unanswered = sa.and_(floods.c.team_id == team_id, floods.c.channel_id == channel_id, floods.c.answer.is_(None))
    of_it = sa.and_(deliveries.c.summary_id == floods.c.delivery_id, deliveries.c.hold == Hold.FLOOD)
    waits = sa.select(deliveries.c.id).where(of_it, deliveries.c.state == State.HELD).exists()
    await tx.execute(
        floods.update().where(unanswered, ~waits).values(answer=DIGEST, counts={}, answered_at=now, dirty_at=None)
    )


async def _move_ways(tx: LockedTransaction, team_id: str, channel_id: str, target: str) -> None:
    """Copy a channel's settings to another channel, unless it has its own."""
    of_team = channels.c.team_id == team_id
    own_settings = sa.select(channels.c.channel_id).where(of_team, channels.c.channel_id == target)
    row = (await tx.execute(sa.select(channels).where(of_team, channels.c.channel_id == channel_id))).mappings().first()
    if row and (await tx.execute(own_settings)).first() is None:
        await tx.execute(channels.insert().values(**{**row, "channel_id": target}))
