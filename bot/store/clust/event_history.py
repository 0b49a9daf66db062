"""Reads the history of applications: events with their polls, verdicts and deliveries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event
from bot.core.notifications.event_history import ApplicationStory, Deletion, DeliveryHistory, EventStory
from bot.core.notifications.routing import Verdict
from bot.core.notifications.states import DeliveryKind, State
from bot.store.engine.database import Database
from bot.store.engine.scanning import Scanning
from bot.store.engine.tables import applications, audit, connections, deliveries, events, polls
from bot.store.notifications.outbox_messages import event_of
from bot.store.people.audit import AuditOutcome

MAX_EVENTS = 20
"""Events that are returned, newest last."""


class EventHistory:
    """Reads histories, for `/clust why` and previews."""

    def __init__(self, database: Database, scanning: Scanning) -> None:
        self._db, self._scanning = database, scanning

    async def of(self, team_id: str, connection_id: int, application_id: str) -> ApplicationStory | None:
        """Return the history of an application, or None if there is none."""
        by_key = sa.and_(applications.c.connection_id == connection_id, applications.c.id == application_id)
        statement = sa.select(
            applications,
            connections.c.name,
            connections.c.read_at,
            connections.c.baseline_at,
            connections.c.suspended,
        ).join_from(applications, connections, connections.c.id == applications.c.connection_id)
        async with self._db.read() as tx:
            state = (await tx.execute(statement.where(by_key, connections.c.team_id == team_id))).mappings().first()
            if state is None:
                return None
            return ApplicationStory(
                application=Application.model_validate_json(state["snapshot"]),
                status_class=StatusClass(state["status_class"]) if state["status_class"] else None,
                gone=state["gone"],
                discovered=state["discovered"],
                changed_at=state["changed_at"],
                read_at=state["read_at"],
                baseline_at=state["baseline_at"],
                suspended=state["suspended"] is not None,
                chapters=await _chapters(tx, team_id, connection_id, application_id),
                forgotten=await _forgotten(tx, state),
                deletion=await _deletion(tx, team_id, state),
            )

    async def counts(self, connection_id: int, moment: datetime) -> dict[str, int]:
        """Return the number of events of each trigger since a moment."""
        lately = sa.and_(events.c.connection_id == connection_id, events.c.seen_at >= moment)
        statement = sa.select(events.c.trigger, sa.func.count()).where(lately).group_by(events.c.trigger)
        async with self._db.read() as tx:
            return {row[0]: row[1] for row in await tx.execute(statement)}

    async def since(self, connection_id: int, moment: datetime) -> AsyncGenerator[tuple[datetime, Event], None]:
        """Yield all events of a connection since a moment, oldest first, each with when it was seen."""
        lately = sa.and_(events.c.connection_id == connection_id, events.c.seen_at >= moment)
        ids = sa.select(events.c.id).where(lately).order_by(events.c.id)
        async for row in self._scanning.rows(ids, lambda some: sa.select(events).where(events.c.id.in_(some))):
            yield row["seen_at"], event_of(row)


async def _deletion(tx: AsyncConnection, team_id: str, state: sa.RowMapping) -> Deletion | None:
    """Return who deleted an application through the bot, or None if no one did or if a list has contained it since."""
    of_it = sa.and_(audit.c.target == state["id"], audit.c.detail == state["name"], audit.c.team_id == team_id)
    deleted = sa.and_(of_it, audit.c.action == "delete", audit.c.outcome == AuditOutcome.OK)
    newest = sa.select(audit.c.user_id, audit.c.at).where(deleted).order_by(audit.c.id.desc()).limit(1)
    row = (await tx.execute(newest)).first()
    is_missed = state["gone"] or state["absent"]
    return Deletion(row.user_id, row.at) if row and (is_missed or row.at > state["read_at"]) else None


async def _forgotten(tx: AsyncConnection, state: sa.RowMapping) -> int:
    """Return how many events of an application were deleted by retention.

    Its counters say how many there were (rule E1).
    """
    of_it = sa.and_(events.c.connection_id == state["connection_id"], events.c.application_id == state["id"])
    kept = (await tx.execute(sa.select(sa.func.count()).select_from(events).where(of_it))).scalar_one()
    happened: int = sum(state["occurrences"].values())
    return max(0, happened - int(kept))


async def _chapters(tx: AsyncConnection, team_id: str, connection_id: int, application_id: str) -> list[EventStory]:
    of_it = sa.and_(events.c.connection_id == connection_id, events.c.application_id == application_id)
    columns = (events.c.id, events.c.trigger, events.c.seen_at, events.c.poll_id, events.c.verdicts, polls.c.started_at)
    newest = sa.select(*columns).join_from(events, polls, polls.c.id == events.c.poll_id).where(of_it)
    rows = (await tx.execute(newest.order_by(events.c.id.desc()).limit(MAX_EVENTS))).all()
    histories = await _deliveries_of(tx, team_id, [row.id for row in rows])
    return [
        EventStory(
            trigger=row.trigger,
            seen_at=row.seen_at,
            poll_id=row.poll_id,
            poll_started_at=row.started_at,
            verdicts=None if row.verdicts is None else [Verdict(**one) for one in row.verdicts],
            deliveries=histories[row.id],
        )
        for row in reversed(rows)
    ]


_WAITING = ("state", "hold", "held_until", "reason")
"""Columns with a delivery's progress and its hold."""


async def _deliveries_of(
    tx: AsyncConnection, team_id: str, event_ids: list[int]
) -> defaultdict[int, list[DeliveryHistory]]:
    """Return the deliveries of events. For one listed in a digest, the place and progress are the digest part's."""
    summary, part = deliveries.alias("summary"), deliveries.alias("part")
    same_part = sa.and_(
        part.c.summary_id == deliveries.c.summary_id, part.c.kind == DeliveryKind.DIGEST, part.c.part > 0
    )
    statement: sa.Select[Any] = (
        sa.select(deliveries, summary.c.kind.label("told_by"), summary.c.message_ts.label("digest_ts"))
        .add_columns(part.c.message_ts.label("part_ts"))
        .add_columns(*(sa.func.coalesce(part.c[name], summary.c[name]).label(f"with_{name}") for name in _WAITING))
        .select_from(deliveries)
        .outerjoin(summary, summary.c.id == deliveries.c.summary_id)
        .outerjoin(part, sa.and_(same_part, part.c.part == deliveries.c.part))
        .where(deliveries.c.team_id == team_id, deliveries.c.event_id.in_(event_ids))
        .order_by(deliveries.c.id)
    )
    histories: defaultdict[int, list[DeliveryHistory]] = defaultdict(list)
    for row in (await tx.execute(statement)).mappings():
        in_digest = row["told_by"] == DeliveryKind.DIGEST
        waits_with_it = row["state"] == State.GATHERED and row["with_state"] == State.HELD
        waiting = {name: row[f"with_{name}" if waits_with_it else name] for name in _WAITING}
        histories[row["event_id"]].append(
            DeliveryHistory(
                channel_id=row["channel_id"],
                **waiting,
                attempts=row["attempts"],
                sent_at=row["sent_at"],
                message_ts=(row["part_ts"] or row["digest_ts"]) if in_digest else row["message_ts"],
                thread_ts=row["thread_ts"],
                in_digest=in_digest,
            )
        )
    return histories
