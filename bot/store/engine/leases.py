"""Leases: work that only one process does in a workspace at a time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.engine.tables import leases


class Leases:
    """Acquires and releases leases by name."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def take(self, team_id: str, name: str, owner: str, now: datetime, until: datetime) -> bool:
        """Acquire or renew a lease until a moment. Returns False if another process has it."""
        row = {"team_id": team_id, "name": name, "owner": owner, "until": until}
        async with self._db.write(lock=f"{team_id} {name}") as tx:
            others = sa.and_(_is(team_id, name), leases.c.owner != owner, leases.c.until > now)
            if (await tx.execute(sa.select(leases.c.owner).where(others))).first():
                return False
            await tx.execute(self._db.upsert(leases, update=("owner", "until")), [row])
            return True

    async def give_back(self, team_id: str, name: str, owner: str) -> None:
        """Release a lease, so that another process needn't wait for it to expire."""
        async with self._db.write() as tx:
            await tx.execute(leases.delete().where(_is(team_id, name), leases.c.owner == owner))


def _is(team_id: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(leases.c.team_id == team_id, leases.c.name == name)
