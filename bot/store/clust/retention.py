"""What is removed after a while: old events, polls, deliveries, audit rows. What is still needed stays."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.delivery_plan import LIVING
from bot.core.notifications.states import OVER, UNSENT
from bot.store.engine.database import Database
from bot.store.engine.tables import audit, cards, deliveries, events, floods, mutes, polls

AT_ONCE = 2000
"""Rows of one table removed in one round, so that nobody waits long."""


class Retention:
    """Removes what is older than a moment."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remove(self, before: datetime, now: datetime) -> int:
        """Remove rows that are older than `before`; return how many.

        A delivery that has not come to its end stays with its event, its poll and what became of that event in other
        channels, and so does a digest or flood card as long as what it tells of does. A living card stays, and mutes go
        with their end.
        """
        member, other = deliveries.alias("member"), deliveries.alias("other")
        has_members = sa.select(member.c.id).where(member.c.summary_id == deliveries.c.id).exists()
        same_event = sa.and_(other.c.event_id == deliveries.c.event_id, other.c.state.in_(UNSENT))
        is_over = sa.and_(deliveries.c.state.in_(OVER), ~sa.select(other.c.id).where(same_event).exists())
        old_deliveries = sa.and_(deliveries.c.created_at < before, is_over, ~has_members)
        has_delivery = sa.select(deliveries.c.id).where(deliveries.c.event_id == events.c.id).exists()
        has_event = sa.select(events.c.id).where(events.c.poll_id == polls.c.id).exists()
        async with self._db.write() as tx:
            ids = (await tx.execute(sa.select(deliveries.c.id).where(old_deliveries).limit(AT_ONCE))).scalars().all()
            await tx.execute(floods.delete().where(floods.c.delivery_id.in_(ids)))
            await tx.execute(deliveries.delete().where(deliveries.c.id.in_(ids)))
            removed = len(ids)
            removed += await _remove(tx, events, sa.and_(events.c.seen_at < before, ~has_delivery))
            removed += await _remove(tx, polls, sa.and_(polls.c.ended_at < before, ~has_event))
            removed += await _remove(tx, audit, audit.c.at < before)
            await tx.execute(cards.delete().where(cards.c.posted_at < min(before, now - LIVING)))
            await tx.execute(mutes.delete().where(mutes.c.until < now))
            return removed


async def _remove(tx: AsyncConnection, table: sa.Table, old: sa.ColumnElement[bool]) -> int:
    some = sa.select(table.c.id).where(old).limit(AT_ONCE)
    return (await tx.execute(table.delete().where(table.c.id.in_(some)))).rowcount
