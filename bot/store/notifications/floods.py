"""Flood cards: one question about many notifications, its answer and its effects (rule S4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.messages import Flood
from bot.core.notifications.reasons import MARKED_AS_SEEN
from bot.core.notifications.states import DeliveryKind, Hold, State
from bot.core.stored_reasons import StoredReason
from bot.store.engine.database import Database, LockedTransaction, Transaction
from bot.store.engine.grouping import padded
from bot.store.engine.tables import deliveries, floods
from bot.store.engine.wakeups import adding_work
from bot.store.notifications.digests import Place, gather, insert_posting, let_come_first
from bot.store.notifications.transitions import transition

POST, DIGEST, SEEN = "post", "digest", "seen"

UNANSWERED = timedelta(hours=1)
"""After this time an unanswered question becomes a digest (rule S4)."""

UPDATE_INTERVAL = timedelta(seconds=3)
"""Progress within this time becomes one update of the card."""


@dataclass(frozen=True, slots=True)
class StaleFlood:
    """A flood card that this process may update."""

    delivery_id: int
    channel_id: str
    message_ts: str
    token: str
    posting: Flood


async def open_flood(tx: LockedTransaction, place: Place, now: datetime) -> int:
    """Ask a channel about its flood. Returns the id of the card's delivery."""
    number = await insert_posting(tx, place, DeliveryKind.FLOOD, now)
    row = {"delivery_id": number, "team_id": place.team_id, "channel_id": place.channel_id, "opened_at": now}
    await tx.execute(floods.insert().values(**row))
    return number


def _asked_in(team_id: str, channel_id: str) -> sa.ColumnElement[bool]:
    """Return the condition for one channel's flood cards. A button's value alone proves nothing about its channel."""
    return sa.and_(floods.c.team_id == team_id, floods.c.channel_id == channel_id)


async def open_one(tx: AsyncConnection, team_id: str, channel_id: str) -> int | None:
    """Return a channel's open flood card."""
    waiting = sa.and_(_asked_in(team_id, channel_id), floods.c.answer.is_(None))
    return (await tx.execute(sa.select(floods.c.delivery_id).where(waiting))).scalars().first()


async def join(tx: LockedTransaction, delivery_id: int, members: sa.Select[tuple[int]], now: datetime) -> None:
    """Hold the deliveries `members` until a flood card is answered."""
    values = {"hold": Hold.FLOOD, "held_until": None, "summary_id": delivery_id}
    await tx.execute(transition(State.HELD, deliveries.c.id.in_(members), **values))
    await touch(tx, delivery_id, now)


async def touch(tx: Transaction, delivery_id: int, now: datetime) -> None:
    """Mark a flood card as out of date, so that its numbers are updated in the channel."""
    due = sa.func.coalesce(floods.c.dirty_at, now + UPDATE_INTERVAL)
    await tx.execute(adding_work(floods.update().where(floods.c.delivery_id == delivery_id).values(dirty_at=due)))


async def settle(tx: LockedTransaction, delivery_id: int, answer: str, by: str | None, now: datetime) -> bool:
    """Apply the answer to a flood card. Returns False, and changes nothing, if it was answered before."""
    unanswered = sa.and_(floods.c.delivery_id == delivery_id, floods.c.answer.is_(None))
    counts, _ = await _counts(tx, delivery_id)
    answered = {"answer": answer, "counts": counts, "answered_by": by, "answered_at": now, "dirty_at": now}
    if (await tx.execute(adding_work(floods.update().where(unanswered).values(**answered)))).rowcount != 1:
        return False
    waiting = sa.and_(
        deliveries.c.summary_id == delivery_id, deliveries.c.state == State.HELD, deliveries.c.hold == Hold.FLOOD
    )
    if answer == POST:
        await tx.execute(transition(State.PENDING, waiting, hold=None, due_at=now))
    elif answer == SEEN:
        reason = str(StoredReason(MARKED_AS_SEEN, by or ""))
        await tx.execute(transition(State.SKIPPED, waiting, hold=None, reason=reason))
    else:
        columns = (deliveries.c.id, deliveries.c.team_id, deliveries.c.channel_id, deliveries.c.connection_id)
        rows = (await tx.execute(sa.select(*columns).where(waiting).order_by(deliveries.c.id))).all()
        places = {Place(row.team_id, row.channel_id, row.connection_id) for row in rows}
        for place in sorted(places, key=lambda one: one.connection_id):
            await gather(
                tx, place, [row.id for row in rows if row.connection_id == place.connection_id], Hold.FLOOD, now
            )
    return True


