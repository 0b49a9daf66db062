"""Numbers for operators, over every workspace: what waits in the outbox, and how old each connection's data is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.notifications.states import UNSENT
from bot.store.engine.database import Database
from bot.store.engine.tables import connections, deliveries


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries are in a state, and since when the oldest of them waits."""

    number: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class LastRead:
    """When a connection was last read completely; None: never yet."""

    team_id: str
    name: str
    read_at: datetime | None


class Statistics:
    """Questions of whoever watches the bot from outside."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def outbox(self) -> Mapping[str, Waiting]:
        """Return what waits, by its state."""
        statement = (
            sa.select(deliveries.c.state, sa.func.count(), sa.func.min(deliveries.c.created_at))
            .where(deliveries.c.state.in_(UNSENT))
            .group_by(deliveries.c.state)
        )
        async with self._db.read() as tx:
            return {row[0]: Waiting(row[1], row[2]) for row in await tx.execute(statement)}

    async def last_reads(self) -> list[LastRead]:
        """Return how old the data of each account is that is connected."""
        columns = (connections.c.team_id, connections.c.name, connections.c.read_at)
        statement = sa.select(*columns).where(connections.c.ended_at.is_(None))
        async with self._db.read() as tx:
            return [LastRead(*row) for row in await tx.execute(statement.order_by(connections.c.id))]
