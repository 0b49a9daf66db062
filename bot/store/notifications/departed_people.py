"""What happens to the data of a person who leaves the workspace, and may come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from bot.core.filters.language import read_stored
from bot.core.notifications.admin_notifications import AssigneeLeft
from bot.core.notifications.states import SubscriptionState
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import applications, cards, connections, people, subscriptions
from bot.store.notifications.admin_notifications import notifications_lock, put_admin_notification
from bot.store.notifications.cards import dirty

A_RECORD = "It says who did something once; nothing depends on whether they are still there."

PLACES: Mapping[str, str] = {
    "applications.taken_by": "Nobody has it any more; whoever comes back has it again, unless it was taken since.",
    "applications.had_by": "Who had it when they left.",
    "subscriptions.created_by": "It is held until somebody adopts it, or they come back (`Orphans`).",
    "subscriptions.filter": "A filter that wants what they have taken matches nothing: its owner is notified.",
    "people.user_id": "An admin is only notified while they are in the workspace (`AdminNotificationSender`).",
    "roles.subject_id": "A deactivated account has no role (rule W1); the role counts again when they come back.",
    "notices.own": "Whoever can't be reached is passed over, and the next ones are notified (rule W4).",
    "notices.reached": A_RECORD,
    "notices.failures": "Counts for one notification alone.",
    "drafts.user_id": "It expires within a day; what it owes waits for them that long.",
    "rounds.subject_id": "They are looked at ever more seldom.",
    "audit.user_id": A_RECORD,
    "channels.set_by": A_RECORD,
    "connections.made_by": A_RECORD,
    "events.actor": A_RECORD,
    "floods.answered_by": A_RECORD,
    "installations.installed_by": A_RECORD,
    "hidden_links.user_id": A_RECORD,
    "mutes.set_by": A_RECORD,
    "roles.given_by": A_RECORD,
    "reports.set_by": "Notified if it is on hold, else the next ones are (rule W4). It continues: it is the channel's.",
    "rights.subject_id": "As for roles.",
    "rights.given_by": A_RECORD,
    "saved_actions.saved_by": A_RECORD,
    "webhooks.made_by": A_RECORD,
    "subscriptions.shared_ok": A_RECORD,
}
"""Every column with a person's id, and what happens when that person leaves."""


class DepartedPeople:
    """Records that people have left or are back."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def leave(self, team_id: str, user_id: str, now: datetime) -> None:
        """Unassign everything from a person who left. Cards say so, and reminders go to the channel.

        Owners of subscriptions that only cover that person's applications are notified once, because nothing can match
        any more.
        """
        async with self._db.write(lock=team_id) as tx:
            theirs = sa.and_(_of_team(team_id), applications.c.taken_by == user_id)
            changed = await _changed(tx, theirs, now, taken_by=None, taken_at=None, had_by=user_id)
            for connection_id, ids in changed.items():
                # A reminder that they alone were sent counts for no one else.
                reminded = sa.and_(cards.c.connection_id == connection_id, cards.c.application_id.in_(ids))
                await tx.execute(cards.update().where(reminded).values(reminded_at=None))
            person = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
            is_new = people.update().where(person, people.c.left_at.is_(None)).values(left_at=now)
            if (await tx.execute(is_new)).rowcount:
                await self._db.lock(tx, notifications_lock(team_id))
                await _notify_followers(tx, team_id, user_id, now)

    async def come_back(self, team_id: str, user_id: str, now: datetime) -> None:
        """Reassign to a person who is back what they had when they left, unless it was assigned since."""
        async with self._db.write(lock=team_id) as tx:
            theirs = sa.and_(_of_team(team_id), applications.c.had_by == user_id)
            await _changed(tx, theirs, now, taken_by=user_id, taken_at=now, had_by=None)
            person = sa.and_(people.c.team_id == team_id, people.c.user_id == user_id)
            await tx.execute(people.update().where(person, people.c.left_at.is_not(None)).values(left_at=None))


def _of_team(team_id: str) -> sa.ColumnElement[bool]:
    of_team = sa.select(connections.c.id).where(connections.c.team_id == team_id)
    return applications.c.connection_id.in_(of_team)


async def _changed(
    tx: LockedTransaction, which: sa.ColumnElement[bool], now: datetime, **values: object
) -> Mapping[int, list[str]]:
    """Change assignees, and mark the cards to be updated. Returns the applications by connection."""
    change = applications.update().where(which).values(**values)
    by_connection: defaultdict[int, list[str]] = defaultdict(list)
    for row in await tx.execute(change.returning(applications.c.connection_id, applications.c.id)):
        by_connection[row.connection_id].append(row.id)
    for connection_id, ids in by_connection.items():
        await dirty(tx, connection_id, ids, now)
    return by_connection


async def _notify_followers(tx: LockedTransaction, team_id: str, user_id: str, now: datetime) -> None:
    """Tell once who owns a subscription to what certain people take, when the last of those has left."""
    left = sa.select(people.c.user_id).where(people.c.team_id == team_id, people.c.left_at.is_not(None))
    gone = set((await tx.execute(left)).scalars())
    columns = (subscriptions.c.id, subscriptions.c.channel_id, subscriptions.c.filter, subscriptions.c.created_by)
    in_use = sa.and_(subscriptions.c.team_id == team_id, subscriptions.c.state != SubscriptionState.ENDED)
    rows: Iterable[sa.Row[tuple[int, str, str, str]]] = await tx.execute(sa.select(*columns).where(in_use))
    for row in rows:
        assignees = read_stored(row.filter).assignees()
        if row.created_by not in gone and user_id in assignees <= gone:
            others = tuple(sorted(assignees - {user_id}))
            notification, subject = AssigneeLeft(row.channel_id, user_id, others), f"taker {row.id} {user_id}"
            await put_admin_notification(tx, team_id, subject, notification, now, [row.created_by], is_personal=True)
