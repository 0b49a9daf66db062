"""The secrets in the addresses of the bot's own webhooks: one for each account, stored as a hash and encrypted."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.errors import UsageError
from bot.core.language import _
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import connections, webhooks

OLD_SECRET_LASTS = timedelta(days=7)
"""How long a replaced secret is still accepted: applications in Clust keep calling its address."""

SECRET_BYTES = 32


class WebhookSecrets:
    """Creates, replaces and recognizes secrets."""

    def __init__(self, database: Database, encryption: Encryption) -> None:
        self._db, self._secrets = database, encryption

    @property
    def can_be_stored(self) -> bool:
        """Whether there is a SECRET_KEY to encrypt a secret with."""
        return self._secrets.outlive_the_process

    async def current(self, connection_id: int, team_id: str, by: str, now: datetime) -> str:
        """Return an account's secret. The first time, and if no key decrypts the stored one, a new one is created."""
        async with self._db.write(lock=team_id) as tx:
            newest = sa.select(webhooks.c.sealed).where(webhooks.c.connection_id == connection_id, _is_current())
            sealed = (await tx.execute(newest)).scalar_one_or_none()
            return (self._secrets.open(sealed) if sealed else None) or await self._create(tx, connection_id, by, now)

    async def rotate(self, connection_id: int, team_id: str, by: str, now: datetime) -> None:
        """Replace an account's secret. The old one is accepted for 7 more days."""
        async with self._db.write(lock=team_id) as tx:
            await self._create(tx, connection_id, by, now)

    async def connection_of(self, secret: str, now: datetime) -> int | None:
        """Return the connected account that a secret belongs to, or None if it is wrong or has expired."""
        valid = sa.or_(_is_current(), webhooks.c.expires_at > now)
        statement = (
            sa.select(webhooks.c.connection_id)
            .join(connections, connections.c.id == webhooks.c.connection_id)
            .where(webhooks.c.digest == digest_of(secret), valid, connections.c.ended_at.is_(None))
        )
        async with self._db.read() as tx:
            return (await tx.execute(statement)).scalar_one_or_none()

    async def _create(self, tx: LockedTransaction, connection_id: int, by: str, now: datetime) -> str:
        if not self.can_be_stored:
            raise UsageError(
                _(
                    "I can't receive webhooks without SECRET_KEY. Ask the person who runs the bot to set it, or enter "
                    "another URL."
                )
            )
        of_account = webhooks.c.connection_id == connection_id
        await tx.execute(webhooks.delete().where(of_account, webhooks.c.expires_at <= now))
        replaced = webhooks.update().where(of_account, _is_current())
        await tx.execute(replaced.values(expires_at=now + OLD_SECRET_LASTS))
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = {
            "connection_id": connection_id,
            "digest": digest_of(secret),
            "sealed": self._secrets.seal(secret),
            "made_by": by,
            "made_at": now,
        }
        await tx.execute(webhooks.insert().values(**row))
        return secret


def digest_of(secret: str) -> str:
    """Return what is stored to recognize a secret. It is random, so a plain hash can't be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_current() -> sa.ColumnElement[bool]:
    return webhooks.c.expires_at.is_(None)
