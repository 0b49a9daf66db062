"""What each tick of the poll clock releases or holds: mutes, schedules, floods, limits (rules S3, S4).

Every event waits for a tick. In this order: what a mute or the schedule covers is held. What they held until now is
summarized. More than the channel wants at once becomes a question. Of the rest, the limit releases its share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.channel_settings import gate_of
from bot.core.notifications.holds import HoldUntil, active_hold
from bot.core.notifications.mutes import Subject
from bot.core.notifications.states import DeliveryKind, Hold, State, SubscriptionState
from bot.store.engine.database import LockedTransaction
from bot.store.engine.scanning import chunks
from bot.store.engine.tables import deliveries, subscriptions
from bot.store.notifications.channel_settings import ChannelRow, channel_mutes, channel_row
from bot.store.notifications.digests import Place, gather, let_come_first
from bot.store.notifications.floods import join, open_flood, open_one, settle_unanswered
from bot.store.notifications.transitions import transition


async def release(
    tx: LockedTransaction, team_id: str, connection_id: int, limit: int, now: datetime, since: datetime | None = None
) -> None:
    """Run a tick for a connection's deliveries. `limit` applies to subscriptions without one.

    What was released `since` a moment counts towards the limit. None means that nothing does.
    """
    await settle_unanswered(tx, team_id, now)
    for channel_id in (await tx.execute(_waiting(connection_id, now))).scalars().all():
        place = Place(team_id, channel_id, connection_id)
        row = await channel_row(tx, team_id, channel_id)
        await _summarize(tx, place, await _hold(tx, place, row, now), now)
        await _ask_about_flood(tx, place, row, now)
    await _release_limited(tx, team_id, connection_id, limit, now, since)
    await let_come_first(tx, team_id, now)


def _held(connection_id: int) -> sa.ColumnElement[bool]:
    """Return the condition for single events that are held while their channel accepts messages."""
    active = sa.select(subscriptions.c.id).where(subscriptions.c.state == SubscriptionState.ACTIVE)
    return sa.and_(
        deliveries.c.connection_id == connection_id,
        deliveries.c.state == State.HELD,
        deliveries.c.kind == DeliveryKind.EVENT,
        deliveries.c.slot_id.in_(active),
    )


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(deliveries.c.hold == Hold.LIMIT, deliveries.c.held_until <= now)


def _waiting(connection_id: int, now: datetime) -> sa.Select[Any]:
    return sa.select(deliveries.c.channel_id).where(_held(connection_id), _due(now)).distinct().order_by("channel_id")


async def _hold(tx: LockedTransaction, place: Place, row: ChannelRow, now: datetime) -> list[Any]:
    """Hold what a mute or the schedule covers. Returns what they held until now and no longer do (id, hold).

    `active_hold` runs in the transaction: a change of a mute waits for the lock, so it takes effect either now or at
    the next tick, and no notification is posted past it.
    """
    mutes = await channel_mutes(tx, place.team_id, place.channel_id, now)
    columns = (deliveries.c.id, deliveries.c.hold, deliveries.c.application_id, deliveries.c.trigger)
    candidates = sa.and_(_held(place.connection_id), deliveries.c.channel_id == place.channel_id, _due(now))
    if not mutes and row.schedule.always_posts:
        candidates = sa.and_(candidates, deliveries.c.hold != Hold.LIMIT)
    held: defaultdict[HoldUntil, list[int]] = defaultdict(list)
    free = []
    for one in (await tx.execute(sa.select(*columns).where(candidates).order_by(deliveries.c.id))).all():
        subject = Subject(place.connection_id, one.application_id, one.trigger)
        current_hold = active_hold(row.schedule, mutes, subject, now, waited=one.hold == Hold.SCHEDULE)
        if current_hold:
            held[current_hold].append(one.id)
        elif one.hold != Hold.LIMIT:
            free.append(one)
    for new_hold, ids in held.items():
        values = {"hold": new_hold.hold, "held_until": new_hold.until, "reason": new_hold.reason}
        for some in chunks(ids):
            await tx.execute(deliveries.update().where(deliveries.c.id.in_(some)).values(**values))
    return free


async def _summarize(tx: LockedTransaction, place: Place, free: Sequence[Any], now: datetime) -> None:
    """Post what was held as one digest, or a single notification as itself."""
    ids = [one.id for one in free]
    if len(ids) == 1:
        values = {"hold": None, "held_until": None, "due_at": now}
        await tx.execute(transition(State.PENDING, deliveries.c.id.in_(ids), **values))
    elif ids:
        await gather(tx, place, ids, Counter(one.hold for one in free).most_common(1)[0][0], now)


async def _ask_about_flood(tx: LockedTransaction, place: Place, row: ChannelRow, now: datetime) -> None:
    """Ask the channel if more is due than its gate allows (rule S4). Later notifications join the question."""
    candidates = sa.and_(
        deliveries.c.team_id == place.team_id,
        deliveries.c.channel_id == place.channel_id,
        deliveries.c.kind == DeliveryKind.EVENT,
        sa.or_(
            deliveries.c.state == State.PENDING,
            sa.and_(deliveries.c.state == State.HELD, deliveries.c.hold == Hold.LIMIT),
        ),
        # What someone chose to have posted is not asked about again.
        deliveries.c.summary_id.is_(None),
    )
    flood = await open_one(tx, place.team_id, place.channel_id)
    if flood is None:
        largest = sa.select(sa.func.max(subscriptions.c.limit)).where(
            subscriptions.c.team_id == place.team_id,
            subscriptions.c.channel_id == place.channel_id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
        )
        gate = gate_of(row.style, (await tx.execute(largest)).scalar_one())
        waiting = (await tx.execute(sa.select(sa.func.count()).where(candidates))).scalar_one()
        if gate is None or waiting <= gate:
            return
        flood = await open_flood(tx, place, now)
    await join(tx, flood, sa.select(deliveries.c.id).where(candidates), now)


async def _release_limited(
    tx: LockedTransaction, team_id: str, connection_id: int, limit: int, now: datetime, since: datetime | None
) -> None:
    """Release the next deliveries of each subscription and trigger, oldest first (rule S3)."""
    place = sa.func.row_number().over(
        partition_by=(deliveries.c.slot_id, deliveries.c.trigger), order_by=deliveries.c.id
    )
    columns = [deliveries.c.id, place.label("place"), sa.func.coalesce(subscriptions.c.limit, limit).label("limit")]
    source: sa.FromClause = sa.join(deliveries, subscriptions, subscriptions.c.id == deliveries.c.slot_id)
    if since is not None:
        earlier = _released_since(team_id, connection_id, since)
        same = sa.and_(earlier.c.slot_id == deliveries.c.slot_id, earlier.c.trigger == deliveries.c.trigger)
        source = source.outerjoin(earlier, same)
        columns.append(sa.func.coalesce(earlier.c.number, 0).label("earlier"))
    held = (_held(connection_id), deliveries.c.hold == Hold.LIMIT)
    waiting = sa.select(*columns).select_from(source).where(*held).subquery()
    place_after = waiting.c.place if since is None else waiting.c.place + waiting.c.earlier
    next_ones = sa.select(waiting.c.id).where(place_after <= waiting.c.limit)
    await tx.execute(transition(State.PENDING, deliveries.c.id.in_(next_ones), hold=None, due_at=now))


def _released_since(team_id: str, connection_id: int, since: datetime) -> sa.Subquery:
    """Return how many of each subscription and trigger the limit released since a moment."""
    released = sa.and_(
        deliveries.c.state.in_([state for state in State if state is not State.HELD]),
        deliveries.c.team_id == team_id,
        deliveries.c.due_at >= since,
        deliveries.c.connection_id == connection_id,
    )
    counted = sa.select(deliveries.c.slot_id, deliveries.c.trigger, sa.func.count().label("number"))
    return counted.where(released).group_by(deliveries.c.slot_id, deliveries.c.trigger).subquery()
