"""The saved actions that are buttons on cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.actions import PinnedAction
from bot.core.applications.model import StatusClass
from bot.store.engine.tables import connections, saved_actions


@dataclass(frozen=True, slots=True)
class PinnedActions:
    """The pinned actions of accounts, each with the words of the status classes that it is for (empty: all)."""

    by_connection: Mapping[int, list[tuple[PinnedAction, Collection[str]]]]

    def of(self, connection_id: int, status_class: StatusClass | None) -> tuple[PinnedAction, ...]:
        """Return those for an application of an account, in order of their names."""
        word = status_class.word if status_class else ""
        rows = self.by_connection.get(connection_id, ())
        return tuple(pinned for pinned, classes in rows if not classes or word in classes)


async def pinned_actions(tx: AsyncConnection, connection_ids: Collection[int]) -> PinnedActions:
    """Return the pinned actions of accounts that can be used."""
    statement = (
        sa.select(saved_actions.c.connection_id, saved_actions.c.id, saved_actions.c.name, saved_actions.c.classes)
        .join(connections, connections.c.id == saved_actions.c.connection_id)
        .where(
            saved_actions.c.connection_id.in_(sorted(connection_ids)),
            saved_actions.c.is_pinned,
            saved_actions.c.is_tried,
            saved_actions.c.base_url == connections.c.base_url,
        )
        .order_by(saved_actions.c.folded_name)
    )
    by_connection: defaultdict[int, list[tuple[PinnedAction, Collection[str]]]] = defaultdict(list)
    for row in await tx.execute(statement):
        by_connection[row.connection_id].append((PinnedAction(row.id, row.name), frozenset(row.classes)))
    return PinnedActions(by_connection)
