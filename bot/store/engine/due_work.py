"""What is due in which workspace: one statement for each loop of a process, for any number of workspaces.

Each statement jumps through an index from one workspace with due work to the next, and reads the earliest moment of
each (PostgreSQL wiki: Loose indexscan). Its cost depends on the number of workspaces with due work, not on the number
of all workspaces, nor on the amount of work in one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import State, SubscriptionState
from bot.store.engine.database import Database
from bot.store.engine.tables import (
    UtcMoment,
    admin_notifications,
    cards,
    connections,
    deliveries,
    floods,
    look_ups,
    reports,
    rounds,
    subscriptions,
)

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The due moment of work that is due immediately."""


class WorkKind(StrEnum):
    """The kinds of due work."""

    POST = "post"
    """A delivery waits to be posted."""
    RESOLVE = "resolve"
    """An unclear outcome waits to be looked up (rule T2)."""
    CARD_UPDATE = "card_update"
    """A card or a flood card waits to be updated."""
    CHANNELS = "channel"
    """A check of a channel is due (rule P4). People and reminders have checks too."""
    PEOPLE = "person"
    REMINDERS = "reminder"
    REPORT = "report"
    """A channel's regular report is due."""
    PROBLEM = "problem"
    """A channel is held or an account's detection suspended, and no one was notified yet."""
    NOTIFY = "notify"
    """A notification about the bot's own operation waits to be sent (rule W4)."""


@dataclass(frozen=True, slots=True)
class DueWork:
    """One kind of work in one workspace, with the earliest moment at which it is due."""

    team_id: str
    kind: WorkKind
    due_at: datetime


class DueWorks:
    """Queries over all workspaces at once."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def outbox(self) -> list[DueWork]:
        """Return what waits to be sent, and from when. A workspace may occur several times.

        Whether it can really start then is decided per workspace: its channels may be paused.
        """
        return await self._all("outbox")

    async def checks(self) -> list[DueWork]:
        """Return the checks that are due or will be."""
        return await self._all("checks")

    async def problems(self) -> list[DueWork]:
        """Return the problems that people must be notified about, and the stored notifications."""
        return await self._all("problems")

    async def notifications(self) -> list[DueWork]:
        """Return the stored notifications, which `problems` includes."""
        return await self._all("notifications")

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
            WorkKind.RESOLVE, deliveries.c.team_id, deliveries.c.lease_until, deliveries.c.state == State.SENDING
        ),
        _first_of_each(
            WorkKind.RESOLVE,
            deliveries.c.team_id,
            deliveries.c.due_at,
            deliveries.c.state == State.UNCLEAR,
            without_look_up,
        ),
        _first_of_each(WorkKind.RESOLVE, look_ups.c.team_id, carried_on, sa.true()),
        _first_of_each(WorkKind.CARD_UPDATE, cards.c.team_id, cards.c.dirty_at, cards.c.dirty_at.is_not(None)),
        _first_of_each(WorkKind.CARD_UPDATE, floods.c.team_id, floods.c.dirty_at, floods.c.dirty_at.is_not(None)),
    )


@cache
def _checks() -> sa.CompoundSelect[Any]:
    kinds = (WorkKind.CHANNELS, WorkKind.PEOPLE, WorkKind.REMINDERS)
    return sa.union_all(
        *(_first_of_each(kind, rounds.c.team_id, rounds.c.due_at, rounds.c.kind == kind.value) for kind in kinds),
        _first_of_each(WorkKind.REPORT, reports.c.team_id, reports.c.due_at, sa.true()),
    )


@cache
def _problems() -> sa.CompoundSelect[Any]:
    # The words of the partial indexes: a condition with a parameter doesn't match them.
    untold = sa.and_(
        subscriptions.c.state == sa.literal_column(f"'{SubscriptionState.HELD}'"), subscriptions.c.told_at.is_(None)
    )
    account = connections.c
    asking = sa.and_(account.suspended.is_not(None), account.asked_at.is_(None), account.answer.is_(None))
    read_at = sa.func.coalesce(account.read_at, sa.literal(BEGINNING, UtcMoment))
    return sa.union_all(
        _first_of_each(WorkKind.PROBLEM, subscriptions.c.team_id, subscriptions.c.created_at, untold),
        _first_of_each(WorkKind.PROBLEM, account.team_id, read_at, asking, account.ended_at.is_(None)),
        *_notifications().selects,
    )


@cache
def _notifications() -> sa.CompoundSelect[Any]:
    leased = admin_notifications.c.lease_until > admin_notifications.c.due_at
    due_at = sa.case((leased, admin_notifications.c.lease_until), else_=admin_notifications.c.due_at)
    return sa.union_all(_first_of_each(WorkKind.NOTIFY, admin_notifications.c.team_id, due_at, sa.true()))


def _first_of_each(
    kind: WorkKind,
    team_id: sa.Column[str],
    due_at: sa.ColumnElement[datetime],
    waiting: sa.ColumnElement[bool],
    *further: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    """Select (workspace, kind, earliest moment) for each workspace with a row that meets `waiting` and `further`.

    An index starts with the columns of `waiting` and the workspace. `further` is checked on the rows.
    """
    first = sa.select(sa.func.min(team_id).label("team_id")).where(waiting)
    reached = first.cte(recursive=True)
    following = sa.select(sa.func.min(team_id)).where(waiting, team_id > reached.c.team_id).scalar_subquery()
    reached = reached.union_all(sa.select(following).where(reached.c.team_id.is_not(None)))
    earliest = sa.select(sa.func.min(due_at)).where(waiting, *further, team_id == reached.c.team_id).scalar_subquery()
    each = sa.select(reached.c.team_id, sa.literal(kind.value).label("kind"), earliest.label("due_at"))
    return each.where(reached.c.team_id.is_not(None))


STATEMENTS: Mapping[str, Callable[[], sa.CompoundSelect[Any]]] = {
    "outbox": _outbox,
    "checks": _checks,
    "problems": _problems,
    "notifications": _notifications,
}
"""The statement of each loop."""
