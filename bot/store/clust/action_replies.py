"""Who used a saved action on an application: a reply in the thread of each of its cards, through the outbox."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.notifications.delivery_plan import LIVING
from bot.core.notifications.mutes import Subject
from bot.core.notifications.states import DeliveryKind
from bot.store.engine.database import Database
from bot.store.engine.tables import cards
from bot.store.notifications.channel_settings import channel_mutes, channel_row
from bot.store.notifications.digests import Place, insert_posting


class ActionReplies:
    """Puts replies about saved actions into the outbox."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def queue(
        self, team_id: str, connection_id: int, application_id: str, user_id: str, action: str, now: datetime
    ) -> int:
        """Queue a reply for each card of the application, for the end of quiet hours. Returns their number.

        Channels that don't want them, and those in which the application is muted, get none.
        """
        its = sa.and_(
            cards.c.team_id == team_id,
            cards.c.connection_id == connection_id,
            cards.c.application_id == application_id,
            cards.c.lost.is_(None),
            cards.c.posted_at > now - LIVING,
        )
        count = 0
        async with self._db.write(lock=team_id) as tx:
            for row in (await tx.execute(sa.select(cards.c.channel_id, cards.c.trigger).where(its))).all():
                settings = await channel_row(tx, team_id, row.channel_id)
                mutes = await channel_mutes(tx, team_id, row.channel_id, now)
                subject = Subject(connection_id, application_id, row.trigger)
                if not settings.style.action_replies or any(mute.covers(subject) for mute in mutes):
                    continue
                about = {"application_id": application_id, "about": [user_id, action]}
                place = Place(team_id, row.channel_id, connection_id)
                due_at = settings.schedule.loud_at(now)
                await insert_posting(tx, place, DeliveryKind.ACTION, now, due_at=due_at, **about)
                count += 1
        return count
