"""Cards whose message is out of date: claimed by one process at a time, drawn from the present state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.delivery_plan import LivingCard
from bot.core.notifications.messages import Card
from bot.core.slack_rate_limits import METHODS_PER_MINUTE
from bot.store.engine.database import Database, Transaction
from bot.store.engine.grouping import Grouped, padded
from bot.store.engine.tables import cards, floods
from bot.store.notifications.cards import COALESCED, CardKey, is_card, living_card
from bot.store.notifications.floods import StaleFlood, claim_stale
from bot.store.notifications.outbox_messages import present_cards
from bot.store.notifications.rate_limits import method_rate, rates

UPDATE = "chat.update"


@dataclass(frozen=True, slots=True)
class StaleCard:
    """A card that this process may update. `card` is its new content, or None if the application is unknown.

    `version` shows whether it changed again in the meantime.
    """

    key: CardKey
    message_ts: str
    token: str
    fingerprint: str
    version: int
    posted_at: datetime
    card: Card | None

    @property
    def is_current(self) -> bool:
        """Whether the message needs no update: it shows the present state, or must not be changed."""
        if self.card is None or not self.card.style.update:
            return True
        return not self.card.lacks_items and self.card.fingerprint() == self.fingerprint


@dataclass(frozen=True, slots=True)
class StaleMessages:
    """The messages of a workspace that this process may update, and how many cards turned out to be up to date."""

    floods: Sequence[StaleFlood]
    cards: Sequence[StaleCard]
    current: int

    def __bool__(self) -> bool:
        """Return whether anything was claimed."""
        return bool(self.floods or self.cards or self.current)


@dataclass(frozen=True, slots=True)
class _UpdateWish:
    """What one workspace wants to update (see `CardUpdates.claim`)."""

    team_id: str
    now: datetime
    lease: timedelta
    most: int


class CardUpdates:
    """Reads and writes out-of-date cards."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._claim = Grouped(self._claim_together, apart=lambda wish: wish.team_id)
        self._update = Grouped(self._update_together, apart=lambda update: update[0].key.team_id)

    async def at(self, team_id: str, channel_id: str, message_ts: str) -> tuple[CardKey, LivingCard] | None:
        """Return the card that a message is, or None if it isn't a living card."""
        by_key = sa.and_(cards.c.team_id == team_id, cards.c.channel_id == channel_id, cards.c.message_ts == message_ts)
        async with self._db.read() as tx:
            row = (await tx.execute(sa.select(cards).where(by_key))).mappings().first()
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
        """Return a card's present content, or None if the application is unknown."""
        place = (key.team_id, key.channel_id, key.connection_id, key.application_id)
        async with self._db.read() as tx:
            return (await present_cards(tx, [(*place, trigger)])).get(place)

    async def claim(self, team_id: str, now: datetime, lease: timedelta, most: int) -> StaleMessages:
        """Claim up to `most` out-of-date messages, flood cards first, else longest waiting first.

        No other process gets them for `lease`. As many are claimed as the rate limit of chat.update allows.
        """
        return await self._claim(_UpdateWish(team_id, now, lease, most))

    async def _claim_together(self, wishes: Sequence[_UpdateWish]) -> list[StaleMessages]:
        now, until = max(wish.now for wish in wishes), max(wish.now + wish.lease for wish in wishes)
        async with self._db.write() as tx:
            limits = await rates(tx, {(wish.team_id, UPDATE): METHODS_PER_MINUTE[UPDATE] for wish in wishes}, now)
            most = {wish.team_id: min(wish.most, limits[wish.team_id, UPDATE].allowed(now)) for wish in wishes}
            of_floods = await claim_stale(tx, most, now, until)
            left = {team_id: number - len(of_floods.get(team_id, ())) for team_id, number in most.items()}
            of_cards = await _claim_cards(tx, left, now, until)
        messages = []
        for wish in wishes:
            claimed = of_cards.get(wish.team_id, [])
            stale = [card for card in claimed if not card.is_current]
            messages.append(StaleMessages(of_floods.get(wish.team_id, []), stale, len(claimed) - len(stale)))
        return messages

    async def updated(
        self, stale: StaleCard, fingerprint: str, now: datetime, again_at: datetime | None = None
    ) -> None:
        """Record a card's new content. It stays out of date if it changed in the meantime, else until `again_at`."""
        row = {"new_shown": fingerprint, "again_at": again_at, "soon": now + COALESCED, "seen_version": stale.version}
        await self._update((stale, row))

    async def _update_together(self, updates: Sequence[tuple[StaleCard, Mapping[str, Any]]]) -> list[None]:
        def given(name: str, like: sa.Column[Any]) -> sa.BindParameter[Any]:
            return sa.bindparam(name, type_=like.type)

        names = (*CardKey.__slots__, "message_ts")
        same_version = cards.c.version == given("seen_version", cards.c.version)
        dirty_at = sa.case((same_version, given("again_at", cards.c.dirty_at)), else_=given("soon", cards.c.dirty_at))
        is_it = sa.and_(*(cards.c[name] == given(f"its_{name}", cards.c[name]) for name in names))
        statement = cards.update().where(is_it)
        keys = [{**asdict(stale.key), "message_ts": stale.message_ts} for stale, _ in updates]
        rows = [
            {**{f"its_{name}": key[name] for name in names}, **row} for key, (_, row) in zip(keys, updates, strict=True)
        ]
        async with self._db.write() as tx:
            await tx.execute(statement.values(shown=given("new_shown", cards.c.shown), dirty_at=dirty_at), rows)
        return [None] * len(updates)

    async def postpone(self, stale: StaleCard, until: datetime) -> None:
        """Update a card later: Slack asked to wait, or was unreachable."""
        await self._set(stale, dirty_at=until)

    async def refreshed(self, key: CardKey, message_ts: str, fingerprint: str) -> None:
        """Record a card's content after a click on it has refreshed it."""
        by_key = sa.and_(is_card(key), cards.c.message_ts == message_ts)
        async with self._db.write() as tx:
            await tx.execute(cards.update().where(by_key).values(shown=fingerprint))

    async def next_due(self, team_id: str, now: datetime) -> datetime | None:
        """Return when the next message can be updated, or None if none is out of date."""
        waiting = [sa.select(sa.func.min(each.c.dirty_at)).where(each.c.team_id == team_id) for each in (cards, floods)]
        async with self._db.read() as tx:
            dues = [due for due in (await tx.execute(sa.union_all(*waiting))).scalars() if due]
            return max(min(dues), (await method_rate(tx, team_id, UPDATE, now)).ready_at(now)) if dues else None

    async def _set(self, stale: StaleCard, **values: object) -> None:
        by_key = sa.and_(is_card(stale.key), cards.c.message_ts == stale.message_ts)
        async with self._db.write() as tx:
            await tx.execute(cards.update().where(by_key).values(**values))


