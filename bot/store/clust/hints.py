"""The queue of webhook hints: applications that something may have happened to, until they are read.

Web processes add to it. The process that polls an account reads what waits, between two polls.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.webhook_ids import WebhookIds
from bot.store.clust.connections import check_fence
from bot.store.engine.database import Database, Transaction
from bot.store.engine.grouping import Grouped
from bot.store.engine.scanning import chunks
from bot.store.engine.tables import applications, connections, hints
from bot.store.engine.wakeups import adding_work

MAX_WAITING = 200
"""Known applications of one account that wait to be read. The poll finds what is beyond it."""

MAX_UNKNOWN_WAITING = 100
"""The same for unknown ones, so that they take no room of the known."""


@dataclass(frozen=True, slots=True)
class Hint:
    """An application that waits to be read. `hinted_at` is when the last webhook named it."""

    application_id: str
    hinted_at: datetime
    is_known: bool


@dataclass(frozen=True, slots=True)
class _Webhook:
    """One webhook's ids, for an account."""

    connection_id: int
    ids: WebhookIds
    received_at: datetime


class Hints:
    """Queues hints, and returns them."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._grouped = Grouped(self._queue, apart=lambda webhook: webhook.connection_id)

    async def queue(self, connection_id: int, ids: WebhookIds, now: datetime) -> None:
        """Record that a webhook came, and queue the ids it names.

        An unknown id that gave a 404 is left out while it rests. Webhooks at the same moment share a transaction.
        """
        await self._grouped(_Webhook(connection_id, ids, now))

    async def waiting(self, connection_id: int, most: int) -> list[Hint]:
        """Return what waits to be read: known applications first, then the longest waiting."""
        of_account = sa.and_(hints.c.connection_id == connection_id, hints.c.missing_until.is_(None))
        columns = (hints.c.application_id, hints.c.hinted_at, hints.c.is_known)
        order = (hints.c.is_known.desc(), hints.c.hinted_at, hints.c.application_id)
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(*columns).where(of_account).order_by(*order).limit(most))
            return [Hint(*row) for row in rows]

    async def done(
        self,
        connection_id: int,
        fence: int,
        read: Sequence[Hint],
        missing: Collection[str],
        now: datetime,
        *,
        missing_until: datetime,
        next_at: datetime,
    ) -> None:
        """Remove hints that were read. What a webhook named once more in the meantime stays.

        The unknown ones of `missing` gave a 404 and rest until a moment. If hints are left, they are read at `next_at`.
        Raises LeaseLost.
        """
        async with self._db.write() as tx:
            await check_fence(tx, connection_id, fence)
            for one in read:
                same = (hints.c.connection_id == connection_id, hints.c.application_id == one.application_id)
                if one.application_id in missing and not one.is_known:
                    await tx.execute(hints.update().where(*same).values(missing_until=missing_until))
                else:
                    await tx.execute(hints.delete().where(*same, hints.c.hinted_at == one.hinted_at))
            await tx.execute(hints.delete().where(hints.c.connection_id == connection_id, hints.c.missing_until <= now))
            await _set_next(tx, connection_id, next_at)

    async def settle(self, connection_id: int, fence: int, before: datetime) -> None:
        """Remove hints from before the start of a poll that succeeded: it has seen them. Raises LeaseLost."""
        async with self._db.write() as tx:
            await check_fence(tx, connection_id, fence)
            seen = (hints.c.connection_id == connection_id, hints.c.hinted_at < before, hints.c.missing_until.is_(None))
            await tx.execute(hints.delete().where(*seen))
            await _set_next(tx, connection_id, before)

    async def _queue(self, webhooks: Sequence[_Webhook]) -> Sequence[None]:
        async with self._db.write() as tx:
            for webhook in sorted(webhooks, key=lambda one: one.connection_id):
                await self._queue_one(tx, webhook)
        return [None] * len(webhooks)

    async def _queue_one(self, tx: Transaction, webhook: _Webhook) -> None:
        connection_id, now = webhook.connection_id, webhook.received_at
        account = connections.update().where(connections.c.id == connection_id)
        # It locks the account: `done` either sees what is queued here, or ends before `hints_due_at` is set below.
        await tx.execute(account.values(webhook_at=now))
        rows = await _rows(tx, webhook)
        if rows:
            update = ("hinted_at", "is_known", "missing_until")
            await tx.execute(self._db.upsert(hints, update=update), rows)
            await tx.execute(adding_work(account.where(connections.c.hints_due_at.is_(None)).values(hints_due_at=now)))


async def _rows(tx: AsyncConnection, webhook: _Webhook) -> list[dict[str, object]]:
    """Return the rows to queue: those that wait already, and others until the limit is reached."""
    connection_id, ids, now = webhook.connection_id, webhook.ids, webhook.received_at
    candidates = [*ids.ids, *ids.linked]
    known_ids = set[str]()
    for some in chunks(candidates):
        stored = sa.and_(applications.c.connection_id == connection_id, applications.c.id.in_(some))
        known_ids |= set((await tx.execute(sa.select(applications.c.id).where(stored))).scalars())
    accepted = [one for one in candidates if one in known_ids or one in ids.ids]
    if not accepted:
        return []
    columns = (hints.c.application_id, hints.c.is_known, hints.c.missing_until)
    queued = (await tx.execute(sa.select(*columns).where(hints.c.connection_id == connection_id))).all()
    resting = {row.application_id for row in queued if row.missing_until is not None and row.missing_until > now}
    waiting = {row.application_id: row.is_known for row in queued if row.missing_until is None}
    room = {True: MAX_WAITING, False: MAX_UNKNOWN_WAITING}
    for is_known in waiting.values():
        room[is_known] -= 1
    rows = list[dict[str, object]]()
    for one in accepted:
        is_known = one in known_ids
        if one in resting and not is_known:
            continue
        if one not in waiting:
            if room[is_known] <= 0:
                continue
            room[is_known] -= 1
        rows.append(
            {
                "connection_id": connection_id,
                "application_id": one,
                "is_known": is_known,
                "hinted_at": now,
                "missing_until": None,
            }
        )
    return rows


async def _set_next(tx: Transaction, connection_id: int, at: datetime) -> None:
    """Set when an account's hints are read next. They are never read if none are left."""
    left = sa.exists().where(hints.c.connection_id == connection_id, hints.c.missing_until.is_(None))
    next_at = sa.case((left, sa.literal(at, type_=connections.c.hints_due_at.type)), else_=sa.null())
    await tx.execute(connections.update().where(connections.c.id == connection_id).values(hints_due_at=next_at))
