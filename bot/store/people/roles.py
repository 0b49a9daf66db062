"""Roles that admins gave to people and user groups of a workspace."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.permissions import Role, is_group
from bot.core.quotas import ROLES
from bot.store.engine.database import Database
from bot.store.engine.tables import people, roles


class Roles:
    """Reads and writes roles. A subject is a user (U…) or a user group (S…)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def all(self, team_id: str) -> dict[str, Role]:
        """Return all roles given in a workspace, by subject."""
        statement = sa.select(roles.c.subject_id, roles.c.role).where(roles.c.team_id == team_id)
        async with self._db.read() as tx:
            return {row.subject_id: Role[row.role.upper()] for row in await tx.execute(statement)}

    async def set(self, team_id: str, subject_id: str, role: Role, by: str, now: datetime) -> None:
        """Give a subject a role in place of its present one. Raises UsageError if there are too many."""
        row = {
            "team_id": team_id,
            "subject_id": subject_id,
            "kind": "group" if is_group(subject_id) else "user",
            "role": role.word,
            "given_by": by,
            "given_at": now,
        }
        others = sa.and_(roles.c.team_id == team_id, roles.c.subject_id != subject_id)
        async with self._db.write(lock=team_id) as tx:
            count = sa.select(sa.func.count()).select_from(roles).where(others)
            ROLES.check((await tx.execute(count)).scalar_one())
            await tx.execute(self._db.upsert(roles, update=("role", "given_by", "given_at")), [row])
            await tx.execute(_admin_flag(team_id, subject_id, is_admin=role is Role.ADMIN))

    async def remove(self, team_id: str, subject_id: str) -> bool:
        """Remove a role. Returns False if there was none."""
        given = sa.and_(roles.c.team_id == team_id, roles.c.subject_id == subject_id)
        async with self._db.write() as tx:
            removed = (await tx.execute(roles.delete().where(given))).rowcount == 1
            if removed:
                await tx.execute(_admin_flag(team_id, subject_id, is_admin=False))
            return removed


def _admin_flag(team_id: str, user_id: str, *, is_admin: bool) -> sa.Update:
    """Apply a role immediately to who gets admin notifications (rule W4)."""
    who = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
    return people.update().where(who).values(is_admin=is_admin)
