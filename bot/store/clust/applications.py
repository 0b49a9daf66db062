"""Applications in their last known state."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.applications.lateness import FINISHED
from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import SeenEvent, Snapshot
from bot.store.clust.connections import check_fence, team_of
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.scanning import Scanning, chunks
from bot.store.engine.tables import applications, cards, connections, deliveries, drafts, events, hints, is_late
from bot.store.notifications.cards import dirty

CHANGED, QUIET, VIEWED = "news", "quiet", "shown"
"""Why an application waits for a single read, in the order of priority.

It may have changed, its state at the baseline may be incomplete, or a person viewed it. The database holds these words,
which sort in that order.
"""


def _snapshot(row: sa.RowMapping) -> Snapshot:
    return Snapshot(
        application=Application.model_validate_json(row["snapshot"]),
        status_class=StatusClass(row["status_class"]) if row["status_class"] else None,
        occurrences=row["occurrences"],
        gone=row["gone"],
        discovered=row["discovered"],
        assignee=row["taken_by"],
        changed_at=row["changed_at"],
    )


_COLUMNS = ("id", "snapshot", "status_class", "occurrences", "gone", "discovered", "taken_by", "changed_at")
_STATE = [applications.c[name] for name in _COLUMNS]


def _newest_first(connection_id: int, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .where(applications.c.connection_id == connection_id, ~applications.c.gone)
        .order_by(applications.c.updated_at.desc().nulls_last(), applications.c.id)
    )


class Applications:
    """Reads and writes applications."""

    def __init__(self, database: Database, scanning: Scanning) -> None:
        self._db, self._scanning = database, scanning

    async def fingerprints(self, connection_id: int) -> dict[str, int]:
        """Return the fingerprints of a connection's applications by id, without those that are gone."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(applications.c.id, applications.c.fingerprint).where(present))
            return {row[0]: row[1] for row in rows}

    async def snapshots(self, connection_id: int, ids: Iterable[str]) -> dict[str, Snapshot]:
        """Return the stored snapshots of `ids`, including gone ones, without unknown ones."""
        snapshots: dict[str, Snapshot] = {}
        id_list = list(ids)
        if not id_list:
            return snapshots
        async with self._db.read() as tx:
            for chunk in chunks(id_list):
                matching = sa.and_(applications.c.connection_id == connection_id, applications.c.id.in_(chunk))
                rows = (await tx.execute(sa.select(*_STATE).where(matching))).mappings()
                snapshots.update({row["id"]: _snapshot(row) for row in rows})
        return snapshots

    async def get(self, connection_id: int, application_id: str) -> Snapshot | None:
        """Return one stored snapshot, or None."""
        return (await self.snapshots(connection_id, [application_id])).get(application_id)

    async def newest_first(self, connection_id: int) -> AsyncGenerator[Snapshot, None]:
        """Yield all present snapshots, newest change first, in small pages that delay nothing else."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
        ids = _newest_first(connection_id, applications.c.id)
        async for row in self._scanning.rows(
            ids, lambda some: sa.select(*_STATE).where(present, applications.c.id.in_(some))
        ):
            yield _snapshot(row)

    async def newest(self, connection_id: int, first: int, limit: int) -> tuple[int, list[Snapshot]]:
        """Return the number of present applications, and `limit` of them from offset `first`, newest change first."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
        total = sa.select(sa.func.count()).select_from(applications).where(present)
        async with self._db.read() as tx:
            rows = (await tx.execute(_newest_first(connection_id, *_STATE).offset(first).limit(limit))).mappings()
            return (await tx.execute(total)).scalar_one(), [_snapshot(row) for row in rows]

    async def waiting_for_read(self, connection_id: int, limit: int, failing: Sequence[str] = ()) -> dict[str, str]:
        """Return the ids to read singly (rule R2), each with its reason: CHANGED, QUIET or VIEWED.

        At most `limit` ids whose last read didn't fail, changed ones first, then as many of the `failing` ones.
        """
        waiting = sa.and_(
            applications.c.connection_id == connection_id, applications.c.unread.is_not(None), ~applications.c.gone
        )
        statement = sa.select(applications.c.id, applications.c.unread).order_by(
            applications.c.unread, applications.c.id
        )
        among = applications.c.id.in_(failing)
        async with self._db.read() as tx:
            rows = [*await tx.execute(statement.where(waiting, ~among).limit(limit))]
            if failing:
                rows += await tx.execute(statement.where(waiting, among).limit(limit))
            return {row[0]: row[1] for row in rows}

    async def unread(self, connection_id: int, ids: Collection[str]) -> dict[str, str]:
        """Return the reason for which each of these applications waits for a single read, if it does."""
        waiting = sa.and_(applications.c.connection_id == connection_id, applications.c.unread.is_not(None))
        statement = sa.select(applications.c.id, applications.c.unread).where(waiting, applications.c.id.in_(ids))
        async with self._db.read() as tx:
            return {row[0]: row[1] for row in await tx.execute(statement)}

    async def read_soon(self, connection_id: int, ids: Sequence[str]) -> None:
        """Queue single reads of applications, with the lowest priority."""
        waits_not = sa.and_(applications.c.connection_id == connection_id, applications.c.unread.is_(None))
        for some in chunks(ids):
            matching = sa.and_(waits_not, applications.c.id.in_(some), ~applications.c.gone)
            async with self._db.read() as tx:
                if not (await tx.execute(sa.select(applications.c.id).where(matching).limit(1))).first():
                    continue  # a look changes nothing, as a rule: it need not wait for who writes
            async with self._db.write() as tx:
                await tx.execute(applications.update().where(matching).values(unread=VIEWED))

    async def keep_items(self, connection_id: int, single: Application) -> bool:
        """Keep the items of a single read that saw the stored state. True if they were new.

        Anything else in it is left to the next poll, which finds its events by it.
        """
        one = sa.and_(applications.c.connection_id == connection_id, applications.c.id == single.id)
        async with self._db.write() as tx:
            stored = (await tx.execute(sa.select(applications.c.snapshot).where(one).with_for_update())).scalar()
            before = Application.model_validate_json(stored) if stored else None
            after = before and before.with_items(single)
            if after is None or after == before:
                return False
            await tx.execute(applications.update().where(one).values(snapshot=after.model_dump_json(exclude_none=True)))
            return True

    async def absences(self, connection_id: int) -> dict[str, int]:
        """Return the applications missing from the latest complete sweeps in a row, with the number of those sweeps."""
        missed = sa.and_(applications.c.connection_id == connection_id, applications.c.absent > 0, ~applications.c.gone)
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(applications.c.id, applications.c.absent).where(missed))
            return {row[0]: row[1] for row in rows}

    async def history(self, connection_id: int, application_id: str) -> list[SeenEvent]:
        """Return the events of one application, oldest first."""
        matching = sa.and_(events.c.connection_id == connection_id, events.c.application_id == application_id)
        statement = sa.select(events.c.trigger, events.c.seen_at).where(matching).order_by(events.c.id)
        async with self._db.read() as tx:
            return [SeenEvent(row[0], row[1]) for row in await tx.execute(statement)]

    async def late(self, connection_id: int) -> int:
        """Return the number of present applications that are late."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone, is_late())
        async with self._db.read() as tx:
            return int((await tx.execute(sa.select(sa.func.count()).where(present))).scalar_one())

    async def unknown_lateness(self, connection_id: int) -> int:
        """Return the number of present, unfinished applications whose lateness Clust never sent."""
        finished = applications.c.status_class.in_(sorted(FINISHED))
        unknown = sa.and_(
            applications.c.connection_id == connection_id,
            ~applications.c.gone,
            sa.or_(applications.c.status_class.is_(None), ~finished),
            ~applications.c.snapshot.contains('"is_late":', autoescape=True),
        )
        async with self._db.read() as tx:
            return int((await tx.execute(sa.select(sa.func.count()).where(unknown))).scalar_one())

    async def late_longest(self, connection_id: int, limit: int) -> list[tuple[Snapshot, datetime | None]]:
        """Return the late ones, longest first, each with when that was seen (None: before the baseline)."""
        became = (
            sa.select(events.c.application_id, sa.func.max(events.c.seen_at).label("seen_at"))
            .where(events.c.connection_id == connection_id, events.c.trigger == "late")
            .group_by(events.c.application_id)
            .subquery()
        )
        late = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone, is_late())
        statement = (
            sa.select(*_STATE, became.c.seen_at)
            .outerjoin(became, became.c.application_id == applications.c.id)
            .where(late)
            .order_by(became.c.seen_at.asc().nulls_first(), applications.c.updated_at, applications.c.id)
            .limit(limit)
        )
        async with self._db.read() as tx:
            return [(_snapshot(row), row["seen_at"]) for row in (await tx.execute(statement)).mappings()]

    async def assigned_to(self, connection_id: int, user_id: str, limit: int) -> tuple[int, list[Snapshot]]:
        """Return the number of present applications assigned to a person, and `limit` of them, newest change first."""
        theirs = applications.c.taken_by == user_id
        statement = _newest_first(connection_id, *_STATE).where(theirs).limit(limit)
        total = _newest_first(connection_id, sa.func.count()).order_by(None).where(theirs)
        async with self._db.read() as tx:
            rows = (await tx.execute(statement)).mappings()
            return (await tx.execute(total)).scalar_one(), [_snapshot(row) for row in rows]

    async def in_class(self, connection_id: int, status_class: StatusClass, limit: int) -> tuple[int, list[Snapshot]]:
        """Return the number of present applications in a class, and `limit` of them, those that wait longest first."""
        of_class = applications.c.status_class == status_class
        newest = _newest_first(connection_id, *_STATE).where(of_class).order_by(None)
        statement = newest.order_by(applications.c.updated_at, applications.c.id).limit(limit)
        total = _newest_first(connection_id, sa.func.count()).order_by(None).where(of_class)
        async with self._db.read() as tx:
            rows = (await tx.execute(statement)).mappings()
            return (await tx.execute(total)).scalar_one(), [_snapshot(row) for row in rows]

    async def counts(self, connection_id: int) -> tuple[dict[StatusClass | None, int], dict[str, int]]:
        """Return the number of applications in each class, and with each status code that no rule matches."""
        present = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
        by_class = sa.select(applications.c.status_class, sa.func.count()).where(present)
        by_code = sa.select(applications.c.unknown_status, sa.func.count()).where(
            present, applications.c.unknown_status.is_not(None)
        )
        async with self._db.read() as tx:
            classes = await tx.execute(by_class.group_by(applications.c.status_class))
            codes = await tx.execute(by_code.group_by(applications.c.unknown_status))
            return {StatusClass(row[0]) if row[0] else None: row[1] for row in classes}, {r[0]: r[1] for r in codes}

    async def reclassify(
        self, connection_id: int, fence: int, changed: Iterable[tuple[Snapshot, str | None]], rules: str
    ) -> None:
        """Store the classes that changed status rules give, without events, in one transaction (rule B3).

        `changed` has each snapshot with its status code, if no rule matches that. Raises LeaseLost, with nothing saved,
        if another process polls this connection or something of it was erased.
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
            await check_fence(tx, connection_id, fence, {"status_rules": rules})
            if rows:
                await tx.execute(statement, rows)

    async def erase(self, connection_id: int, application_id: str) -> bool:
        """Erase what is stored about an application. Returns False if nothing was.

        Its id, class, lateness and counters are kept, which say nothing about a person: if Clust still has it, the next
        poll reads it as if for the first time, and nothing is announced again (rules B5, E1). A running poll can't save
        anything, because its fence is old (rule T3): it may have read the application already, even one that isn't
        stored.
        """
        raised = connections.update().where(connections.c.id == connection_id).values(fence=connections.c.fence + 1)
        async with self._db.write() as tx:
            # Alone: a large poll that is being saved is waited for without the workspace's lock, and none can follow.
            await tx.execute(raised)
        async with self._db.write() as tx:
            locked = await self._db.lock(tx, await team_of(tx, connection_id))
            # Again, for polls that began in between, and first of all: whatever saves applications under a fence locks
            # the account before them, too.
            await tx.execute(raised)
            return await _erase(locked, connection_id, application_id)

    async def with_gone(self, before: datetime) -> list[int]:
        """Return the connections with applications that were found gone in Clust before a moment (see `erase_gone`)."""
        old = sa.select(applications.c.connection_id).where(applications.c.gone, applications.c.gone_at < before)
        async with self._db.read() as tx:
            return sorted((await tx.execute(old.distinct())).scalars())

    async def erase_gone(self, connection_id: int, before: datetime) -> int:
        """Erase what is stored about applications that are gone since before that moment. Returns their number."""
        old = sa.and_(
            applications.c.connection_id == connection_id, applications.c.gone, applications.c.gone_at < before
        )
        async with self._db.write() as tx:
            locked = await self._db.lock(tx, await team_of(tx, connection_id))
            ids = (await tx.execute(sa.select(applications.c.id).where(old))).scalars().all()
            for application_id in ids:
                await _erase(locked, connection_id, application_id)
            return len(ids)

    async def assign(self, connection_id: int, application_id: str, user_id: str | None, now: datetime) -> str | None:
        """Set or clear (None) the assignee, and mark its cards to be updated. Returns the previous assignee.

        Raises KeyError if the application is unknown.
        """
        one = sa.and_(applications.c.connection_id == connection_id, applications.c.id == application_id)
        async with self._db.write() as tx:
            row = (await tx.execute(sa.select(applications.c.taken_by).where(one).with_for_update())).first()
            if row is None:
                raise KeyError(application_id)
            values = {"taken_by": user_id, "taken_at": now if user_id else None, "had_by": None}
            await tx.execute(applications.update().where(one).values(**values))
            await dirty(tx, connection_id, [application_id], now)
            before: str | None = row[0]
            return before


async def _erase(tx: LockedTransaction, connection_id: int, application_id: str) -> bool:
    for table in (deliveries, cards, events, hints):
        of_it = sa.and_(table.c.connection_id == connection_id, table.c.application_id == application_id)
        await tx.execute(table.delete().where(of_it))
    about_it = sa.or_(drafts.c.target == application_id, drafts.c.result == application_id)
    await tx.execute(drafts.delete().where(drafts.c.connection_id == connection_id, about_it))
    one = sa.and_(applications.c.connection_id == connection_id, applications.c.id == application_id)
    late = (await tx.execute(sa.select(applications.c.late).where(one))).scalar_one_or_none()
    if late is None:
        return False
    left = Application(id=application_id, is_late=late).model_dump_json(exclude_none=True)
    nothing = {
        "fingerprint": 0,
        "unknown_status": None,
        "updated_at": None,
        "gone_at": None,
        "unread": None,
        "taken_by": None,
        "had_by": None,
        "list_link": None,
        "client_link": None,
    }
    await tx.execute(applications.update().where(one).values(snapshot=left, **nothing))
    return True
