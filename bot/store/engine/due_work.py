"""What is due in which workspace: one statement for each loop of a process, however many workspaces there are.

Each statement walks an index from one workspace that has something waiting to the next, and reads the earliest moment
of each (PostgreSQL wiki: Loose indexscan). So it costs by the workspaces in which something waits, not by the
workspaces that there are, nor by how much waits in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import State
from bot.store.engine.database import Database
from bot.store.engine.tables import cards, deliveries, floods, look_ups


class WorkKind(StrEnum):
    """What can be due in a workspace."""

    POST = "post"
    """A delivery waits to be posted."""
    SETTLE = "settle"
    """An unclear outcome waits to be looked up (rule T2)."""
    REDRAW = "redraw"
    """A card or a flood card waits to be brought up to date."""


@dataclass(frozen=True, slots=True)
class DueWork:
    """One kind of work that waits in one workspace, and the moment of the earliest of it, which may be to come."""

    team_id: str
    kind: WorkKind
    due_at: datetime


class DueWorks:
    """Questions about all workspaces at once."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def outbox(self) -> list[DueWork]:
        """Return what waits to be sent: in which workspaces, and from when. The same workspace may come several times.

        Whether it can be begun then is for the workspace's own statements to say: its channels may have to rest.
        """
        return await self._all("outbox")

    async def _all(self, name: str) -> list[DueWork]:
        async with self._db.read() as tx:
            rows = (await tx.execute(STATEMENTS[name]())).all()
        return [DueWork(row.team_id, WorkKind(row.kind), row.due_at) for row in rows if row.due_at]


@cache
def _outbox() -> sa.CompoundSelect[Any]:
    # While a look-up is carried on, or a delivery is posted, its process has it until the lease lapses.
    carried_on = sa.func.coalesce(look_ups.c.lease_until, look_ups.c.due_at)
    without_look_up = ~sa.exists().where(look_ups.c.id == deliveries.c.look_up_id)
    return sa.union_all(
        _first_of_each(WorkKind.POST, deliveries.c.team_id, deliveries.c.due_at, deliveries.c.state == State.PENDING),
        _first_of_each(
            WorkKind.SETTLE, deliveries.c.team_id, deliveries.c.lease_until, deliveries.c.state == State.SENDING
        ),
        _first_of_each(
            WorkKind.SETTLE,
            deliveries.c.team_id,
            deliveries.c.due_at,
            deliveries.c.state == State.UNCLEAR,
            without_look_up,
        ),
        _first_of_each(WorkKind.SETTLE, look_ups.c.team_id, carried_on, sa.true()),
        _first_of_each(WorkKind.REDRAW, cards.c.team_id, cards.c.dirty_at, cards.c.dirty_at.is_not(None)),
        _first_of_each(WorkKind.REDRAW, floods.c.team_id, floods.c.dirty_at, floods.c.dirty_at.is_not(None)),
    )


def _first_of_each(
    kind: WorkKind,
    team_id: sa.Column[str],
    due_at: sa.ColumnElement[datetime],
    waiting: sa.ColumnElement[bool],
    *further: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    """Select (workspace, kind, earliest moment) for each workspace with a row that is `waiting`, and meets `further`.

    An index begins with what `waiting` compares and the workspace; `further` is looked at in the rows themselves.
    """
    first = sa.select(sa.func.min(team_id).label("team_id")).where(waiting)
    reached = first.cte(recursive=True)
    following = sa.select(sa.func.min(team_id)).where(waiting, team_id > reached.c.team_id).scalar_subquery()
    reached = reached.union_all(sa.select(following).where(reached.c.team_id.is_not(None)))
    earliest = sa.select(sa.func.min(due_at)).where(waiting, *further, team_id == reached.c.team_id).scalar_subquery()
    each = sa.select(reached.c.team_id, sa.literal(kind.value).label("kind"), earliest.label("due_at"))
    return each.where(reached.c.team_id.is_not(None))


STATEMENTS: Mapping[str, Callable[[], sa.CompoundSelect[Any]]] = {"outbox": _outbox}
"""The statement of each loop."""
