"""Saved actions of accounts: the calls that admins keep, with query, headers and body encrypted.

An action rests while the account's address isn't the one that it was confirmed for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.model import StatusClass
from bot.core.errors import UsageError
from bot.core.language import N_, _
from bot.core.permissions import Role
from bot.core.quotas import SAVED_ACTIONS
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import ActionState, SavedAction, StoredAction, checked
from bot.core.typed_text import fold
from bot.store.engine.database import Database, Transaction
from bot.store.engine.encryption import Encryption
from bot.store.engine.tables import connections, saved_actions
from bot.store.notifications.cards import dirty_account

CHANGED = N_(
    "This action was changed or removed in the meantime. Nothing was sent. Open it again to see its current state."
)

_COLUMNS = (*saved_actions.c, connections.c.base_url.label("present_url"))


class SavedActions:
    """Reads and writes saved actions."""

    def __init__(self, database: Database, secrets: Encryption) -> None:
        self._db, self._secrets = database, secrets

    async def of(self, connection_id: int) -> list[StoredAction]:
        """Return an account's actions by name. One that no key decrypts is left out."""
        async with self._db.read() as tx:
            return await self._of(tx, connection_id)

    async def get(self, connection_id: int, action_id: int, revision: int | None = None) -> StoredAction:
        """Return one action of an account. Raises UsageError if it was removed, or has another `revision`."""
        stored = next((each for each in await self.of(connection_id) if each.id == action_id), None)
        if stored is None or revision not in {None, stored.revision}:
            raise UsageError(_(CHANGED))
        return stored

    async def save(
        self,
        team_id: str,
        connection_id: int,
        action: SavedAction,
        by: str,
        now: datetime,
        *,
        replaces: tuple[int, int] | None = None,
    ) -> StoredAction:
        """Save an action, a new one or the one that it `replaces` (id and revision). Returns it as stored.

        Raises Mistakes for a name that exists, and UsageError if there are too many, if the other one was changed in
        the meantime, or if there is no SECRET_KEY to encrypt it with.
        """
        async with self._db.write(lock=team_id) as tx:
            others = await self._of(tx, connection_id)
            own_id = replaces[0] if replaces else None
            checked(action, others, own_id)
            base_url = (await tx.execute(_address(connection_id))).scalar_one()
            row = self._row(action) | {"base_url": base_url, "saved_by": by, "saved_at": now, "is_tried": True}
            if replaces is None:
                SAVED_ACTIONS.check(len(others))
                new = {"connection_id": connection_id, "revision": 1}
                await tx.execute(saved_actions.insert().values(**row, **new))
            elif not await self._change(tx, connection_id, replaces, row):
                raise UsageError(_(CHANGED))
            if action.is_pinned or any(each.id == own_id and each.action.is_pinned for each in others):
                await dirty_account(tx, connection_id, now)
            key = fold(action.name)
            return next(each for each in await self._of(tx, connection_id) if fold(each.action.name) == key)

    async def add_imported(
        self,
        team_id: str,
        connection_id: int,
        actions: Sequence[SavedAction],
        by: str,
        now: datetime,
    ) -> None:
        """Save imported actions, all or none: they ask first, and can't be used until they were tried.

        Raises what `save` raises.
        """
        async with self._db.write(lock=team_id) as tx:
            others = await self._of(tx, connection_id)
            SAVED_ACTIONS.check(len(others), len(actions))
            base_url = (await tx.execute(_address(connection_id))).scalar_one()
            for action in actions:
                checked(action, others, None)
                others.append(StoredAction(0, 1, action))
                about = {"connection_id": connection_id, "base_url": base_url, "saved_by": by, "saved_at": now}
                row = self._row(action) | about | {"asks_first": True, "is_tried": False, "revision": 1}
                await tx.execute(saved_actions.insert().values(**row))

    async def remove(self, connection_id: int, which: tuple[int, int], now: datetime) -> None:
        """Remove an action by id and revision. Raises UsageError if it was changed in the meantime."""
        async with self._db.write() as tx:
            removed = await tx.execute(saved_actions.delete().where(_one(connection_id, which)))
            if removed.rowcount != 1:
                raise UsageError(_(CHANGED))
            await dirty_account(tx, connection_id, now)

    async def confirm(self, connection_id: int, which: tuple[int, int], now: datetime) -> None:
        """Let an action be used again with the account's present address. Raises UsageError if it was changed."""
        async with self._db.write() as tx:
            address = {"base_url": _address(connection_id).scalar_subquery()}
            if not await self._change(tx, connection_id, which, address):
                raise UsageError(_(CHANGED))
            await dirty_account(tx, connection_id, now)

    async def tried(self, connection_id: int, action_id: int, now: datetime) -> None:
        """Record that an imported action has worked: from now on it can be used."""
        async with self._db.write() as tx:
            one = sa.and_(saved_actions.c.connection_id == connection_id, saved_actions.c.id == action_id)
            await tx.execute(saved_actions.update().where(one).values(is_tried=True))
            await dirty_account(tx, connection_id, now)

    async def _of(self, tx: AsyncConnection, connection_id: int) -> list[StoredAction]:
        statement = (
            sa.select(*_COLUMNS)
            .join(connections, connections.c.id == saved_actions.c.connection_id)
            .where(saved_actions.c.connection_id == connection_id)
            .order_by(saved_actions.c.folded_name)
        )
        rows = (await tx.execute(statement)).mappings().all()
        return [stored for row in rows if (stored := self._stored(row))]

    async def _change(
        self, tx: Transaction, connection_id: int, which: tuple[int, int], values: dict[str, Any]
    ) -> bool:
        changed = saved_actions.update().where(_one(connection_id, which))
        return bool((await tx.execute(changed.values(**values, revision=saved_actions.c.revision + 1))).rowcount)

    def _row(self, action: SavedAction) -> dict[str, Any]:
        request = action.request
        if request.is_secret and not self._secrets.outlive_the_process:
            raise UsageError(
                _(
                    "An action's query, headers and body are only stored encrypted. Ask the person who runs the bot "
                    "to set SECRET_KEY first."
                )
            )
        secret = json.dumps([request.query, request.headers, request.body])
        return {
            "name": action.name,
            "folded_name": fold(action.name),
            "method": request.method,
            "path": request.path,
            "sealed": self._secrets.seal(secret) if request.is_secret else None,
            "classes": sorted(each.word for each in action.classes),
            "role": action.role.word,
            "asks_first": action.asks_first,
            "done": action.done,
            "is_pinned": action.is_pinned,
        }

    def _stored(self, row: sa.RowMapping) -> StoredAction | None:
        opened = '["", "", ""]' if row["sealed"] is None else self._secrets.open(row["sealed"])
        if opened is None:
            return None
        try:
            request = RequestTemplate.parse(row["method"], row["path"], *json.loads(opened))
        except UsageError:  # a rule of the console is stricter than when it was saved
            return None
        words = set(row["classes"])
        action = SavedAction(
            name=row["name"],
            request=request,
            classes=frozenset(each for each in StatusClass if each.word in words),
            role=Role[row["role"].upper()],
            asks_first=row["asks_first"],
            done=row["done"],
            is_pinned=row["is_pinned"],
        )
        rests = ActionState.RESTING if row["base_url"] != row["present_url"] else None
        return StoredAction(
            row["id"],
            row["revision"],
            action,
            rests or (ActionState.READY if row["is_tried"] else ActionState.UNTRIED),
        )


def _one(connection_id: int, which: tuple[int, int]) -> sa.ColumnElement[bool]:
    action_id, revision = which
    columns = saved_actions.c
    return sa.and_(columns.connection_id == connection_id, columns.id == action_id, columns.revision == revision)


def _address(connection_id: int) -> sa.Select[Any]:
    return sa.select(connections.c.base_url).where(connections.c.id == connection_id)
