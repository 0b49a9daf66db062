"""How long data is kept, and the removal of old events, polls, deliveries and audit rows that nothing needs."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.notifications.delivery_plan import LIVING
from bot.core.notifications.states import OVER, UNSENT
from bot.store.engine.database import Database, Transaction
from bot.store.engine.tables import audit, cards, deliveries, events, floods, hidden_links, mutes, polls

VIEWERS_KEPT = timedelta(days=1)
"""Remembered access of people is deleted this long after it expired."""

GONE_KEPT = timedelta(days=30)
"""After this the data of things that are gone is deleted.

That is: applications gone in Clust, disconnected accounts, workspaces that uninstalled the app.
"""

MAX_DELETED = 2000
"""Rows deleted from one table at a time, so that other writers don't wait long."""


class Retention:
    """Deletes rows by age."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remove(self, before: datetime, now: datetime) -> int:
        """Delete rows that are older than `before`. Returns their number.

        A delivery that is not final is kept, with its event, its poll and the event's other deliveries. So is a digest
        or flood card as long as any of its deliveries is. Living cards are kept, and mutes are deleted when they end.
        """
        member, other = deliveries.alias("member"), deliveries.alias("other")
        has_members = sa.select(member.c.id).where(member.c.summary_id == deliveries.c.id).exists()
        same_event = sa.and_(other.c.event_id == deliveries.c.event_id, other.c.state.in_(UNSENT))
        is_over = sa.and_(deliveries.c.state.in_(OVER), ~sa.select(other.c.id).where(same_event).exists())
        old_deliveries = sa.and_(deliveries.c.created_at < before, is_over, ~has_members)
        has_delivery = sa.select(deliveries.c.id).where(deliveries.c.event_id == events.c.id).exists()
        has_event = sa.select(events.c.id).where(events.c.poll_id == polls.c.id).exists()
        async with self._db.write() as tx:
            old_ids = sa.select(deliveries.c.id).where(old_deliveries).limit(MAX_DELETED)
            # No lock: final states and ages only grow, so what was read stays true.
            ids = (await tx.execute(old_ids)).scalars().all()
            if ids:
                await tx.execute(floods.delete().where(floods.c.delivery_id.in_(ids)))
                await tx.execute(deliveries.delete().where(deliveries.c.id.in_(ids)))
            removed = len(ids)
            removed += await _remove(tx, events, sa.and_(events.c.seen_at < before, ~has_delivery))
            removed += await _remove(tx, polls, sa.and_(polls.c.ended_at < before, ~has_event))
            removed += await _remove(tx, audit, audit.c.at < before)
            await tx.execute(cards.delete().where(cards.c.posted_at < min(before, now - LIVING)))
            await tx.execute(mutes.delete().where(mutes.c.until < now))
            # That a workspace shows no links holds until it is changed.
            of_message = hidden_links.c.message_ts != ""
            await tx.execute(hidden_links.delete().where(of_message, hidden_links.c.hidden_at < before))
            return removed


async def _remove(tx: Transaction, table: sa.Table, old: sa.ColumnElement[bool]) -> int:
    some = sa.select(table.c.id).where(old).limit(MAX_DELETED)
    return (await tx.execute(table.delete().where(table.c.id.in_(some)))).rowcount
