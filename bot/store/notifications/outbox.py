"""The outbox: deliveries are claimed, posted and marked, within Slack's rate limits.

States change as `TRANSITIONS` of `core.notifications.states` allows. Each claim increases the row's fence, so a process
whose lease has expired can't mark a delivery that another one has claimed since (rule T3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.backoff_and_rates import CHANNEL_GAP
from bot.core.notifications.messages import Card
from bot.core.notifications.states import UNDER_WAY, UNSENT, DeliveryKind, Hold, State
from bot.store.engine.database import Database, LockedTransaction, Transaction
from bot.store.engine.tables import deliveries, paces
from bot.store.notifications.cards import CardKey, Cards
from bot.store.notifications.digests import finish_digest
from bot.store.notifications.floods import touch
from bot.store.notifications.outbox_messages import CLAIMED, READ, Claim, as_claims
from bot.store.notifications.rate_limits import WORKSPACE, ChannelRateLimits
from bot.store.notifications.subscriptions import resume
from bot.store.notifications.transitions import transition
from bot.store.notifications.unclear_posts import is_without

RESULTS = ("sent", "updated", "skipped", "unclear", "again", "held", "failed", "lost")
"""The possible results of a claim. `lost`: another process has claimed the delivery since."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The unsent deliveries of a workspace: in progress, held by kind of hold, and failed."""

    waiting: int
    held: Mapping[str, int]
    failed: int


