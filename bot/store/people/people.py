"""People who used the bot, as far as it must know them: who is an admin, and their time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.engine.tables import people, rounds


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user who used the bot."""

    team_id: str
    user_id: str
    is_admin: bool
    zone: str


class People:
    """Questions and answers about people."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remember(self, person: Person, now: datetime) -> None:
        """Keep what Slack just said of someone who uses the bot; one who had left is looked at now (rule P4)."""
        row = {
            "team_id": person.team_id,
            "user_id": person.user_id,
            "is_admin": person.is_admin,
            "zone": person.zone,
            "seen_at": now,
        }
        async with self._db.write() as tx:
            await tx.execute(self._db.upsert(people, update=("is_admin", "zone", "seen_at")), [row])
            theirs = sa.and_(rounds.c.team_id == person.team_id, rounds.c.subject_id == person.user_id)
            await tx.execute(rounds.update().where(theirs, rounds.c.strikes > 0).values(due_at=now))

    async def is_known(self, team_id: str, user_id: str) -> bool:
        """Tell whether a person has used the bot."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.read() as tx:
            return (await tx.execute(sa.select(people.c.user_id).where(one))).first() is not None

    async def wants_mentions(self, team_id: str, user_id: str) -> bool:
        """Tell whether a person wants to be mentioned in what they have taken; unless they said no, they do."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.read() as tx:
            return (await tx.execute(sa.select(people.c.mentions).where(one))).scalar_one_or_none() is not False

    async def set_mentions(self, team_id: str, user_id: str, *, wanted: bool) -> None:
        """Keep whether a person wants to be mentioned."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.write() as tx:
            await tx.execute(people.update().where(one).values(mentions=wanted))

    async def admins(self, team_id: str) -> list[str]:
        """Return the admins of a workspace who have used the bot; the list of all users is never read (rule W4)."""
        statement = sa.select(people.c.user_id).where(people.c.team_id == team_id, people.c.is_admin)
        async with self._db.read() as tx:
            return sorted((await tx.execute(statement)).scalars())