async def _claim_cards(
    tx: Transaction, most: Mapping[str, int], now: datetime, until: datetime
) -> Mapping[str, list[StaleCard]]:
    """Claim cards until a moment, by workspace. Cards that are already up to date are recorded as up to date.

    Row locks protect them: what another transaction claims is skipped.
    """
    teams = padded(team_id for team_id, number in most.items() if number)
    if not teams:
        return {}
    key = sa.tuple_(*cards.primary_key.columns)
    place = sa.func.row_number().over(partition_by=cards.c.team_id, order_by=cards.c.dirty_at).label("place")
    is_due = sa.and_(cards.c.team_id.in_(teams), cards.c.dirty_at <= now)
    numbered = sa.select(*cards.primary_key.columns, place).where(is_due).subquery()
    first = sa.select(*(numbered.c[column.name] for column in cards.primary_key.columns))
    first = first.where(numbered.c.place <= max(most.values()))
    due = sa.select(*cards.primary_key.columns).where(key.in_(first), is_due).order_by(cards.c.dirty_at)
    keys: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in await tx.execute(due.with_for_update(skip_locked=True)):
        keys[row.team_id].append(tuple(row))
    chosen = [one for team_id, of_team in keys.items() for one in of_team[: most[team_id]]]
    if not chosen:
        return {}
    statement = cards.update().where(key.in_(padded(chosen))).values(dirty_at=until).returning(cards)
    rows = (await tx.execute(statement)).mappings().all()
    present = await present_cards(tx, [(*_key(row), row["trigger"]) for row in rows])
    claimed: defaultdict[str, list[StaleCard]] = defaultdict(list)
    for row in rows:
        claimed[row["team_id"]].append(_stale(row, present.get(_key(row))))
    if current := [_key(row) for row in rows if _stale(row, present.get(_key(row))).is_current]:
        await tx.execute(cards.update().where(key.in_(padded(current))).values(dirty_at=None))
    return claimed


def _stale(row: sa.RowMapping, card: Card | None) -> StaleCard:
    return StaleCard(
        CardKey(*_key(row)),
        row["message_ts"],
        row["token"],
        row["shown"],
        row["version"],
        row["posted_at"],
        replace(card, follows=row["follows_ts"]) if card else None,
    )


def _key(row: sa.RowMapping) -> tuple[str, str, int, str]:
    return (row["team_id"], row["channel_id"], row["connection_id"], row["application_id"])
