"""Which applications a message of the bot is about."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine.database import Database
from bot.store.engine.tables import cards, deliveries

MAX_APPLICATIONS = 20
"""Applications named of one digest."""


@dataclass(frozen=True, slots=True)
class MessageSubject:
    """The account that a message is about, and the ids of its applications."""

    connection_id: int
    application_ids: tuple[str, ...]


class MessageSubjects:
    """Looks up the bot's own messages."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, team_id: str, channel_id: str, message_ts: str, token: str) -> MessageSubject | None:
        """Return what a message in a channel is about, or None if it isn't one of the bot's notifications.

        A message is found by the delivery `token` in its metadata, or by its timestamp.
        """
        message = sa.or_(deliveries.c.token == token, deliveries.c.message_ts == message_ts)
        place = sa.and_(deliveries.c.team_id == team_id, deliveries.c.channel_id == channel_id)
        own = sa.select(deliveries.c.id).where(place, message)
        # A digest's events have its timestamp once it is sent, and point to it before.
        those = sa.or_(deliveries.c.id.in_(own), deliveries.c.summary_id.in_(own))
        columns = (deliveries.c.connection_id, deliveries.c.application_id, deliveries.c.about)
        async with self._db.read() as tx:
            rows = (await tx.execute(sa.select(*columns).where(those).order_by(deliveries.c.id))).all()
            if not rows:
                return await _card(tx, team_id, channel_id, message_ts, token)
        connection_id = rows[0].connection_id
        of_account = [row for row in rows if row.connection_id == connection_id]
        listed = [one for row in of_account for one in (row.application_id, *(row.about or ()))]
        return MessageSubject(connection_id, tuple(dict.fromkeys(filter(None, listed)))[:MAX_APPLICATIONS])


async def _card(
    tx: AsyncConnection, team_id: str, channel_id: str, message_ts: str, token: str
) -> MessageSubject | None:
    """Return the application of a card, which outlives its delivery."""
    card = sa.and_(cards.c.team_id == team_id, cards.c.channel_id == channel_id)
    message = sa.or_(cards.c.message_ts == message_ts, cards.c.token == token)
    row = (await tx.execute(sa.select(cards.c.connection_id, cards.c.application_id).where(card, message))).first()
    return MessageSubject(row.connection_id, (row.application_id,)) if row else None
