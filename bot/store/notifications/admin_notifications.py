"""Direct messages about the bot's own operation, stored until someone was reached (rule W4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.admin_notifications import (
    AdminNotification,
    AssigneeLeft,
    ChannelHeld,
    ChannelWorks,
    DetectionSuspended,
    FirstContact,
)
from bot.core.notifications.escalation import Progress
from bot.core.notifications.states import SubscriptionState
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import admin_notifications, connections, subscriptions
from bot.store.engine.wakeups import adding_work

STORED_NAMES: dict[type, str] = {AssigneeLeft: "TakerLeft"}
"""Classes that are stored under an earlier name, which processes of older versions can read."""


def _kind_of(kind: type) -> str:
    """Return the name under which a kind of notification is stored."""
    return STORED_NAMES.get(kind, kind.__name__)


KINDS: dict[str, TypeAdapter[AdminNotification]] = {
    _kind_of(kind): TypeAdapter(kind) for kind in get_args(AdminNotification)
}
"""Parses and serializes the content of each kind of notification."""


@dataclass(frozen=True, slots=True)
class AdminNotificationRow:
    """A notification that this process sends until its lease ends.

    `own` are the people it is about. If it `is_personal`, others get it only if none of these can be reached.
    """

    id: int
    notification: AdminNotification
    own: tuple[str, ...]
    is_personal: bool
    progress: Progress
    tries: int
    fence: int


class AdminNotifications:
    """The notifications of all workspaces."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put(
        self,
        team_id: str,
        subject: str,
        notification: AdminNotification,
        now: datetime,
        *,
        own: Sequence[str],
        is_personal: bool = False,
        ends: str = "",
    ) -> None:
        """Store a notification. It replaces a waiting one about the same `subject`, unless they are equal.

        `own` and `is_personal` are those of `AdminNotificationRow`. `ends` is the subject of a notification whose cause
        is over: if no one was reached by that one, neither is sent.
        """
        async with self._db.write(lock=notifications_lock(team_id)) as tx:
            if not ends or await _was_notified(tx, team_id, ends):
                await put_admin_notification(tx, team_id, subject, notification, now, own, is_personal=is_personal)

    async def about_connection(
        self,
        connection_id: int,
        column: str,
        moment: datetime | None,
        notification: AdminNotification,
        now: datetime,
        *,
        ends: str = "",
    ) -> bool:
        """Record in `column` that something began at `moment` or ended (None), and store a notification.

        `ends` is the subject of a notification whose cause is over: if no one was reached by that one, neither is sent.
        Returns False if another process has done so already.
        """
        kept, one = connections.c[column], connections.c.id == connection_id
        async with self._db.write() as tx:
            team_id: str = (await tx.execute(sa.select(connections.c.team_id).where(one))).scalar_one()
            changes = kept.is_not(None) if moment is None else kept.is_(None)
            if not (await tx.execute(connections.update().where(one, changes).values({column: moment}))).rowcount:
                return False
            # Only now: a poll with a first contact locks the account first, too.
            locked = await self._db.lock(tx, notifications_lock(team_id))
            if not ends or await _was_notified(locked, team_id, ends):
                await put_admin_notification(locked, team_id, f"{column} {connection_id}", notification, now)
            return True

    async def about_subscriptions(
        self,
        team_id: str,
        ids: Collection[int],
        subject: str,
        notification: AdminNotification,
        now: datetime,
        *,
        own: Sequence[str],
    ) -> None:
        """Store a notification about the state of subscriptions, unless another process has done so."""
        new = sa.and_(subscriptions.c.id.in_(sorted(ids)), subscriptions.c.told_at.is_(None))
        async with self._db.write(lock=notifications_lock(team_id)) as tx:
            if (await tx.execute(subscriptions.update().where(new).values(told_at=now))).rowcount:
                await put_admin_notification(tx, team_id, subject, notification, now, own)

    async def claim(self, team_id: str, now: datetime, lease: timedelta) -> list[AdminNotificationRow]:
        """Claim the notifications that are due, oldest first. Those whose cause is over are deleted."""
        free = sa.or_(admin_notifications.c.lease_until.is_(None), admin_notifications.c.lease_until < now)
        due = sa.and_(admin_notifications.c.team_id == team_id, admin_notifications.c.due_at <= now, free)
        async with self._db.read() as tx:
            if (await tx.execute(sa.select(admin_notifications.c.id).where(due).limit(1))).first() is None:
                return []
        async with self._db.write() as tx:
            ids = sa.select(admin_notifications.c.id).where(due).with_for_update(skip_locked=True)
            claim = (
                admin_notifications.update()
                .where(admin_notifications.c.id.in_(ids))
                .values(lease_until=now + lease, fence=admin_notifications.c.fence + 1)
                .returning(*admin_notifications.c)
            )
            rows = sorted((await tx.execute(claim)).mappings(), key=lambda row: row["id"])
            claimed = [(row, _read_row(row)) for row in rows]
            over = {one.id for row, one in claimed if await _is_over(tx, row["team_id"], one.notification)}
            await tx.execute(admin_notifications.delete().where(admin_notifications.c.id.in_(over)))
            return [one for _, one in claimed if one.id not in over]

    async def keep(self, row: AdminNotificationRow, progress: Progress, lease_until: datetime) -> bool:
        """Save the progress of a claimed notification. Returns False if another process has it now."""
        return await self._change(row, progress, lease_until=lease_until)

    async def postpone(self, row: AdminNotificationRow, progress: Progress, due_at: datetime) -> None:
        """Save the progress, and release the notification until `due_at`."""
        await self._change(row, progress, due_at=due_at, lease_until=None, tries=row.tries + 1)

    async def remove(self, row: AdminNotificationRow) -> None:
        """Delete a notification that was sent."""
        async with self._db.write() as tx:
            await tx.execute(admin_notifications.delete().where(_is(row)))

    async def _change(self, row: AdminNotificationRow, progress: Progress, **values: Any) -> bool:
        reached, failures = sorted(progress.reached), dict(progress.failures)
        async with self._db.write() as tx:
            kept = admin_notifications.update().where(_is(row)).values(reached=reached, failures=failures, **values)
            return (await tx.execute(kept)).rowcount == 1