class Outbox:
    """The outbox of all workspaces."""

    def __init__(
        self, database: Database, posts_per_minute: float, cards: Cards, marked: Callable[[str], None]
    ) -> None:
        """`marked` is called with the result of each claim, the name of the `mark_` method."""
        self._db, self._marked = database, marked
        self._paces = ChannelRateLimits(database, posts_per_minute)
        self._cards = cards

    async def claim(self, team_id: str, owner: str, now: datetime, lease: timedelta, most: int) -> list[Claim]:
        """Claim up to `most` deliveries to post now, in order, at most one per channel.

        Their channel and workspace must not be paused, the channel must have no post in progress, and no earlier
        delivery of the same application may be unsent (rules E2, P1, P2).
        """
        async with self._db.write(lock=team_id) as tx:
            rate = await self._paces.rate(tx, team_id, now)
            allowed = min(most, rate.allowed(now))
            if allowed == 0:
                return []
            heads = _heads(team_id, now).order_by(sa.column("id")).limit(allowed)
            free = sa.select(deliveries.c.id).where(deliveries.c.id.in_(heads), deliveries.c.state == State.PENDING)
            claimed = await _take(
                tx,
                now,
                deliveries.c.id.in_(free.with_for_update(skip_locked=True)),
                attempts=deliveries.c.attempts + 1,
                attempted_at=now,
                lease_owner=owner,
                lease_until=now + lease,
                fence=deliveries.c.fence + 1,
            )
            if claimed:
                await self._paces.rest(tx, team_id, WORKSPACE, rate.after(len(claimed), now))
            return claimed

    async def next_due(self, team_id: str, now: datetime) -> datetime | None:
        """Return the earliest moment at which a post or a search can start; None if nothing waits."""
        rested = sa.case((paces.c.next_at > deliveries.c.due_at, paces.c.next_at), else_=deliveries.c.due_at)
        channel = sa.and_(paces.c.team_id == deliveries.c.team_id, paces.c.channel_id == deliveries.c.channel_id)
        to_post = (
            sa.select(sa.func.min(rested)).select_from(deliveries.outerjoin(paces, channel)).where(_ready(team_id))
        )
        unsettled = sa.case((deliveries.c.state == State.SENDING, deliveries.c.lease_until), else_=deliveries.c.due_at)
        sending = sa.and_(deliveries.c.team_id == team_id, deliveries.c.state == State.SENDING)
        to_settle = sa.select(sa.func.min(unsettled)).where(sa.or_(sending, is_without(team_id)))
        async with self._db.read() as tx:
            posting: datetime | None = (await tx.execute(to_post)).scalar_one()
            settling: datetime | None = (await tx.execute(to_settle)).scalar_one()
            if posting is not None:
                posting = max(posting, (await self._paces.rate(tx, team_id, now)).ready_at(now))
            return min((moment for moment in (posting, settling) if moment), default=None)

    async def mark_sent(self, claim: Claim, message_ts: str, now: datetime, card: Card | None = None) -> bool:
        """Record that Slack accepted the message. Starts the channel's one-second gap.

        Returns False if the lease was lost; then nothing else changes. A digest ends its events too. `card` is
        the card that it was posted as; None for other messages. If its channel was held, the channel is resumed (rule
        P3). The hold that kept it back stays in the row, for `/clust why`.
        """
        values = {"message_ts": message_ts, "sent_at": now}
        async with self._db.write() as tx:
            locked = await self._lock_for_many(tx, claim)
            done = await self._settle(tx, claim, "sent", State.SENT, **values)
            if done and locked is not None and claim.hold == Hold.PROBE:
                await resume(self._db, locked, claim.team_id, claim.channel_id, now)
            if done and card:
                key = CardKey(claim.team_id, claim.channel_id, claim.connection_id, claim.application_id)
                await self._cards.posted(
                    tx, key, message_ts, claim.token, card.trigger, card.fingerprint(), card.follows, now
                )
            if done and claim.kind == DeliveryKind.DIGEST:
                await finish_digest(tx, claim.summary_id or claim.id, claim.part, State.SENT, values)
            elif done and claim.kind == DeliveryKind.EVENT and claim.summary_id:
                await touch(tx, claim.summary_id, now)
            await self._paces.rest(tx, claim.team_id, claim.channel_id, now + CHANNEL_GAP)
            return done

    async def mark_updated(self, claim: Claim, message_ts: str, now: datetime) -> bool:
        """Record that an event is shown by updating its card, which starts no gap in the channel."""
        async with self._db.write() as tx:
            return await self._settle(tx, claim, "updated", State.SENT, message_ts=message_ts, sent_at=now)

    async def mark_skipped(self, claim: Claim, reason: str) -> bool:
        """Skip a delivery that no subscription wants any more."""
        async with self._db.write() as tx:
            return await self._settle(tx, claim, "skipped", State.SKIPPED, reason=reason)

    async def mark_unclear(self, claim: Claim, reason: str, due_at: datetime, now: datetime) -> bool:
        """Record that the outcome of a post is unclear: it is looked up in the channel from `due_at` on."""
        async with self._db.write() as tx:
            done = await self._settle(tx, claim, "unclear", State.UNCLEAR, reason=reason, due_at=due_at)
            await self._paces.rest(tx, claim.team_id, claim.channel_id, now + CHANNEL_GAP)
            return done

    async def mark_again(self, claim: Claim, reason: str | None, due_at: datetime) -> bool:
        """Record that a delivery was not posted: it is tried again at `due_at`, or skipped if unwanted by now.

        Without a `reason` the stored one stays.
        """
        why = {"reason": reason} if reason else {}
        async with self._db.write() as tx:
            done = await self._settle(tx, claim, "again", State.PENDING, due_at=due_at, **why)
            return done and await _skip_unwanted(tx, claim)

    async def mark_held(self, claim: Claim, reason: str) -> bool:
        """Hold a delivery because its channel refuses posts, or skip it if it is unwanted by now."""
        async with self._db.write() as tx:
            done = await self._settle(tx, claim, "held", State.HELD, hold=Hold.CHANNEL, reason=reason)
            return done and await _skip_unwanted(tx, claim)

    async def mark_failed(self, claim: Claim, reason: str) -> bool:
        """Record that Slack will never accept a message; the events of a digest fail with it."""
        values = {"reason": reason}
        async with self._db.write() as tx:
            await self._lock_for_many(tx, claim)
            done = await self._settle(tx, claim, "failed", State.FAILED, **values)
            if done and claim.kind == DeliveryKind.DIGEST:
                await finish_digest(tx, claim.summary_id or claim.id, claim.part, State.FAILED, values)
            return done

    async def throttle(self, claim: Claim, retry_after: timedelta, now: datetime) -> None:
        """Pause the channel after a 429, the whole workspace after 429s from two channels (rules P1, P2)."""
        async with self._db.write(lock=claim.team_id) as tx:
            await self._paces.throttle(tx, claim.team_id, claim.channel_id, retry_after, now)

    async def _lock_for_many(self, tx: Transaction, claim: Claim) -> LockedTransaction | None:
        """Lock the workspace if marking this claim changes rows that other transactions may change too.

        That is the case for a digest, with its events, and for a post that shows that a held channel works. Others need
        no lock; the result is None.
        """
        settles_many = claim.kind == DeliveryKind.DIGEST or claim.hold == Hold.PROBE
        return await self._db.lock(tx, claim.team_id) if settles_many else None

    async def _settle(self, tx: AsyncConnection, claim: Claim, result: str, to: State, **values: Any) -> bool:
        """Mark a claim's delivery, unless another process has claimed it since (rule T3)."""
        settled = transition(to, *_is(claim), **values, lease_until=None)
        done = (await tx.execute(settled)).rowcount == 1
        self._marked(result if done else "lost")
        return done

    async def backlog(self, team_id: str, now: datetime) -> Backlog:
        """Return a workspace's unsent deliveries, and those that failed in the last day."""
        of_team = deliveries.c.team_id == team_id
        # The events of a digest or flood count, not their message; a digest of what is late now has no events.
        counted = sa.or_(
            deliveries.c.kind.in_([DeliveryKind.EVENT, DeliveryKind.REMINDER]),
            sa.and_(deliveries.c.kind == DeliveryKind.DIGEST, deliveries.c.trigger == "late"),
        )
        unsent = sa.and_(of_team, deliveries.c.state.in_(UNSENT), counted)
        hold = sa.case((deliveries.c.state == State.HELD, sa.func.coalesce(deliveries.c.hold, "")))
        states = sa.select(hold, sa.func.count()).where(unsent).group_by(hold)
        lately = sa.and_(of_team, deliveries.c.state == State.FAILED, deliveries.c.due_at > now - timedelta(days=1))
        async with self._db.read() as tx:
            numbers = {row[0]: int(row[1]) for row in await tx.execute(states)}
            return Backlog(
                waiting=numbers.pop(None, 0),
                held=numbers,
                failed=int((await tx.execute(sa.select(sa.func.count()).where(lately))).scalar_one()),
            )


