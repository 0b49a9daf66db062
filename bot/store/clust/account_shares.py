"""Distributes the accounts among the worker processes, a fair share to each, and finds what is due.

A process is alive as long as its row in `processes` says so. It leases accounts in bulk, renews the leases with one
statement, and releases what exceeds its share. Each change of the holder increases an account's fencing token (rule
T3).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import State
from bot.store.clust.connections import COLUMNS, Connection, connection_of
from bot.store.engine.database import Database
from bot.store.engine.scanning import chunks
from bot.store.engine.tables import (
    UtcMoment,
    applications,
    connections,
    deliveries,
    floods,
    installations,
    processes,
    workspaces,
)


@dataclass(frozen=True, slots=True)
class AccountDistribution:
    """The present distribution: living processes, polled accounts, and those leased by this process.

    `free` are accounts without a lease, by id, with their credential, but no more than this process can take.
    """

    processes: int
    accounts: int
    leased: int
    free: Mapping[int, str]

    @property
    def part(self) -> int:
        """The fair share of one process, rounded up."""
        return -(-self.accounts // max(1, self.processes))


@dataclass(frozen=True, slots=True)
class DueAccount:
    """An account that this process leases and that is due.

    `is_settled`: no application waits for a single read and none is absent. `is_waiting`: something in its workspace is
    held, which a tick may release. `has_hints`: applications that webhooks named are to be read.
    """

    connection: Connection
    is_settled: bool
    is_waiting: bool
    has_hints: bool


class AccountShares:
    """Leases accounts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def renew(self, owner: str, now: datetime, until: datetime) -> set[int]:
        """Renew this process's row and leases until a moment. Returns the accounts that it leases.

        An expired lease is not renewed, because another process may have acquired it.
        """
        leases = connections.update().where(connections.c.lease_owner == owner, connections.c.lease_until >= now)
        async with self._db.write() as tx:
            await tx.execute(processes.delete().where(processes.c.alive_until < now, processes.c.id != owner))
            alive = {"id": owner, "alive_until": until}
            await tx.execute(self._db.upsert(processes, update=("alive_until",)), [alive])
            renewed = await tx.execute(leases.values(lease_until=until).returning(connections.c.id))
            return set(renewed.scalars())

    async def distribution(self, owner: str, workspace: str | None, now: datetime, most: int) -> AccountDistribution:
        """Return how the accounts of `workspace` (None: all workspaces) are distributed.

        At most `most` free ones are returned, never polled ones first.
        """
        polled = _polled(workspace)
        leased = sa.and_(polled, connections.c.lease_owner == owner, connections.c.lease_until >= now)
        living = sa.select(sa.func.count()).where(processes.c.alive_until >= now).scalar_subquery()
        counted = sa.select(
            living,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((leased, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((_free(now), 1), else_=0)), 0),
        ).where(polled)
        first = sa.select(connections.c.id, connections.c.credential).where(polled, _free(now))
        async with self._db.read() as tx:
            alive, accounts, own, free = (await tx.execute(counted)).one()
            rows = await tx.execute(_by_due_time(first).limit(most)) if free else ()
            return AccountDistribution(alive, accounts, own, {row[0]: row[1] for row in rows})

    async def take(self, owner: str, ids: Collection[int], now: datetime, until: datetime) -> dict[int, int]:
        """Lease those of `ids` that are still free. Returns the fencing token of each."""
        values = {"lease_owner": owner, "lease_until": until, "fence": connections.c.fence + 1}
        returning = (connections.c.id, connections.c.fence)
        leased: dict[int, int] = {}
        async with self._db.write() as tx:
            for some in chunks(sorted(ids)):
                free = connections.update().where(connections.c.id.in_(some), _free(now))
                rows = await tx.execute(free.values(**values).returning(*returning))
                leased |= {row[0]: row[1] for row in rows}
        return leased

    async def give_back(self, owner: str, ids: Collection[int]) -> None:
        """Release leases, so that other processes needn't wait for them to expire."""
        async with self._db.write() as tx:
            for some in chunks(sorted(ids)):
                leased = sa.and_(connections.c.id.in_(some), connections.c.lease_owner == owner)
                await tx.execute(connections.update().where(leased).values(lease_until=None))

    async def leave(self, owner: str) -> None:
        """Release everything, because this process ends."""
        async with self._db.write() as tx:
            await tx.execute(connections.update().where(connections.c.lease_owner == owner).values(lease_until=None))
            await tx.execute(processes.delete().where(processes.c.id == owner))

    async def due(
        self, owner: str, workspace: str | None, now: datetime, most: int, busy: Collection[int]
    ) -> list[DueAccount]:
        """Return due accounts that this process leases, at most `most`, without the `busy` ones.

        Readable accounts come first, then the longest overdue.
        """
        values = {"owner": owner, "now": now, "most": most, "busy": list(busy)}
        async with self._db.read() as tx:
            rows = (await tx.execute(due_accounts(workspace), values)).mappings()
            return [
                DueAccount(connection_of(row), not row["is_unsettled"], bool(row["is_waiting"]), bool(row["has_hints"]))
                for row in rows
            ]


