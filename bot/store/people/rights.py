"""Single rights that admins gave to people and user groups of a workspace, beside their roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bot.core.quotas import ROLES
from bot.store.engine.database import Database
from bot.store.engine.tables import rights


class Rights:
    """Reads and writes rights. A subject is a user (U…) or a user group (S…)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def all(self, team_id: str) -> Mapping[str, frozenset[str]]:
        """Return the subjects of each right in a workspace."""
        statement = sa.select(rights.c.name, rights.c.subject_id).where(rights.c.team_id == team_id)
        subjects: defaultdict[str, set[str]] = defaultdict(set)
        async with self._db.read() as tx:
            for row in await tx.execute(statement):
                subjects[row.name].add(row.subject_id)
        return {name: frozenset(ids) for name, ids in subjects.items()}

    async def give(self, team_id: str, subject_id: str, name: str, by: str, now: datetime) -> None:
        """Give a subject a right. Raises UsageError if there are too many."""
        row = {"team_id": team_id, "subject_id": subject_id, "name": name, "given_by": by, "given_at": now}
        others = sa.and_(rights.c.team_id == team_id, rights.c.subject_id != subject_id)
        async with self._db.write(lock=team_id) as tx:
            count = sa.select(sa.func.count()).select_from(rights).where(others)
            ROLES.check((await tx.execute(count)).scalar_one())
            await tx.execute(self._db.upsert(rights, update=("given_by", "given_at")), [row])

    async def take_away(self, team_id: str, subject_id: str, name: str) -> bool:
        """Take a right away. Returns False if the subject didn't have it."""
        given = sa.and_(rights.c.team_id == team_id, rights.c.subject_id == subject_id, rights.c.name == name)
        async with self._db.write() as tx:
            return bool((await tx.execute(rights.delete().where(given))).rowcount)
