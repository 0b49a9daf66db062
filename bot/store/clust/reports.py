"""Read what a report is made of, and compute its figures, without delaying anything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

import sqlalchemy as sa

from bot.core.applications.model import Application
from bot.core.filters.language import Facts, Filter
from bot.core.filters.unknown_values import Unjudged
from bot.core.reports.figures import (
    MAX_OVERDUE,
    DayTally,
    DayTotal,
    EventFact,
    Figures,
    Overdue,
    Tally,
    class_word,
    last_weeks,
)
from bot.store.clust.applications import Applications
from bot.store.clust.connections import Connection
from bot.store.engine.database import Database
from bot.store.engine.scanning import Scanning
from bot.store.engine.tables import connections, day_totals, events


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What a report is about: the applications that `filter` matches now, in the last `weeks` of `zone`.

    `user_id` is who the filter's `mine` means. Events are kept for `retention`.
    """

    filter: Filter
    weeks: int
    zone: tzinfo
    retention: timedelta
    user_id: str = ""


@dataclass(slots=True)
class _Selection:
    """The applications that a filter matches. `ids` None: all of them, those that are gone included."""

    classes: Mapping[str, int]
    late: set[str] | int
    ids: Collection[str] | None = None
    left_out: int = 0


class Reports:
    """Computes reports."""

    def __init__(self, database: Database, scanning: Scanning, applications: Applications) -> None:
        self._db, self._scanning, self._applications = database, scanning, applications

    async def figures(self, connection: Connection, query: ReportQuery, now: datetime) -> Figures:
        """Return the figures of a report."""
        selected = await (self._matching(connection, query, now) if query.filter.terms else self._all(connection))
        weeks, kept_from = last_weeks(now, query.zone, query.weeks), now - query.retention
        # Totals have no ids, so no filter can choose among them.
        totals = [] if selected.ids is not None else await self._totals(connection.id)
        tally = Tally(weeks, query.zone, kept_from.astimezone(UTC).date() + timedelta(days=1))
        for total in totals:
            tally.add_total(total)
            kept_from = min(kept_from, datetime.combine(total.day, time(), UTC))
        late_since: dict[str, datetime] = {}
        async for fact in self._facts(connection.id):
            if selected.ids is None or fact.application_id in selected.ids:
                tally.add(fact)
                if fact.trigger == "late":
                    late_since[fact.application_id] = fact.seen_at
        since = max(connection.baseline_at, kept_from) if connection.baseline_at else None
        return Figures(
            classes=selected.classes,
            late=selected.late if isinstance(selected.late, int) else len(selected.late),
            weeks=tally.weeks(since or now),
            steps=tally.steps(),
            overdue=await self._overdue(connection, selected, late_since),
            since=since,
            left_out=selected.left_out,
        )

    async def overdue(self, connection_id: int, figures: Figures) -> list[tuple[Application, datetime | None]]:
        """Return the applications that figures name as overdue, as they are stored now, each with since when."""
        stored = await self._applications.snapshots(connection_id, [each.id for each in figures.overdue])
        return [(stored[each.id].application, each.since) for each in figures.overdue if each.id in stored]

    async def _all(self, connection: Connection) -> _Selection:
        classes, _codes = await self._applications.counts(connection.id)
        counted = {class_word(each): number for each, number in classes.items()}
        return _Selection(counted, await self._applications.late(connection.id))

    async def _matching(self, connection: Connection, query: ReportQuery, now: datetime) -> _Selection:
        classes, late, ids, unjudged = Counter[str](), set[str](), set[str](), Unjudged(query.filter)
        async for snapshot in self._applications.newest_first(connection.id):
            application = snapshot.application
            facts = Facts(application, snapshot.status_class, connection.name, snapshot.assignee, query.user_id)
            if unjudged.matches(facts, now, query.zone):
                ids.add(application.id)
                classes[class_word(snapshot.status_class)] += 1
                if snapshot.is_late:
                    late.add(application.id)
        return _Selection(classes, late, ids, unjudged.gap().count)

    async def _overdue(
        self, connection: Connection, selected: _Selection, late_since: Mapping[str, datetime]
    ) -> tuple[Overdue, ...]:
        """Return those that are late for longest, and first those that were late before the baseline."""
        if isinstance(selected.late, int):
            longest = await self._applications.late_longest(connection.id, MAX_OVERDUE)
            return tuple(Overdue(id=each.application.id, since=since) for each, since in longest)
        long_ago = sorted(selected.late - late_since.keys())
        since_then = sorted(selected.late & late_since.keys(), key=lambda each: (late_since[each], each))
        named = [*long_ago, *since_then][:MAX_OVERDUE]
        return tuple(Overdue(id=each, since=late_since.get(each)) for each in named)

    async def without_totals(self, now: datetime, most: int) -> list[int]:
        """Return up to `most` accounts whose last complete days in UTC have no totals yet."""
        yesterday = now.astimezone(UTC).date() - timedelta(days=1)
        until = connections.c.totals_until
        lacks = sa.and_(connections.c.ended_at.is_(None), connections.c.baseline_at.is_not(None))
        lacking = sa.select(connections.c.id).where(lacks, sa.or_(until.is_(None), until < yesterday))
        async with self._db.read() as tx:
            return [*(await tx.execute(lacking.order_by(connections.c.id).limit(most))).scalars()]

    async def keep_totals(self, connection_id: int, now: datetime) -> None:
        """Keep the totals of an account's days up to yesterday in UTC. Every process computes the same totals."""
        yesterday = now.astimezone(UTC).date() - timedelta(days=1)
        of_account = connections.c.id == connection_id
        async with self._db.read() as tx:
            until = (await tx.execute(sa.select(connections.c.totals_until).where(of_account))).scalar_one()
        tally = DayTally(until, yesterday)
        async for fact in self._facts(connection_id):
            tally.add(fact)
        rows = [
            {
                "connection_id": connection_id,
                **total._asdict(),
                "hours": {str(key): n for key, n in total.hours.items()},
            }
            for total in tally.totals()
        ]
        async with self._db.write() as tx:
            if rows:
                await tx.execute(self._db.upsert(day_totals, update=("number", "hours", "unknown")), rows)
            await tx.execute(connections.update().where(of_account).values(totals_until=yesterday))

    async def _totals(self, connection_id: int) -> list[DayTotal]:
        columns = [day_totals.c[name] for name in DayTotal._fields]
        async with self._db.read() as tx:
            rows = await tx.execute(sa.select(*columns).where(day_totals.c.connection_id == connection_id))
            return [
                DayTotal(row.day, row.trigger, row.number, {int(key): n for key, n in row.hours.items()}, row.unknown)
                for row in rows
            ]

    async def _facts(self, connection_id: int) -> AsyncIterator[EventFact]:
        """Yield all events that are kept, oldest first."""
        columns = (events.c.id, events.c.application_id, events.c.trigger, events.c.occurrence, events.c.seen_at)

        def after(number: int) -> sa.Select[tuple[int, str, str, int, datetime]]:
            of_account = sa.and_(events.c.connection_id == connection_id, events.c.id > number)
            return sa.select(*columns).where(of_account).order_by(events.c.id)

        async for rows in self._scanning.in_order(after):
            for row in rows:
                yield EventFact(row[1], row[2], row[3], row[4])
