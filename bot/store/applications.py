"""Applications as they were last seen, and the one transaction in which a poll's findings are kept."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Application, StatusClass
from bot.core.routing import Route, route
from bot.core.triggers import Event, Snapshot
from bot.store.connections import check_fence
from bot.store.database import Database
from bot.store.deliveries import release_limited
from bot.store.subscriptions import routable
from bot.store.tables import applications, connections, deliveries, events, polls

CHUNK = 500
"""Ids in one IN clause: far below the limit of variables of any SQLite."""

NEWS, QUIET = "news", "quiet"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a poll keeps of one application: the state, its row's fingerprint, and whether to read it singly."""

    snapshot: Snapshot
    fingerprint: int
    unread: str | None = None
    unknown_status: str | None = None


@dataclass(frozen=True, slots=True)
class PollRow:
    """One cycle, for the table `polls`."""

    started_at: datetime
    ended_at: datetime
    pages: int
    seen: int
    changed: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """Everything that one complete sweep leads to; kept as a whole or not at all."""

    poll: PollRow
    seen: Sequence[Seen]
    absent: Sequence[str]
    returned: Sequence[str]
    gone: Sequence[str]
    events: Sequence[Event]
    name: str
    """The connection's name, for filters."""
    connection: Mapping[str, Any]
    """Columns of the connection to set: baseline, freshness, suspension."""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event of an application's history."""

    trigger: str
    seen_at: datetime


def _snapshot(row: sa.RowMapping) -> Snapshot:
    return Snapshot(
        application=Application.model_validate_json(row["snapshot"]),
        status_class=StatusClass(row["status_class"]) if row["status_class"] else None,
        occurrences=row["occurrences"],
        gone=row["gone"],
        discovered=row["discovered"],
    )


def _json(application: Application) -> str:
    return application.model_dump_json(exclude_none=True)


_STATE = [applications.c[name] for name in ("id", "snapshot", "status_class", "occurrences", "gone", "discovered")]


