"""Tests whether a held channel accepts posts again, with one of its waiting notifications (rule P3)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.notifications.holds import active_hold
from bot.core.notifications.mutes import Subject
from bot.core.notifications.routing import OWNER_GONE
from bot.core.notifications.states import UNDER_WAY, Hold, State
from bot.store.engine.database import Database
from bot.store.engine.tables import deliveries
from bot.store.notifications.channel_settings import channel_mutes, channel_row
from bot.store.notifications.posting.claims import something_in_front
from bot.store.notifications.transitions import transition

MAX_LOOKED_THROUGH = 100
"""Deliveries of which one is chosen. Those after them wait for the same channel."""


class ChannelProbes:
    """Chooses the notification."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def try_one(self, team_id: str, channel_id: str, now: datetime) -> bool:
        """Release the oldest notification that can be posted now. Returns False if there is none.

        Quiet hours and mutes are respected, and only one is tried at a time. `active_hold` runs in the transaction: a
        new mute waits for the lock, so it can't come in between.
        """
        of_channel = sa.and_(deliveries.c.team_id == team_id, deliveries.c.channel_id == channel_id)
        waits = sa.and_(
            deliveries.c.state == State.HELD,
            deliveries.c.hold == Hold.CHANNEL,
            sa.func.coalesce(deliveries.c.reason, "") != OWNER_GONE,
            ~something_in_front(),
        )
        columns = (deliveries.c.id, deliveries.c.connection_id, deliveries.c.application_id, deliveries.c.trigger)
        under_way = sa.and_(deliveries.c.hold == Hold.PROBE, deliveries.c.state.in_(UNDER_WAY))
        async with self._db.write(lock=team_id) as tx:
            if (await tx.execute(sa.select(deliveries.c.id).where(of_channel, under_way).limit(1))).first():
                return True
            schedule = (await channel_row(tx, team_id, channel_id)).schedule
            mutes = await channel_mutes(tx, team_id, channel_id, now)
            oldest = sa.select(*columns).where(of_channel, waits).order_by(deliveries.c.id).limit(MAX_LOOKED_THROUGH)
            for row in (await tx.execute(oldest)).all():
                subject = Subject(row.connection_id, row.application_id, row.trigger)
                if active_hold(schedule, mutes, subject, now, waited=True) is None:
                    chosen = deliveries.c.id == row.id
                    await tx.execute(transition(State.PENDING, chosen, hold=Hold.PROBE, held_until=None, due_at=now))
                    return True
        return False