@cache  # building it costs more than executing it
def due_accounts(workspace: str | None) -> sa.Select[Any]:
    """Return the statement of `AccountShares.due`, whose parameters are its other arguments."""
    now = sa.bindparam("now", type_=UtcMoment)
    matching = sa.and_(
        connections.c.lease_owner == sa.bindparam("owner"),
        connections.c.lease_until >= now,
        sa.or_(connections.c.poll_at.is_(None), connections.c.poll_at <= now, _has_hints(now)),
        connections.c.id.not_in(sa.bindparam("busy", expanding=True)),
        _polled(workspace),
    )
    statement = sa.select(
        *COLUMNS,
        _is_unsettled().label("is_unsettled"),
        _is_waiting().label("is_waiting"),
        _has_hints(now).label("has_hints"),
    )
    return _by_due_time(statement.where(matching)).limit(sa.bindparam("most", type_=sa.Integer))


def _polled(workspace: str | None) -> sa.ColumnElement[bool]:
    """Return the condition for accounts that are polled: connected, in a workspace that is served."""
    if workspace is not None:
        return sa.and_(connections.c.ended_at.is_(None), connections.c.team_id == workspace)
    installed = (
        sa.select(workspaces.c.team_id)
        .join(installations, installations.c.id == workspaces.c.installation_id)
        .where(workspaces.c.team_id == connections.c.team_id, installations.c.ended_at.is_(None))
    )
    return sa.and_(connections.c.ended_at.is_(None), installed.exists())


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(connections.c.lease_until.is_(None), connections.c.lease_until < now)


def _by_due_time(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.order_by(
        connections.c.failing_since.is_not(None), connections.c.poll_at.asc().nulls_first(), connections.c.id
    )


def _has_hints(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition for accounts whose hints can be read. They wait for a baseline, and while polls fail."""
    account = connections.c
    can_be_read = (
        account.baseline_at.is_not(None),
        account.suspended.is_(None),
        account.answer.is_(None),
        account.failing_since.is_(None),
    )
    return sa.and_(sa.func.coalesce(account.hints_due_at <= now, sa.false()), *can_be_read)


def _is_unsettled() -> sa.ColumnElement[bool]:
    outstanding = sa.or_(applications.c.unread.is_not(None), applications.c.absent > 0)
    return sa.exists().where(applications.c.connection_id == connections.c.id, outstanding, ~applications.c.gone)


def _is_waiting() -> sa.ColumnElement[bool]:
    kept_back = sa.exists().where(
        deliveries.c.state.in_((State.HELD, State.GATHERED)), deliveries.c.team_id == connections.c.team_id
    )
    return sa.or_(kept_back, sa.exists().where(floods.c.team_id == connections.c.team_id, floods.c.answer.is_(None)))
