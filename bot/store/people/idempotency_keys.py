"""Idempotency keys: what is done once, however often Slack sends it and whichever process gets it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite

from bot.store.engine.database import Database
from bot.store.engine.tables import idempotency_keys


class IdempotencyKeys:
    """Claims keys, each for a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim(self, team_id: str, key: str, now: datetime, lasting: timedelta) -> bool:
        """Claim a key for `lasting`. Returns False if it is claimed already.

        Claims are made before the work: what is cut short isn't done again.
        """
        insert = (sqlite if self._db.is_sqlite else postgresql).insert(idempotency_keys)
        statement = insert.values(team_id=team_id, key=key, expires_at=now + lasting)
        statement = statement.on_conflict_do_update(
            index_elements=list(idempotency_keys.primary_key.columns),
            set_={"expires_at": statement.excluded.expires_at},
            where=idempotency_keys.c.expires_at <= now,
        )
        async with self._db.write() as tx:
            return (await tx.execute(statement.returning(idempotency_keys.c.key))).first() is not None

    async def remove_expired(self, now: datetime) -> int:
        """Delete keys whose time is over. Returns their number."""
        async with self._db.write() as tx:
            return (await tx.execute(idempotency_keys.delete().where(idempotency_keys.c.expires_at <= now))).rowcount
