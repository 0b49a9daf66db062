"""What stops when an account is disconnected or a workspace uninstalls the app, and what is deleted later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import UNCLAIMED, DeliveryKind, State, SubscriptionState
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import (
    admin_notifications,
    applications,
    audit,
    cards,
    channels,
    connections,
    day_totals,
    defaults,
    deliveries,
    drafts,
    events,
    floods,
    hidden_links,
    hints,
    idempotency_keys,
    installations,
    leases,
    look_ups,
    mutes,
    paces,
    people,
    polls,
    reports,
    rights,
    roles,
    rounds,
    saved_actions,
    subscriptions,
    webhooks,
    workspaces,
)
from bot.store.notifications.transitions import transition

OF_A_CONNECTION = (
    cards,
    events,
    polls,
    applications,
    drafts,
    defaults,
    mutes,
    saved_actions,
    webhooks,
    hints,
    reports,
    day_totals,
)
"""Tables with a connection's data, in the order of deletion. Deliveries and subscriptions are deleted first."""

OF_A_WORKSPACE = (
    channels,
    mutes,
    leases,
    look_ups,
    admin_notifications,
    paces,
    people,
    audit,
    roles,
    rights,
    rounds,
    idempotency_keys,
    hidden_links,
)
"""Tables with data of the workspace as a whole."""


async def skip_unsent(tx: LockedTransaction, connection_id: int, why: str) -> list[str]:
    """End a connection's subscriptions and reports, and skip its waiting deliveries. Returns the channels' ids."""
    in_use = sa.and_(subscriptions.c.connection_id == connection_id, subscriptions.c.state != SubscriptionState.ENDED)
    places = sorted(set((await tx.execute(sa.select(subscriptions.c.channel_id).where(in_use))).scalars()))
    await tx.execute(subscriptions.update().where(in_use).values(state=SubscriptionState.ENDED, reason=None, events=[]))
    await tx.execute(reports.delete().where(reports.c.connection_id == connection_id))
    # A flood card may ask about notifications of other accounts too: it stays.
    theirs = sa.and_(deliveries.c.connection_id == connection_id, deliveries.c.kind != DeliveryKind.FLOOD)
    waiting = sa.and_(theirs, deliveries.c.state.in_(UNCLAIMED))
    await tx.execute(transition(State.SKIPPED, waiting, hold=None, held_until=None, reason=why))
    return places


class EndedData:
    """Deletes the data of accounts and workspaces that ended long enough ago."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remove(self, before: datetime) -> list[str]:
        """Delete the data of accounts and workspaces that ended before a moment. Returns the workspaces.

        A workspace in which the app was installed again has not ended.
        """
        async with self._db.write() as plain:
            subjects = (await plain.execute(_ended(before))).scalars().all()
            if not subjects:
                return []
            # What is connected or installed again at this moment is either seen below, or waits and is new.
            tx = await self._db.lock_all(plain, subjects)
            ended = sa.select(connections.c.id).where(connections.c.ended_at < before)
            await _remove_connections(tx, (await tx.execute(ended)).scalars().all())
            over = sa.select(installations.c.id).where(installations.c.ended_at < before)
            gone = (await tx.execute(over)).scalars().all()
            of_gone = sa.select(workspaces.c.team_id).where(workspaces.c.installation_id.in_(gone))
            if not gone:
                return []
            teams = sorted((await tx.execute(of_gone)).scalars())
            theirs = sa.select(connections.c.id).where(connections.c.team_id.in_(teams))
            await _remove_connections(tx, (await tx.execute(theirs)).scalars().all())
            for table in OF_A_WORKSPACE:
                await tx.execute(table.delete().where(table.c.team_id.in_(teams)))
            await tx.execute(workspaces.delete().where(workspaces.c.installation_id.in_(gone)))
            await tx.execute(installations.delete().where(installations.c.id.in_(gone)))
            return teams


def _ended(before: datetime) -> sa.CompoundSelect[Any]:
    """Select the ids of the workspaces and installations of which something ended before a moment."""
    over = sa.select(installations.c.id).where(installations.c.ended_at < before)
    return sa.union(
        sa.select(connections.c.team_id).where(connections.c.ended_at < before),
        over,
        sa.select(workspaces.c.team_id).where(workspaces.c.installation_id.in_(over)),
    )


async def _remove_connections(tx: LockedTransaction, ids: Sequence[int]) -> None:
    if not ids:
        return
    posted = sa.select(deliveries.c.id).where(deliveries.c.connection_id.in_(ids))
    await tx.execute(floods.delete().where(floods.c.delivery_id.in_(posted)))
    # The deliveries that a digest or flood card lists point to it. A flood card's deliveries can be of another account.
    await tx.execute(deliveries.update().where(deliveries.c.summary_id.in_(posted)).values(summary_id=None))
    await tx.execute(deliveries.delete().where(deliveries.c.connection_id.in_(ids)))
    await tx.execute(subscriptions.delete().where(subscriptions.c.connection_id.in_(ids)))
    for table in OF_A_CONNECTION:
        await tx.execute(table.delete().where(table.c.connection_id.in_(ids)))
    await tx.execute(connections.delete().where(connections.c.id.in_(ids)))
