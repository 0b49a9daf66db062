"""Re-encrypts all stored secrets with the newest key, so that an old key can be removed."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bot.store.engine.database import Database
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import connections, drafts, installations, saved_actions, webhooks

SEALED = (connections, installations, drafts, saved_actions, webhooks)
"""The tables with an encrypted column `sealed`."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """By table: how many values were re-encrypted, and how many no key decrypts."""

    reencrypted: dict[str, int]
    lost: dict[str, int]


class KeyRotation:
    """Re-encrypts. Bots that have both keys can run at the same time."""

    def __init__(self, database: Database, secrets: Encryption) -> None:
        self._db, self._secrets = database, secrets

    async def rotate(self) -> Rotated:
        """Re-encrypt every value, all or none. Values that no key decrypts are left unchanged."""
        reencrypted = dict.fromkeys((table.name for table in SEALED), 0)
        lost = dict(reencrypted)
        async with self._db.write() as tx:
            for table in SEALED:
                rows = sa.select(table.c.id, table.c.sealed).where(table.c.sealed.is_not(None), table.c.sealed != "")
                for key, sealed in (await tx.execute(rows)).all():
                    fresh = self._secrets.resealed(sealed)
                    if fresh is None:
                        lost[table.name] += 1
                        continue
                    # What a running bot has sealed in the meantime is new already.
                    same = sa.and_(table.c.id == key, table.c.sealed == sealed)
                    await tx.execute(table.update().where(same).values(sealed=fresh))
                    reencrypted[table.name] += 1
        return Rotated(reencrypted, lost)
