"""The outbox: deliveries are claimed, posted and marked, within Slack's rate limits.

States change as `TRANSITIONS` of `core.notifications.states` allows. Each claim increases the row's fence, so a process
whose lease has expired can't mark a delivery that another one has claimed since (rule T3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.messages import Card
from bot.core.notifications.states import UNSENT, DeliveryKind, Hold, State
from bot.core.slack_rate_limits import CHANNEL_GAP
from bot.store.engine.database import Database, Transaction
from bot.store.engine.grouping import Grouped, padded
from bot.store.engine.tables import deliveries
from bot.store.notifications.cards import CardKey, Cards, PostedCard
from bot.store.notifications.digests import finish_digest
from bot.store.notifications.floods import touch
from bot.store.notifications.outbox_messages import Claim
from bot.store.notifications.posting.claims import Claims
from bot.store.notifications.rate_limits import ChannelRateLimits
from bot.store.notifications.subscriptions import resume
from bot.store.notifications.transitions import transition


class ClaimResult(StrEnum):
    """How a claim of a delivery ended, as metrics count it."""

    SENT = "sent"
    UPDATED = "updated"
    SKIPPED = "skipped"
    UNCLEAR = "unclear"
    AGAIN = "again"
    HELD = "held"
    FAILED = "failed"
    LOST = "lost"
    """Another process has claimed the delivery since."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The unsent deliveries of a workspace: in progress, held by kind of hold, and failed."""

    waiting: int
    held: Mapping[str, int]
    failed: int


@dataclass(frozen=True, slots=True)
class _SentMessage:
    """A message that Slack accepted, and the card that it was posted as, or None for other messages."""

    claim: Claim
    message_ts: str
    sent_at: datetime
    card: Card | None

    def posted_card(self) -> PostedCard | None:
        """Return the card to store."""
        claim, card = self.claim, self.card
        if card is None:
            return None
        key = CardKey(claim.team_id, claim.channel_id, claim.connection_id, claim.application_id)
        return PostedCard(
            key, self.message_ts, claim.token, card.trigger, card.fingerprint(), card.follows, self.sent_at
        )