@lru_cache(maxsize=64)  # building it costs more than asking the database
def _ready(team_id: str) -> sa.ColumnElement[bool]:
    """Return the condition for deliveries that can be posted once due, with no earlier one in front (rule E2).

    A mute of one event holds no other event: what it holds follows in a summary. A gathered delivery counts at its
    summary's place, so nothing waits for something that waits for it.
    """
    busy = deliveries.alias()
    posting = sa.select(busy.c.channel_id).where(busy.c.team_id == team_id, busy.c.state == State.SENDING)
    return sa.and_(
        deliveries.c.team_id == team_id,
        deliveries.c.state == State.PENDING,
        deliveries.c.channel_id.not_in(posting),
        ~something_in_front(),
        sa.or_(deliveries.c.kind != DeliveryKind.DIGEST, _digest_ready()),
    )


def something_in_front() -> sa.ColumnElement[bool]:
    """Return the condition that an earlier delivery of the same application must be posted first (rule E2)."""
    earlier = deliveries.alias()
    return sa.exists().where(
        earlier.c.team_id == deliveries.c.team_id,
        earlier.c.channel_id == deliveries.c.channel_id,
        earlier.c.connection_id == deliveries.c.connection_id,
        earlier.c.application_id == deliveries.c.application_id,
        earlier.c.id < deliveries.c.id,
        sa.or_(
            earlier.c.state.in_(UNDER_WAY),
            sa.and_(earlier.c.state == State.GATHERED, earlier.c.summary_id < deliveries.c.id),
            sa.and_(earlier.c.state == State.HELD, earlier.c.hold != Hold.MUTE),
        ),
    )


def _digest_ready() -> sa.ColumnElement[bool]:
    """Return the condition that nothing in a digest part waits behind an earlier notification. Parts stay in order."""
    member, earlier = deliveries.alias(), deliveries.alias()
    behind = sa.exists().where(
        member.c.summary_id == sa.func.coalesce(deliveries.c.summary_id, deliveries.c.id),
        member.c.part == deliveries.c.part,
        member.c.kind == DeliveryKind.EVENT,
        earlier.c.team_id == member.c.team_id,
        earlier.c.channel_id == member.c.channel_id,
        earlier.c.connection_id == member.c.connection_id,
        earlier.c.application_id == member.c.application_id,
        earlier.c.id < member.c.id,
        earlier.c.state.in_(UNDER_WAY),
    )
    return ~behind


def _heads(team_id: str, now: datetime) -> sa.Select[tuple[int]]:
    """Select the delivery that can be posted now in each channel."""
    resting = sa.select(paces.c.channel_id).where(paces.c.team_id == team_id, paces.c.next_at > now)
    return (
        sa.select(sa.func.min(deliveries.c.id).label("id"))
        .where(_ready(team_id), deliveries.c.due_at <= now, deliveries.c.channel_id.not_in(resting))
        .group_by(deliveries.c.channel_id)
    )


async def _take(tx: AsyncConnection, now: datetime, which: sa.ColumnElement[bool], **values: Any) -> list[Claim]:
    """Claim the chosen deliveries for this process and return them in order."""
    columns = [deliveries.c[name] for name in (*CLAIMED, *READ)]
    statement = transition(State.SENDING, which, **values).returning(*columns)
    rows = sorted((await tx.execute(statement)).mappings(), key=lambda row: row["id"])
    return await as_claims(tx, rows, now) if rows else []


def _is(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return deliveries.c.id == claim.id, deliveries.c.fence == claim.fence


async def _skip_unwanted(tx: AsyncConnection, claim: Claim) -> bool:
    """Skip a delivery that would be retried, if all matching subscriptions have ended in the meantime (rule S2).

    It is a second statement, so it sees what was committed while the first one waited for the row. Returns True.
    """
    is_unwanted = sa.cast(deliveries.c.subscription_ids, sa.Text) == "[]"
    of_event = deliveries.c.kind == DeliveryKind.EVENT
    await tx.execute(transition(State.SKIPPED, *_is(claim), of_event, is_unwanted))
    return True