class Applications:
    """Questions about applications, and the keeping of a cycle."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def fingerprints(self, connection_id: int) -> dict[str, int]:
        """Return the fingerprint of each application of a connection that is not gone, by id."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(applications.c.id, applications.c.fingerprint).where(present))
            return {row[0]: row[1] for row in rows}

    async def snapshots(self, connection_id: int, ids: Iterable[str]) -> dict[str, Snapshot]:
        """Return the stored snapshots of those `ids` that are known, gone ones too."""
        found: dict[str, Snapshot] = {}
        async with self._db.read() as tx:
            for chunk in _chunks(list(ids)):
                these = sa.and_(applications.c.connection_id == connection_id, applications.c.id.in_(chunk))
                rows = (await tx.execute(sa.select(*_STATE).where(these))).mappings()
                found.update({row["id"]: _snapshot(row) for row in rows})
        return found

    async def get(self, connection_id: int, application_id: str) -> Snapshot | None:
        """Return one stored snapshot, or None."""
        return (await self.snapshots(connection_id, [application_id])).get(application_id)

    async def newest_first(self, connection_id: int) -> AsyncIterator[Snapshot]:
        """Give every present snapshot, newest change first; read in chunks, so that memory stays flat."""
        statement = (
            sa.select(*_STATE)
            .where(applications.c.connection_id == connection_id, ~applications.c.gone)
            .order_by(applications.c.updated_at.desc().nulls_last(), applications.c.id)
        )
        async with self._db.read() as tx, tx.stream(statement.execution_options(yield_per=CHUNK)) as rows:
            async for row in rows.mappings():
                yield _snapshot(row)

    async def waiting_for_read(self, connection_id: int, limit: int) -> dict[str, str]:
        """Return ids to read singly (rule R2), those that may be news first, and as what they wait: news or quiet."""
        waiting = sa.and_(
            applications.c.connection_id == connection_id, applications.c.unread.is_not(None), ~applications.c.gone
        )
        statement = sa.select(applications.c.id, applications.c.unread).where(waiting)
        async with self._db.read() as tx:
            rows = await tx.execute(statement.order_by(applications.c.unread, applications.c.id).limit(limit))
            return {row[0]: row[1] for row in rows}

    async def absences(self, connection_id: int) -> dict[str, int]:
        """Return the applications that the last complete sweeps in a row did not hold, and how many sweeps."""
        missed = sa.and_(applications.c.connection_id == connection_id, applications.c.absent > 0, ~applications.c.gone)
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(applications.c.id, applications.c.absent).where(missed))
            return {row[0]: row[1] for row in rows}

    async def history(self, connection_id: int, application_id: str) -> list[SeenEvent]:
        """Return the events of one application, oldest first."""
        these = sa.and_(events.c.connection_id == connection_id, events.c.application_id == application_id)
        statement = sa.select(events.c.trigger, events.c.seen_at).where(these).order_by(events.c.id)
        async with self._db.read() as tx:
            return [SeenEvent(row[0], row[1]) for row in await tx.execute(statement)]

    async def late(self, connection_id: int) -> int:
        """Return how many present applications are late."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone, applications.c.late)
        async with self._db.read() as tx:
            return int((await tx.execute(sa.select(sa.func.count()).where(present))).scalar_one())

    async def counts(self, connection_id: int) -> tuple[dict[StatusClass | None, int], dict[str, int]]:
        """Return how many applications each class holds, and how many each status code that no rule knows."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
        by_class = sa.select(applications.c.status_class, sa.func.count()).where(present)
        by_code = sa.select(applications.c.unknown_status, sa.func.count()).where(
            present, applications.c.unknown_status.is_not(None)
        )
        async with self._db.read() as tx:
            classes = await tx.execute(by_class.group_by(applications.c.status_class))
            codes = await tx.execute(by_code.group_by(applications.c.unknown_status))
            return {StatusClass(row[0]) if row[0] else None: row[1] for row in classes}, {r[0]: r[1] for r in codes}

    async def reclassify(self, connection_id: int, changed: Iterable[tuple[Snapshot, str | None]], rules: str) -> None:
        """Keep the classes that new status rules give, without events, in one transaction (rule B3).

        `changed` holds each snapshot with its status code, where no rule knows that.
        """
        rows = [
            {
                "of": connection_id,
                "key": snapshot.application.id,
                "class": snapshot.status_class,
                "code": unknown_status,
            }
            for snapshot, unknown_status in changed
        ]
        statement = (
            applications.update()
            .where(applications.c.connection_id == sa.bindparam("of"), applications.c.id == sa.bindparam("key"))
            .values(status_class=sa.bindparam("class"), unknown_status=sa.bindparam("code"))
        )
        async with self._db.write() as tx:
            if rows:
                await tx.execute(statement, rows)
            await tx.execute(connections.update().where(connections.c.id == connection_id).values(status_rules=rules))

    async def keep(self, connection_id: int, fence: int, cycle: Cycle) -> int:
        """Keep a cycle: snapshots, events and deliveries in one transaction.

        Subscriptions are read in it, so that one counts from its answer on (rule S1). Returns how many deliveries
        it made. Raises LeaseLost, and keeps nothing, where another process polls this connection now.
        """
        async with self._db.write() as tx:
            await check_fence(tx, connection_id, fence)
            poll_id = await _insert_poll(tx, connection_id, cycle.poll)
            await self._keep_seen(tx, connection_id, cycle.seen)
            await _set(tx, connection_id, cycle.returned, absent=0)
            await _set(tx, connection_id, cycle.absent, absent=applications.c.absent + 1)
            await _set(tx, connection_id, cycle.gone, gone=True, unread=None)
            routes = route(
                cycle.events,
                await routable(tx, connection_id) if cycle.events else (),
                connection=cycle.name,
                now=cycle.poll.ended_at,
            )
            if cycle.events:
                event_ids = await _insert_events(tx, connection_id, poll_id, cycle)
                await _insert_deliveries(tx, connection_id, event_ids, routes, cycle.poll.ended_at)
            await tx.execute(connections.update().where(connections.c.id == connection_id).values(**cycle.connection))
            return len(routes)

    async def keep_poll(self, connection_id: int, fence: int, poll: PollRow, **connection: object) -> None:
        """Keep a cycle that found nothing to keep: it failed, or detection is suspended. Raises LeaseLost."""
        async with self._db.write() as tx:
            await check_fence(tx, connection_id, fence)
            await _insert_poll(tx, connection_id, poll)
            await tx.execute(connections.update().where(connections.c.id == connection_id).values(**connection))

    async def tick(self, connection_id: int, fence: int, limit: int, now: datetime) -> None:
        """Release what the limits held until this tick of the poll clock (rule S3). Raises LeaseLost."""
        async with self._db.write() as tx:
            await check_fence(tx, connection_id, fence)
            await release_limited(tx, connection_id, limit, now)

    async def _keep_seen(self, tx: AsyncConnection, connection_id: int, seen: Sequence[Seen]) -> None:
        rows = [
            {
                "connection_id": connection_id,
                "id": one.snapshot.application.id,
                "fingerprint": one.fingerprint,
                "snapshot": _json(one.snapshot.application),
                "status_class": one.snapshot.status_class,
                "unknown_status": one.unknown_status,
                "late": one.snapshot.is_late,
                "occurrences": dict(one.snapshot.occurrences),
                "updated_at": one.snapshot.application.updated_at,
                "absent": 0,
                "gone": False,
                "discovered": one.snapshot.discovered,
                "unread": one.unread,
            }
            for one in seen
        ]
        if rows:
            columns = tuple(name for name in rows[0] if name not in {"connection_id", "id"})
            await tx.execute(self._db.upsert(applications, update=columns), rows)