def notifications_lock(team_id: str) -> str:
    """Return the lock of a workspace's notifications. Its name stays while older processes may still run."""
    return f"{team_id} notices"


def _is(row: AdminNotificationRow) -> sa.ColumnElement[bool]:
    return sa.and_(admin_notifications.c.id == row.id, admin_notifications.c.fence == row.fence)


def _read_row(row: sa.RowMapping) -> AdminNotificationRow:
    return AdminNotificationRow(
        id=row["id"],
        notification=KINDS[row["kind"]].validate_json(row["content"]),
        own=tuple(row["own"]),
        is_personal=row["is_personal"],
        progress=Progress(frozenset(row["reached"]), row["failures"]),
        tries=row["tries"],
        fence=row["fence"],
    )


async def put_admin_notification(
    tx: LockedTransaction,
    team_id: str,
    subject: str,
    notification: AdminNotification,
    now: datetime,
    own: Sequence[str] = (),
    *,
    is_personal: bool = False,
) -> None:
    """Store a notification, in a transaction that holds the lock for the workspace's notifications.

    It replaces a waiting one about the same `subject`, unless they are equal. `own` and `is_personal` are those of
    `AdminNotificationRow`.
    """
    kind = _kind_of(type(notification))
    content = KINDS[kind].dump_json(notification).decode()
    same = sa.and_(admin_notifications.c.team_id == team_id, admin_notifications.c.subject == subject)
    before = (
        await tx.execute(sa.select(admin_notifications.c.kind, admin_notifications.c.content).where(same))
    ).first()
    if before is None or (before.kind, before.content) != (kind, content):
        await tx.execute(admin_notifications.delete().where(same))
        values: dict[str, Any] = {
            "team_id": team_id,
            "subject": subject,
            "kind": kind,
            "content": content,
            "own": list(own),
        }
        values |= {"is_personal": is_personal, "reached": [], "failures": {}, "created_at": now, "due_at": now}
        await tx.execute(adding_work(admin_notifications.insert().values(**values)))


def hold_of(channel_id: str, reason: str) -> str:
    """Return the subject of the notification that a channel is held."""
    return f"held {channel_id} {reason}"


async def put_works(tx: LockedTransaction, team_id: str, rows: Collection[sa.RowMapping], now: datetime) -> None:
    """Store the notification that a channel works again. `rows` are its subscriptions as they were before.

    It is for those who were notified of the problem, and for those who invited the bot (rule W3).
    """
    by_trouble: defaultdict[tuple[str, str], list[sa.RowMapping]] = defaultdict(list)
    for row in rows:
        if row["told_at"] is not None:
            by_trouble[row["channel_id"], row["reason"] or ""].append(row)
    for (channel_id, reason), some in by_trouble.items():
        if await _was_notified(tx, team_id, hold_of(channel_id, reason)):
            own = [row["created_by"] for row in some]
            works, subject = ChannelWorks(channel_id, reason), f"works {channel_id} {reason}"
            is_personal = all(row["state"] != SubscriptionState.HELD for row in some)
            await put_admin_notification(tx, team_id, subject, works, now, own, is_personal=is_personal)


async def _was_notified(tx: LockedTransaction, team_id: str, subject: str) -> bool:
    """Return whether anyone was notified about what is over now, and delete that notification if it still waits."""
    begun = sa.and_(admin_notifications.c.team_id == team_id, admin_notifications.c.subject == subject)
    reached = (
        await tx.execute(admin_notifications.delete().where(begun).returning(admin_notifications.c.reached))
    ).scalar_one_or_none()
    return reached != []


async def _is_over(tx: AsyncConnection, team_id: str, notification: AdminNotification) -> bool:
    """Return whether a notification's cause has ended without a notification of its own."""
    match notification:
        case DetectionSuspended():
            waits = sa.and_(connections.c.suspended.is_not(None), connections.c.answer.is_(None))
            is_open = sa.select(connections.c.id).where(connections.c.id == notification.connection_id, waits)
        case FirstContact():
            is_open = sa.select(connections.c.id).where(
                connections.c.id == notification.connection_id, connections.c.first_contact.is_not(None)
            )
        case ChannelHeld():
            is_open = sa.select(subscriptions.c.id).where(
                subscriptions.c.team_id == team_id,
                subscriptions.c.channel_id == notification.channel_id,
                subscriptions.c.state == SubscriptionState.HELD,
            )
        case _:
            return False
    return (await tx.execute(is_open.limit(1))).first() is None
