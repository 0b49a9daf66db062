"""People who have used the bot: whether they are admins, their time zone, their settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.engine.tables import people, rounds

MAX_LOCALE = 16


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user who has used the bot."""

    team_id: str
    user_id: str
    is_admin: bool
    zone: str
    locale: str | None = None


class People:
    """Reads and writes people."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remember(self, person: Person, now: datetime) -> None:
        """Store what Slack just said about a user of the bot. One who had left is checked now (rule P4)."""
        row = {
            "team_id": person.team_id,
            "user_id": person.user_id,
            "is_admin": person.is_admin,
            "zone": person.zone,
            "locale": person.locale and person.locale[:MAX_LOCALE],
            "seen_at": now,
        }
        async with self._db.write() as tx:
            await tx.execute(self._db.upsert(people, update=("is_admin", "zone", "locale", "seen_at")), [row])
            theirs = sa.and_(rounds.c.team_id == person.team_id, rounds.c.subject_id == person.user_id)
            await tx.execute(rounds.update().where(theirs, rounds.c.strikes > 0).values(due_at=now))

    async def is_known(self, team_id: str, user_id: str) -> bool:
        """Return whether a person has used the bot."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.read() as tx:
            return (await tx.execute(sa.select(people.c.user_id).where(one))).first() is not None

    async def locale(self, team_id: str, user_id: str) -> str | None:
        """Return the locale that a person used Slack in when they last used the bot, or None if they never did."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.read() as tx:
            return (await tx.execute(sa.select(people.c.locale).where(one))).scalar_one_or_none()

    async def wants_mentions(self, team_id: str, user_id: str) -> bool:
        """Return whether a person wants to be @-mentioned about their applications. The default is yes."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.read() as tx:
            return (await tx.execute(sa.select(people.c.mentions).where(one))).scalar_one_or_none() is not False

    async def set_mentions(self, team_id: str, user_id: str, *, is_on: bool) -> None:
        """Store whether a person wants to be @-mentioned."""
        one = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
        async with self._db.write() as tx:
            await tx.execute(people.update().where(one).values(mentions=is_on))

    async def admins(self, team_id: str) -> list[str]:
        """Return the admins of a workspace who have used the bot. The list of all users is never read (rule W4)."""
        statement = sa.select(people.c.user_id).where(people.c.team_id == team_id, people.c.is_admin)
        async with self._db.read() as tx:
            return sorted((await tx.execute(statement)).scalars())