async def _set(tx: AsyncConnection, connection_id: int, ids: Sequence[str], **values: Any) -> None:
    """Set columns of the applications `ids`."""
    for chunk in _chunks(ids):
        these = sa.and_(applications.c.connection_id == connection_id, applications.c.id.in_(chunk))
        await tx.execute(applications.update().where(these).values(**values))


async def _insert_poll(tx: AsyncConnection, connection_id: int, poll: PollRow) -> int:
    values = {name: getattr(poll, name) for name in PollRow.__slots__}
    statement = polls.insert().values(connection_id=connection_id, **values).returning(polls.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def _insert_events(
    tx: AsyncConnection, connection_id: int, poll_id: int, cycle: Cycle
) -> dict[tuple[str, str, int], int]:
    """Insert the events in their order; return the row id of each by application, trigger and occurrence."""
    rows = [
        {
            "connection_id": connection_id,
            "application_id": event.application.id,
            "trigger": event.trigger,
            "occurrence": event.occurrence,
            "seen_at": cycle.poll.ended_at,
            "poll_id": poll_id,
            "snapshot": _json(event.application),
            "status_class": event.status_class,
        }
        for event in cycle.events
    ]
    returning = [events.c.id, events.c.application_id, events.c.trigger, events.c.occurrence]
    inserted = await tx.execute(events.insert().returning(*returning), rows)
    return {(row.application_id, row.trigger, row.occurrence): row.id for row in inserted}


async def _insert_deliveries(
    tx: AsyncConnection,
    connection_id: int,
    event_ids: Mapping[tuple[str, str, int], int],
    routes: Sequence[Route],
    now: datetime,
) -> None:
    """Insert a delivery for each route, in their order; each waits for a tick (rule S3)."""
    team = sa.select(connections.c.team_id).where(connections.c.id == connection_id)
    team_id = (await tx.execute(team)).scalar_one()
    rows = [
        {
            "token": uuid.uuid4().hex,
            "event_id": event_ids[(one.event.application.id, one.event.trigger, one.event.occurrence)],
            "team_id": team_id,
            "channel_id": one.channel_id,
            "connection_id": connection_id,
            "application_id": one.event.application.id,
            "trigger": one.event.trigger,
            "subscription_ids": list(one.subscription_ids),
            "slot_id": one.subscription_ids[0],
            "state": "held",
            "hold": "channel" if one.held else "limit",
            "attempts": 0,
            "created_at": now,
            "due_at": now,
            "fence": 0,
        }
        for one in routes
    ]
    if rows:
        await tx.execute(deliveries.insert(), rows)


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
