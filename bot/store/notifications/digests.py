"""Digests: many deliveries of one channel become one message, or several parts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.messages import MAX_DIGEST_PARTS, MAX_PART_LINES
from bot.core.notifications.states import DeliveryKind, Hold, State
from bot.store.engine.database import LockedTransaction, Transaction
from bot.store.engine.row_lookups import exists_by_index
from bot.store.engine.scanning import chunks
from bot.store.engine.tables import deliveries
from bot.store.engine.wakeups import adding_work
from bot.store.notifications.transitions import transition


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is posted: a channel, and the connection that it is about."""

    team_id: str
    channel_id: str
    connection_id: int


async def gather(tx: LockedTransaction, place: Place, members: Sequence[int], cause: Hold, now: datetime) -> int:
    """Put a digest of the deliveries `members` (ids, in order) into the outbox. Returns its id.

    `cause` is the hold that is over, which the digest names. The first parts list what is most urgent.
    """
    members = await _by_urgency(tx, members)
    main = await insert_posting(tx, place, DeliveryKind.DIGEST, now, trigger=cause)
    for start in range(0, len(members), MAX_PART_LINES):
        part = min(start // MAX_PART_LINES, MAX_DIGEST_PARTS - 1)
        if part and start == part * MAX_PART_LINES:
            await insert_posting(tx, place, DeliveryKind.DIGEST, now, trigger=cause, summary_id=main, part=part)
        chunk = deliveries.c.id.in_(members[start : start + MAX_PART_LINES])
        values = {"hold": None, "held_until": None, "summary_id": main, "part": part}
        await tx.execute(transition(State.GATHERED, chunk, **values))
    return main


async def _by_urgency(tx: LockedTransaction, members: Sequence[int]) -> list[int]:
    """Return deliveries by the urgency of their events, in their own order where that is the same."""
    urgency: dict[int, int] = {}
    for some in chunks(members):
        rows = await tx.execute(sa.select(deliveries.c.id, deliveries.c.trigger).where(deliveries.c.id.in_(some)))
        urgency.update({row.id: TRIGGERS[row.trigger].urgency for row in rows if row.trigger in TRIGGERS})
    return sorted(members, key=lambda member: urgency.get(member, len(TRIGGERS)))


async def let_come_first(tx: LockedTransaction, team_id: str, now: datetime) -> None:
    """Hold pending deliveries that would be posted before an older digest of the same application (rule E2).

    They are released at a later tick. An event like that is newer than everything the digest lists of its application,
    and older than the digest.
    """
    gathered = deliveries.alias()
    with_it = sa.select(gathered.c.id).where(
        *(
            gathered.c[name] == deliveries.c[name]
            for name in ("team_id", "channel_id", "connection_id", "application_id")
        ),
        gathered.c.state == State.GATHERED,
        gathered.c.summary_id > deliveries.c.id,
    )
    is_in_it = exists_by_index(with_it.where(gathered.c.id < deliveries.c.id))
    overtakes = is_in_it & ~exists_by_index(with_it.where(gathered.c.id > deliveries.c.id))
    waiting = sa.and_(
        deliveries.c.team_id == team_id,
        deliveries.c.state == State.PENDING,
        deliveries.c.kind == DeliveryKind.EVENT,
    )
    held = {"hold": Hold.LIMIT, "held_until": None, "due_at": now}
    await tx.execute(transition(State.HELD, waiting, overtakes, **held))


async def insert_posting(
    tx: AsyncConnection, place: Place, kind: DeliveryKind, now: datetime, hold: Hold | None = None, /, **values: Any
) -> int:
    """Put a message that isn't about a single event into the outbox. Returns its id. `hold`: it waits for that."""
    row = {
        "token": uuid.uuid4().hex,
        "kind": kind,
        "team_id": place.team_id,
        "channel_id": place.channel_id,
        "connection_id": place.connection_id,
        "application_id": "",
        "trigger": "",
        "subscription_ids": [],
        "state": State.HELD if hold else State.PENDING,
        "hold": hold,
        "attempts": 0,
        "created_at": now,
        "due_at": now,
        "fence": 0,
    } | values
    inserted = adding_work(deliveries.insert().values(**row).returning(deliveries.c.id))
    return int((await tx.execute(inserted)).scalar_one())


async def finish_digest(tx: Transaction, main: int, part: int, to: State, values: dict[str, Any]) -> None:
    """Give every event listed in one part of a digest the part's own final state `to`, and its `values`."""
    listed = sa.and_(
        deliveries.c.summary_id == main,
        deliveries.c.part == part,
        deliveries.c.kind == DeliveryKind.EVENT,
        deliveries.c.state == State.GATHERED,
    )
    await tx.execute(transition(to, listed, **values))
