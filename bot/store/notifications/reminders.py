"""Reminders of applications that have been late and untouched for some working days, in their card's thread."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.notifications.reminders import is_due
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.states import DeliveryKind, SubscriptionState
from bot.store.engine.database import Database, LockedTransaction
from bot.store.engine.tables import applications, cards, events, is_late, subscriptions
from bot.store.notifications.cards import CardKey, is_card
from bot.store.notifications.channel_settings import channel_row
from bot.store.notifications.digests import Place, insert_posting


class Reminders:
    """Puts reminders into the outbox."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remind(self, team_id: str, channel_id: str, now: datetime) -> int:
        """Queue the reminders that are due in a channel, if it wants them, for the end of quiet hours.

        Returns their number. Muted applications get none.
        """
        async with self._db.write(lock=team_id) as tx:
            row = await channel_row(tx, team_id, channel_id)
            days = row.style.reminder_days
            return await _remind(tx, team_id, channel_id, days, row.schedule, now) if days else 0


async def _remind(
    tx: LockedTransaction, team_id: str, channel_id: str, days: int, schedule: Schedule, now: datetime
) -> int:
    became = (
        sa.select(events.c.connection_id, events.c.application_id, sa.func.max(events.c.seen_at).label("seen_at"))
        .where(events.c.trigger == "late")
        .group_by(events.c.connection_id, events.c.application_id)
        .subquery()
    )
    same = sa.and_(applications.c.connection_id == cards.c.connection_id, applications.c.id == cards.c.application_id)
    late_event = sa.and_(
        became.c.connection_id == cards.c.connection_id, became.c.application_id == cards.c.application_id
    )
    active = sa.select(subscriptions.c.id).where(
        subscriptions.c.team_id == team_id,
        subscriptions.c.channel_id == channel_id,
        subscriptions.c.state == SubscriptionState.ACTIVE,
    )
    statement = (
        sa.select(cards, applications.c.changed_at, applications.c.taken_at, became.c.seen_at)
        .join(applications, same)
        .join(became, late_event)
        .where(
            cards.c.team_id == team_id,
            cards.c.channel_id == channel_id,
            cards.c.lost.is_(None),
            is_late(),
            ~applications.c.gone,
            active.exists(),
        )
    )
    count = 0
    for row in (await tx.execute(statement)).mappings().all():
        touched = max(at for at in (row["changed_at"], row["taken_at"], row["seen_at"]) if at)
        if not is_due(touched, row["reminded_at"], now, days, schedule.zone):
            continue
        place = Place(team_id, channel_id, row["connection_id"])
        due_at = schedule.loud_at(now)
        about = {"application_id": row["application_id"], "trigger": "late", "due_at": due_at}
        await insert_posting(tx, place, DeliveryKind.REMINDER, now, **about)
        key = CardKey(team_id, channel_id, row["connection_id"], row["application_id"])
        await tx.execute(cards.update().where(is_card(key)).values(reminded_at=now))
        count += 1
    return count
