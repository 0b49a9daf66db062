"""First contact with an account: what its notifications would have posted, and the end of the hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.applications.model import Application
from bot.core.applications.understanding import ContactState
from bot.core.notifications.reasons import MARKED_AS_SEEN
from bot.core.notifications.states import DeliveryKind, Hold, State
from bot.core.stored_reasons import StoredReason
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import connections, deliveries, events
from bot.store.engine.wakeups import adding_work
from bot.store.notifications.transitions import transition

OPEN = (ContactState.LOOK, ContactState.HELD)
"""The states in which an admin has still to look at an account."""


@dataclass(frozen=True, slots=True)
class HeldPosts:
    """What would have been posted about an account: how much, in how many channels, and the newest of it."""

    count: int = 0
    channels: int = 0
    newest: Sequence[tuple[str, Application]] = ()
    """Trigger and application of each."""


class FirstContacts:
    """Reads and ends first contacts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def held(self, connection_id: int, limit: int) -> HeldPosts:
        """Return what waits until an admin starts posting, with the newest `limit` of it."""
        waiting = _held(connection_id)
        total = sa.select(sa.func.count(), sa.func.count(deliveries.c.channel_id.distinct())).where(waiting)
        newest = (
            sa.select(events.c.trigger, events.c.snapshot)
            .join(deliveries, deliveries.c.event_id == events.c.id)
            .where(waiting)
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        async with self._db.read() as tx:
            count, channels = (await tx.execute(total)).one()
            rows = [(row[0], Application.model_validate_json(row[1])) for row in await tx.execute(newest)]
            return HeldPosts(count, channels, rows)

    async def end(self, team_id: str, connection_id: int, by: str, now: datetime, *, posts: bool) -> int | None:
        """End a first contact. What was held is posted with the next tick, or with `posts` off never.

        Returns how much was held, None if someone else has ended it already.
        """
        by_id = sa.and_(connections.c.team_id == team_id, connections.c.id == connection_id)
        is_open = connections.c.first_contact.in_(OPEN)
        async with self._db.write(lock=team_id) as tx:
            ended = connections.update().where(by_id, is_open).values(first_contact=None)
            if not (await tx.execute(ended)).rowcount:
                return None
            if posts:
                return await _release(tx, connection_id, now)
            reason = str(StoredReason(MARKED_AS_SEEN, by))
            skipped = transition(State.SKIPPED, _held(connection_id), hold=None, reason=reason)
            return int((await tx.execute(skipped)).rowcount)

    async def end_all(self, now: datetime) -> None:
        """End all first contacts, and post what they hold: an operator wants none of them."""
        some = sa.select(connections.c.team_id, connections.c.id).where(connections.c.first_contact.is_not(None))
        async with self._db.read() as tx:
            rows = (await tx.execute(some)).all()
        for row in rows:
            async with self._db.write(lock=row.team_id) as tx:
                ended = connections.update().where(connections.c.id == row.id).values(first_contact=None)
                await tx.execute(ended)
                await _release(tx, row.id, now)


def _held(connection_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.connection_id == connection_id,
        deliveries.c.state == State.HELD,
        deliveries.c.hold == Hold.REVIEW,
    )


async def _release(tx: LockedTransaction, connection_id: int, now: datetime) -> int:
    """Let what was held go on: events with the next tick, other messages at once. Returns their number."""
    is_event = deliveries.c.kind == DeliveryKind.EVENT
    to_tick = deliveries.update().where(_held(connection_id), is_event).values(hold=Hold.LIMIT, held_until=None)
    count = (await tx.execute(adding_work(to_tick))).rowcount
    others = transition(State.PENDING, _held(connection_id), hold=None, due_at=now)
    return int(count + (await tx.execute(others)).rowcount)
