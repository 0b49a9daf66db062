"""Numbers for operators, over all workspaces: the outbox, and the age of each connection's data."""

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
    """The number of deliveries in a state, and when the oldest of them began to wait."""

    number: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class LastRead:
    """When a connection was last read completely. None means never."""

    team_id: str
    name: str
    read_at: datetime | None


class Statistics:
    """Reads the numbers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def outbox(self) -> Mapping[str, Waiting]:
        """Return the unsent deliveries by state."""
        statement = (
            sa.select(deliveries.c.state, sa.func.count(), sa.func.min(deliveries.c.created_at))
            .where(deliveries.c.state.in_(UNSENT))
            .group_by(deliveries.c.state)
        )
        async with self._db.read() as tx:
            return {row[0]: Waiting(row[1], row[2]) for row in await tx.execute(statement)}

    async def last_reads(self) -> list[LastRead]:
        """Return when each connection was last read."""
        columns = (connections.c.team_id, connections.c.name, connections.c.read_at)
        statement = sa.select(*columns).where(connections.c.ended_at.is_(None))
        async with self._db.read() as tx:
            return [LastRead(*row) for row in await tx.execute(statement.order_by(connections.c.id))]