async def settle_unanswered(tx: LockedTransaction, team_id: str, now: datetime) -> None:
    """Turn each question that no one answered within the hour into a digest."""
    old = sa.and_(floods.c.team_id == team_id, floods.c.answer.is_(None), floods.c.opened_at <= now - UNANSWERED)
    for delivery_id in (await tx.execute(sa.select(floods.c.delivery_id).where(old))).scalars().all():
        await settle(tx, delivery_id, DIGEST, None, now)


async def flood_posting(tx: AsyncConnection, delivery_id: int) -> Flood:
    """Return the present content of a flood card."""
    row = (await tx.execute(sa.select(floods).where(floods.c.delivery_id == delivery_id))).mappings().one()
    counts, posted = await _counts(tx, delivery_id)
    offered = row["counts"] if row["answer"] else counts
    return Flood(delivery_id, offered, sum(offered.values()), row["answer"], row["answered_by"], posted)


async def claim_stale(
    tx: Transaction, most: Mapping[str, int], now: datetime, until: datetime
) -> Mapping[str, list[StaleFlood]]:
    """Claim out-of-date flood cards until a moment, by workspace: at most so many of each.

    Row locks protect them: what another transaction claims is skipped.
    """
    due = (
        sa.select(
            floods.c.delivery_id, floods.c.team_id, deliveries.c.channel_id, deliveries.c.message_ts, deliveries.c.token
        )
        .join(deliveries, deliveries.c.id == floods.c.delivery_id)
        .where(floods.c.team_id.in_(padded(most)), floods.c.dirty_at <= now, deliveries.c.message_ts.is_not(None))
        .order_by(floods.c.dirty_at)
        .with_for_update(skip_locked=True, of=floods)
    )
    claimed: defaultdict[str, list[StaleFlood]] = defaultdict(list)
    for row in (await tx.execute(due)).all():
        if len(claimed[row.team_id]) < most[row.team_id]:
            posting = await flood_posting(tx, row.delivery_id)
            claimed[row.team_id].append(StaleFlood(row.delivery_id, row.channel_id, row.message_ts, row.token, posting))
    if ids := [flood.delivery_id for of_team in claimed.values() for flood in of_team]:
        await tx.execute(floods.update().where(floods.c.delivery_id.in_(ids)).values(dirty_at=until))
    return claimed


async def _counts(tx: AsyncConnection, delivery_id: int) -> tuple[dict[str, int], int]:
    """Return the number of events of each trigger in a flood, and how many of all were posted."""
    of_it = sa.and_(deliveries.c.summary_id == delivery_id, deliveries.c.kind == DeliveryKind.EVENT)
    statement = sa.select(deliveries.c.trigger, deliveries.c.state, sa.func.count()).where(of_it)
    counts: Counter[str] = Counter()
    posted = 0
    for trigger, state, number in await tx.execute(statement.group_by(deliveries.c.trigger, deliveries.c.state)):
        counts[trigger] += number
        posted += number if state == State.SENT else 0
    return dict(counts), posted


class Floods:
    """Reads and writes flood cards."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def answer(
        self, team_id: str, channel_id: str, delivery_id: int, answer: str, by: str, now: datetime
    ) -> Flood | None:
        """Answer a flood card. Returns its new content, or None if this channel has no such card."""
        in_channel = _asked_in(team_id, channel_id)
        card = sa.select(floods.c.delivery_id).where(in_channel, floods.c.delivery_id == delivery_id)
        async with self._db.write(lock=team_id) as tx:
            if (await tx.execute(card)).first() is None:
                return None
            await settle(tx, delivery_id, answer, by, now)
            await let_come_first(tx, team_id, now)
            return await flood_posting(tx, delivery_id)

    async def updated(self, stale: StaleFlood, now: datetime) -> None:
        """Record a flood card's content. If the numbers changed in the meantime it stays out of date."""
        async with self._db.write() as tx:
            # Locked: numbers that move at this moment are waited for.
            one = sa.select(floods.c.dirty_at).where(floods.c.delivery_id == stale.delivery_id)
            await tx.execute(one.with_for_update())
            same = await flood_posting(tx, stale.delivery_id) == stale.posting
            await _set_dirty(tx, stale.delivery_id, None if same else now + UPDATE_INTERVAL)

    async def postpone(self, delivery_id: int, until: datetime | None) -> None:
        """Update a flood card later or, if Slack no longer allows that, never."""
        async with self._db.write() as tx:
            await _set_dirty(tx, delivery_id, until)


async def _set_dirty(tx: Transaction, delivery_id: int, at: datetime | None) -> None:
    await tx.execute(floods.update().where(floods.c.delivery_id == delivery_id).values(dirty_at=at))
