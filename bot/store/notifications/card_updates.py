"""Cards whose message is out of date: claimed by one process at a time, drawn from the present state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.notifications.delivery_plan import LivingCard
from bot.core.notifications.messages import Card
from bot.store.engine.database import Database
from bot.store.engine.tables import UtcMoment, cards
from bot.store.notifications.cards import COALESCED, CardKey, is_card, living_card
from bot.store.notifications.outbox_messages import present_cards


@dataclass(frozen=True, slots=True)
class StaleCard:
    """A card that this process may update. `card` is its new content; None if the application is unknown.

    `version` shows whether it changed again in the meantime.
    """

    key: CardKey
    message_ts: str
    token: str
    fingerprint: str
    version: int
    posted_at: datetime
    card: Card | None


class CardUpdates:
    """Reads and writes out-of-date cards."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def at(self, team_id: str, channel_id: str, message_ts: str) -> tuple[CardKey, LivingCard] | None:
        """Return the card that a message is; None if it isn't a living card."""
        this = sa.and_(cards.c.team_id == team_id, cards.c.channel_id == channel_id, cards.c.message_ts == message_ts)
        async with self._db.read() as tx:
            row = (await tx.execute(sa.select(cards).where(this))).mappings().first()
        if row is None:
            return None
        key = CardKey(**{name: row[name] for name in CardKey.__slots__})
        return key, living_card(row)

    async def of_application(self, connection_id: int, application_id: str) -> list[tuple[CardKey, LivingCard]]:
        """Return the cards of an application that can still be updated."""
        its = sa.and_(cards.c.connection_id == connection_id, cards.c.application_id == application_id)
        async with self._db.read() as tx:
            rows = (await tx.execute(sa.select(cards).where(its, cards.c.lost.is_(None)))).mappings().all()
        return [(CardKey(**{name: row[name] for name in CardKey.__slots__}), living_card(row)) for row in rows]

    async def present(self, key: CardKey, trigger: str) -> Card | None:
        """Return a card's present content; None if the application is unknown."""
        place = (key.team_id, key.channel_id, key.connection_id, key.application_id)
        async with self._db.read() as tx:
            return (await present_cards(tx, [(*place, trigger)])).get(place)

    async def claim(self, team_id: str, now: datetime, lease: timedelta, most: int) -> list[StaleCard]:
        """Claim out-of-date cards, longest waiting first. No other process gets them for `lease`."""
        due = (
            sa.select(*cards.primary_key.columns)
            .where(cards.c.team_id == team_id, cards.c.dirty_at <= now)
            .order_by(cards.c.dirty_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        async with self._db.write() as tx:
            keys = [tuple(row) for row in await tx.execute(due)]
            if not keys:
                return []
            statement = cards.update().where(sa.tuple_(*cards.primary_key.columns).in_(keys))
            rows = (await tx.execute(statement.values(dirty_at=now + lease).returning(cards))).mappings().all()
            present = await present_cards(tx, [(*_key(row), row["trigger"]) for row in rows])
            return [
                StaleCard(
                    CardKey(*_key(row)),
                    row["message_ts"],
                    row["token"],
                    row["shown"],
                    row["version"],
                    row["posted_at"],
                    replace(card, follows=row["follows_ts"]) if (card := present.get(_key(row))) else None,
                )
                for row in rows
            ]

    async def updated(
        self, stale: StaleCard, fingerprint: str, now: datetime, again_at: datetime | None = None
    ) -> None:
        """Record a card's new content. It stays out of date if it changed in the meantime, else until `again_at`."""
        again = sa.case(
            (cards.c.version == stale.version, sa.literal(again_at, UtcMoment)),
            else_=sa.literal(now + COALESCED, UtcMoment),
        )
        await self._set(stale, shown=fingerprint, dirty_at=again)

    async def postpone(self, stale: StaleCard, until: datetime) -> None:
        """Update a card later: Slack asked to wait, or was unreachable."""
        await self._set(stale, dirty_at=until)

    async def redrawn(self, key: CardKey, message_ts: str, fingerprint: str) -> None:
        """Record a card's content after a click on it has refreshed it."""
        this = sa.and_(is_card(key), cards.c.message_ts == message_ts)
        async with self._db.write() as tx:
            await tx.execute(cards.update().where(this).values(shown=fingerprint))

    async def next_due(self, team_id: str) -> datetime | None:
        """Return when the next card is due for an update."""
        waiting = sa.select(sa.func.min(cards.c.dirty_at)).where(cards.c.team_id == team_id)
        async with self._db.read() as tx:
            due: datetime | None = (await tx.execute(waiting)).scalar_one()
            return due

    async def _set(self, stale: StaleCard, **values: object) -> None:
        this = sa.and_(is_card(stale.key), cards.c.message_ts == stale.message_ts)
        async with self._db.write() as tx:
            await tx.execute(cards.update().where(this).values(**values))


def _key(row: sa.RowMapping) -> tuple[str, str, int, str]:
    return (row["team_id"], row["channel_id"], row["connection_id"], row["application_id"])
