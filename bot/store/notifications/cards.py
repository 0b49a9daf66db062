"""Living cards: which message shows an application in a channel, and which of them must be brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notifications.delivery_plan import LIVING, LivingCard
from bot.store.engine.database import Database
from bot.store.engine.tables import cards
from bot.store.engine.wakeups import adding_work

COALESCED = timedelta(seconds=3)
"""Changes of one card within this are one update (rule P2: the newest state)."""


@dataclass(frozen=True, slots=True)
class CardKey:
    """Which card: that of an application in a channel."""

    team_id: str
    channel_id: str
    connection_id: int
    application_id: str


def is_card(key: CardKey) -> sa.ColumnElement[bool]:
    """Choose one card's row."""
    return sa.and_(*(cards.c[name] == getattr(key, name) for name in CardKey.__slots__))


def living_card(row: sa.RowMapping) -> LivingCard:
    """Return a card as a channel has it, from its row of `cards`."""
    columns = {name: row[name] for name in LivingCard.__slots__ if name != "fingerprint"}
    return LivingCard(**columns, fingerprint=row["shown"])


async def dirty(tx: AsyncConnection, connection_id: int, ids: Sequence[str], now: datetime) -> None:
    """Let the cards of applications be brought up to date: something about them changed."""
    matching = sa.and_(cards.c.connection_id == connection_id, cards.c.application_id.in_(ids))
    await _dirty(tx, matching, now)


async def dirty_channel(tx: AsyncConnection, team_id: str, channel_id: str, now: datetime) -> None:
    """Let all cards of a channel be brought up to date: it wants them to look otherwise, or takes messages again."""
    await _dirty(tx, sa.and_(cards.c.team_id == team_id, cards.c.channel_id == channel_id), now)


async def _dirty(tx: AsyncConnection, which: sa.ColumnElement[bool], now: datetime) -> None:
    due = now + COALESCED
    soon = sa.case((sa.or_(cards.c.dirty_at.is_(None), cards.c.dirty_at > due), due), else_=cards.c.dirty_at)
    alive = sa.and_(cards.c.lost.is_(None), cards.c.posted_at > now - LIVING)
    changed = cards.update().where(which, alive).values(dirty_at=soon, version=cards.c.version + 1)
    await tx.execute(adding_work(changed))


class Cards:
    """Questions and answers about cards."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def posted(
        self,
        tx: AsyncConnection,
        key: CardKey,
        message_ts: str,
        token: str,
        trigger: str,
        fingerprint: str,
        follows_ts: str | None,
        now: datetime,
    ) -> None:
        """Keep a card that was just posted, inside the transaction that marks it sent.

        It shows what the event saw; it is compared with the present state right after.
        """
        row = {name: getattr(key, name) for name in CardKey.__slots__} | {
            "message_ts": message_ts,
            "token": token,
            "trigger": trigger,
            "posted_at": now,
            "shown": fingerprint,
            "dirty_at": now + COALESCED,
            "version": 0,
            "lost": None,
            "follows_ts": follows_ts,
            "reminded_at": None,
        }
        columns = tuple(name for name in row if name not in CardKey.__slots__)
        await tx.execute(self._db.upsert(cards, update=columns), [row])

    async def event_updated(self, key: CardKey, message_ts: str, trigger: str, fingerprint: str, now: datetime) -> None:
        """Keep that a card names another event now; what changed since it was drawn is compared right after."""
        values = {"shown": fingerprint, "trigger": trigger, "dirty_at": now + COALESCED, "version": cards.c.version + 1}
        async with self._db.write() as tx:
            await tx.execute(cards.update().where(is_card(key), cards.c.message_ts == message_ts).values(**values))

    async def lose(self, key: CardKey, message_ts: str, code: str) -> None:
        """Give up on a card that Slack lets nobody change any more: the next event gets a new one."""
        async with self._db.write() as tx:
            this = sa.and_(is_card(key), cards.c.message_ts == message_ts)
            await tx.execute(cards.update().where(this).values(lost=code, dirty_at=None))