class Outbox:
    """The outbox of all workspaces."""

    def __init__(
        self, database: Database, posts_per_minute: float, cards: Cards, marked: Callable[[ClaimResult], None]
    ) -> None:
        """`marked` is called with the result of each claim."""
        self._db, self._marked = database, marked
        self._paces = ChannelRateLimits(database, posts_per_minute)
        self._cards, self._claims = cards, Claims(database, self._paces)
        # Apart: a transaction about one account can't wait for two rows of these, and these for two of its own.
        self._sent = Grouped(self._sent_together, apart=lambda post: post.claim.team_id)

    async def claim(self, team_id: str, owner: str, now: datetime, lease: timedelta, most: int) -> list[Claim]:
        """Claim up to `most` deliveries to post now, in order, at most one per channel.

        Their channel and workspace must not be paused, the channel must have no post in progress, and no earlier
        delivery of the same application may be unsent (rules E2, P1, P2).
        """
        return await self._claims.claim(team_id, owner, now, lease, most)

    async def next_due(self, team_id: str, now: datetime) -> datetime | None:
        """Return the earliest moment at which a post or a search may be able to start, or None if nothing waits."""
        return await self._claims.next_due(team_id, now)

    async def mark_sent(self, claim: Claim, message_ts: str, now: datetime, card: Card | None = None) -> bool:
        """Record that Slack accepted the message. Starts the channel's one-second gap.

        Returns False if the lease was lost, and then changes nothing else. A digest ends its events too. `card` is the
        card that it was posted as, or None for other messages. If its channel was held, the channel is resumed (rule
        P3). The hold that kept it back stays in the row, for `/clust why`.
        """
        post = _SentMessage(claim, message_ts, now, card)
        if not _settles_many(claim):
            done = await self._sent(post)
        else:
            async with self._db.write(lock=claim.team_id) as tx:
                (done,) = await self._sent_in(tx, [post])
                if done and claim.hold == Hold.PROBE:
                    await resume(self._db, tx, claim.team_id, claim.channel_id, now)
                if done and claim.kind == DeliveryKind.DIGEST:
                    values = {"message_ts": message_ts, "sent_at": now}
                    await finish_digest(tx, claim.summary_id or claim.id, claim.part, State.SENT, values)
        self._marked(ClaimResult.SENT if done else ClaimResult.LOST)
        return done

    async def _sent_together(self, posts: Sequence[_SentMessage]) -> list[bool]:
        async with self._db.write() as tx:
            return await self._sent_in(tx, posts)

    async def _sent_in(self, tx: Transaction, posts: Sequence[_SentMessage]) -> list[bool]:
        """Record posts of different workspaces. Returns which still have their lease."""
        pairs = padded((post.claim.id, post.claim.fence) for post in posts)
        claimed = sa.tuple_(deliveries.c.id, deliveries.c.fence).in_(pairs)
        message_ts = sa.case(*padded((deliveries.c.id == post.claim.id, post.message_ts) for post in posts))
        now = max(post.sent_at for post in posts)
        settled = transition(State.SENT, claimed, message_ts=message_ts, sent_at=now, lease_until=None)
        ids = set((await tx.execute(settled.returning(deliveries.c.id))).scalars())
        done = [post for post in posts if post.claim.id in ids]
        await self._cards.posted(tx, [card for post in done if (card := post.posted_card())])
        for post in done:
            if post.claim.kind == DeliveryKind.EVENT and post.claim.summary_id:
                await touch(tx, post.claim.summary_id, post.sent_at)
        rests = {(post.claim.team_id, post.claim.channel_id): post.sent_at + CHANNEL_GAP for post in posts}
        await self._paces.rest(tx, rests)
        return [post.claim.id in ids for post in posts]

    async def mark_updated(self, claim: Claim, message_ts: str, now: datetime) -> bool:
        """Record that an event is shown by updating its card, which starts no gap in the channel."""
        async with self._db.write() as tx:
            return await self._settle(tx, claim, ClaimResult.UPDATED, State.SENT, message_ts=message_ts, sent_at=now)

    async def mark_skipped(self, claim: Claim, reason: str) -> bool:
        """Skip a delivery that no subscription wants any more."""
        async with self._db.write() as tx:
            return await self._settle(tx, claim, ClaimResult.SKIPPED, State.SKIPPED, reason=reason)

    async def mark_unclear(self, claim: Claim, reason: str, due_at: datetime, now: datetime) -> bool:
        """Record that the outcome of a post is unclear: it is looked up in the channel from `due_at` on."""
        async with self._db.write() as tx:
            done = await self._settle(tx, claim, ClaimResult.UNCLEAR, State.UNCLEAR, reason=reason, due_at=due_at)
            await self._paces.rest(tx, {(claim.team_id, claim.channel_id): now + CHANNEL_GAP})
            return done

    async def mark_again(self, claim: Claim, reason: str | None, due_at: datetime) -> bool:
        """Record that a delivery was not posted: it is tried again at `due_at`, or skipped if unwanted by now.

        Without a `reason` the stored one stays.
        """
        why = {"reason": reason} if reason else {}
        async with self._db.write() as tx:
            done = await self._settle(tx, claim, ClaimResult.AGAIN, State.PENDING, due_at=due_at, **why)
            return done and await _skip_unwanted(tx, claim)

    async def mark_held(self, claim: Claim, reason: str) -> bool:
        """Hold a delivery because its channel refuses posts, or skip it if it is unwanted by now."""
        async with self._db.write() as tx:
            done = await self._settle(tx, claim, ClaimResult.HELD, State.HELD, hold=Hold.CHANNEL, reason=reason)
            return done and await _skip_unwanted(tx, claim)

    async def mark_failed(self, claim: Claim, reason: str) -> bool:
        """Record that Slack will never accept a message. The events of a digest fail with it."""
        values = {"reason": reason}
        async with self._db.write(lock=claim.team_id) if _settles_many(claim) else self._db.write() as tx:
            done = await self._settle(tx, claim, ClaimResult.FAILED, State.FAILED, **values)
            if done and claim.kind == DeliveryKind.DIGEST:
                await finish_digest(tx, claim.summary_id or claim.id, claim.part, State.FAILED, values)
            return done

    async def throttle(self, claim: Claim, retry_after: timedelta, now: datetime) -> None:
        """Pause the channel after a 429, the whole workspace after 429s from two channels (rules P1, P2)."""
        async with self._db.write(lock=claim.team_id) as tx:
            await self._paces.throttle(tx, claim.team_id, claim.channel_id, retry_after, now)

    async def _settle(self, tx: Transaction, claim: Claim, result: ClaimResult, to: State, **values: Any) -> bool:
        """Mark a claim's delivery, unless another process has claimed it since (rule T3)."""
        settled = transition(to, *_is(claim), **values, lease_until=None)
        done = (await tx.execute(settled)).rowcount == 1
        self._marked(result if done else ClaimResult.LOST)
        return done

    async def backlog(self, team_id: str, now: datetime) -> Backlog:
        """Return a workspace's unsent deliveries, and those that failed in the last day."""
        of_team = deliveries.c.team_id == team_id
        # The events of a digest or flood count, not their message. A digest of what is late now has no events of its
        # own.
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


def _is(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return deliveries.c.id == claim.id, deliveries.c.fence == claim.fence


async def _skip_unwanted(tx: Transaction, claim: Claim) -> bool:
    """Skip a delivery that would be retried, if all matching subscriptions have ended in the meantime (rule S2).

    It is a second statement, so it sees what was committed while the first one waited for the row. Returns True.
    """
    is_unwanted = sa.cast(deliveries.c.subscription_ids, sa.Text) == "[]"
    of_event = deliveries.c.kind == DeliveryKind.EVENT
    await tx.execute(transition(State.SKIPPED, *_is(claim), of_event, is_unwanted))
    return True


def _settles_many(claim: Claim) -> bool:
    """Return whether marking this claim changes rows that other transactions may change too.

    That is the case for a digest, with its events, and for a post that shows that a held channel works. It needs the
    workspace's lock then.
    """
    return claim.kind == DeliveryKind.DIGEST or claim.hold == Hold.PROBE
