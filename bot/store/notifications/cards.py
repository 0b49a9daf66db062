"""Living cards: which message shows an application in a channel, and which are out of date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.applications.actions import PinnedAction
from bot.core.applications.model import StatusClass
from bot.core.notifications.delivery_plan import LIVING, LivingCard
from bot.store.engine.database import Database, Transaction
from bot.store.engine.grouping import padded
from bot.store.engine.tables import cards, connections, saved_actions
from bot.store.engine.wakeups import adding_work

COALESCED = timedelta(seconds=3)
"""Changes of a card within this time become one update, with the newest state (rule P2)."""


@dataclass(frozen=True, slots=True)
class CardKey:
    """Identifies a card: an application in a channel."""

    team_id: str
    channel_id: str
    connection_id: int
    application_id: str


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A card that was just posted. `follows_ts` is the message of the card before it, if it links to one."""

    key: CardKey
    message_ts: str
    token: str
    trigger: str
    fingerprint: str
    follows_ts: str | None
    posted_at: datetime


def is_card(key: CardKey) -> sa.ColumnElement[bool]:
    """Return the SQL condition for one card's row."""
    return sa.and_(*(cards.c[name] == getattr(key, name) for name in CardKey.__slots__))


def living_card(row: sa.RowMapping) -> LivingCard:
    """Read a card from a row of `cards`."""
    columns = {name: row[name] for name in LivingCard.__slots__ if name != "fingerprint"}
    return LivingCard(**columns, fingerprint=row["shown"])


async def dirty(tx: Transaction, connection_id: int, ids: Sequence[str], now: datetime) -> None:
    """Mark the cards of applications as out of date."""
    matching = sa.and_(cards.c.connection_id == connection_id, cards.c.application_id.in_(ids))
    await _dirty(tx, matching, now)


async def dirty_channel(tx: Transaction, team_id: str, channel_id: str, now: datetime) -> None:
    """Mark all cards of a channel as out of date: its settings changed, or it accepts messages again."""
    await _dirty(tx, sa.and_(cards.c.team_id == team_id, cards.c.channel_id == channel_id), now)


async def dirty_account(tx: Transaction, connection_id: int, now: datetime) -> None:
    """Mark all cards of an account as out of date: the buttons on them have changed."""
    await _dirty(tx, cards.c.connection_id == connection_id, now)


async def _dirty(tx: Transaction, which: sa.ColumnElement[bool], now: datetime) -> None:
    due = now + COALESCED
    soon = sa.case((sa.or_(cards.c.dirty_at.is_(None), cards.c.dirty_at > due), due), else_=cards.c.dirty_at)
    alive = sa.and_(cards.c.lost.is_(None), cards.c.posted_at > now - LIVING)
    changed = cards.update().where(which, alive).values(dirty_at=soon, version=cards.c.version + 1)
    await tx.execute(adding_work(changed))


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
            saved_actions.c.connection_id.in_(padded(sorted(connection_ids))),
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


class Cards:
    """Reads and writes cards."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def posted(self, tx: Transaction, posts: Sequence[PostedCard]) -> None:
        """Store cards that were just posted, in the transaction that marks their deliveries as sent.

        They show the state at the event, and are compared with the present state right after.
        """
        if not posts:
            return
        rows = [
            asdict(post.key)
            | {
                "message_ts": post.message_ts,
                "token": post.token,
                "trigger": post.trigger,
                "posted_at": post.posted_at,
                "shown": post.fingerprint,
                "dirty_at": post.posted_at + COALESCED,
                "version": 0,
                "lost": None,
                "follows_ts": post.follows_ts,
                "reminded_at": None,
            }
            for post in posts
        ]
        columns = tuple(name for name in rows[0] if name not in CardKey.__slots__)
        await tx.execute(self._db.upsert(cards, update=columns), rows)

    async def event_updated(self, key: CardKey, message_ts: str, trigger: str, fingerprint: str, now: datetime) -> None:
        """Record that a card shows another event. Changes since it was drawn are compared right after."""
        values = {"shown": fingerprint, "trigger": trigger, "dirty_at": now + COALESCED, "version": cards.c.version + 1}
        async with self._db.write() as tx:
            await tx.execute(cards.update().where(is_card(key), cards.c.message_ts == message_ts).values(**values))

    async def lose(self, key: CardKey, message_ts: str, code: str) -> None:
        """Give up a card that Slack no longer allows to be changed. The next event gets a new one."""
        async with self._db.write() as tx:
            by_key = sa.and_(is_card(key), cards.c.message_ts == message_ts)
            await tx.execute(cards.update().where(by_key).values(lost=code, dirty_at=None))
