"""What stops when an account is disconnected or a workspace uninstalls the app, and what is deleted later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
    """Deletes the data of accounts and workspaces that ended long enough ago.

    Each workspace has a transaction of its own: nothing waits in one that lives while another one's data is deleted.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    async def over(self, before: datetime) -> tuple[list[str], list[str]]:
        """Return the workspaces that ended before a moment, or have accounts that did, and the ended installations.

        A workspace in which the app was installed again has not ended.
        """
        over = sa.select(installations.c.id).where(installations.c.ended_at < before)
        affected = sa.union(
            sa.select(connections.c.team_id).where(connections.c.ended_at < before),
            sa.select(workspaces.c.team_id).where(workspaces.c.installation_id.in_(over)),
        )
        async with self._db.read() as tx:
            return sorted((await tx.execute(affected)).scalars()), sorted((await tx.execute(over)).scalars())

    async def remove_from_workspace(self, team_id: str, before: datetime) -> bool:
        """Delete a workspace's ended accounts, or all of its data if it has ended. Returns whether it has.

        What is connected or installed again at this moment is either seen, or waits and is new.
        """
        of_team = sa.and_(workspaces.c.team_id == team_id, installations.c.ended_at < before)
        over = sa.select(installations.c.id).join(workspaces, workspaces.c.installation_id == installations.c.id)
        theirs = sa.select(connections.c.id).where(connections.c.team_id == team_id)
        async with self._db.write(lock=team_id) as tx:
            # Another installation may begin to serve it, or its organization's begin again, without that lock.
            has_ended = (await tx.execute(over.where(of_team).with_for_update())).first() is not None
            ended = theirs if has_ended else theirs.where(connections.c.ended_at < before)
            await _remove_connections(tx, (await tx.execute(ended)).scalars().all())
            if has_ended:
                for table in (*OF_A_WORKSPACE, workspaces):
                    await tx.execute(table.delete().where(table.c.team_id == team_id))
            return has_ended

    async def remove_installation(self, installation_id: str, before: datetime) -> None:
        """Delete an installation that is still over and serves no workspace any more."""
        one = sa.and_(installations.c.id == installation_id, installations.c.ended_at < before)
        serves = sa.exists().where(workspaces.c.installation_id == installation_id)
        async with self._db.write(lock=installation_id) as tx:
            await tx.execute(installations.delete().where(one, ~serves))


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
