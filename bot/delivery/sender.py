"""Sends one delivery: updates its card, posts it, and marks the result (rules T1 to T3, P2).

The update comes first: no reply follows an update that failed. A card that can't be updated any more is given up, and
the delivery is claimed again and posts a new one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.backoff import backoff
from bot.core.errors import (
    ChannelRefused,
    DeliveryError,
    NotSent,
    SlackRefused,
    ThreadRefused,
    Throttled,
)
from bot.core.notifications.delivery_plan import DeliveryPlan
from bot.core.notifications.messages import Card, Reminder, ThreadReply
from bot.core.notifications.reasons import NO_ANSWER, UNWANTED, UPDATE_LIMIT, reason_of
from bot.core.notifications.slack_error_codes import is_in_info
from bot.delivery.item_reads import ReadSingle
from bot.delivery.notifier import Notifier
from bot.delivery.prechecks import PrecheckResult, Prechecks
from bot.store import Store
from bot.store.notifications.cards import CardKey
from bot.store.notifications.outbox_messages import Claim

log = structlog.get_logger(__name__)

POST_TIMEOUT = timedelta(seconds=10)
"""The time limit of one delivery."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a claim lasts, and how long after a post's time limit an unclear one is looked up."""

    lease: timedelta
    unclear_wait: timedelta

    @property
    def resolve_after(self) -> timedelta:
        """How long after its attempt a delivery is looked up."""
        return POST_TIMEOUT + self.unclear_wait


class Sender:
    """Sends and marks the claims of one workspace."""

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        prechecks: Prechecks,
        timing: Timing,
        clock: Callable[[], datetime],
        read_single: ReadSingle | None,
    ) -> None:
        self._store, self._notifier, self._prechecks = store, notifier, prechecks
        self._timing, self._clock, self._read_single = timing, clock, read_single

    async def send(self, claim: Claim) -> None:
        """Send a claim's delivery and mark the result. Runs in a task of its own, whose log lines name the delivery."""
        outbox, plan = self._store.outbox, claim.plan
        structlog.contextvars.bind_contextvars(delivery=claim.token, channel=claim.channel_id)
        if plan.post is None and plan.update is None:
            await outbox.mark_skipped(claim, UNWANTED)
            return
        message_ts = ""
        try:
            async with asyncio.timeout(POST_TIMEOUT.total_seconds()):
                precheck = await self._precheck(claim)
                plan = await self._with_items(plan, precheck)
                # Rule T3: a process that slept must not post.
                if not precheck.is_open or self._clock() >= claim.lease_until:
                    return
                if plan.update and not await self._update(claim, plan.update):
                    return
                if plan.post is None:
                    await outbox.mark_updated(claim, claim.thread_ts or "", self._clock())
                    return
                try:
                    message_ts = await self._notifier.post(claim.channel_id, plan.post, claim.token, claim.thread_ts)
                except DeliveryError as error:
                    await self._not_posted(claim, error)
                    return
        except TimeoutError:
            await self._perhaps_posted(claim, NO_ANSWER)
            return
        card = plan.post if isinstance(plan.post, Card) else None
        if not await outbox.mark_sent(claim, message_ts, self._clock(), card):
            log.warning("posted, but the lease had lapsed", message_ts=message_ts)

    async def _precheck(self, claim: Claim) -> PrecheckResult:
        """Return whether the post is allowed by what it depends on. If not, the delivery is marked (rule P5)."""
        post = claim.plan.post
        mentioned = post.mention if isinstance(post, Card | ThreadReply | Reminder) else None
        precheck = await self._prechecks.before(claim.channel_id, mentioned)
        if precheck.problem:
            await self._store.outbox.mark_held(claim, precheck.problem)
        elif precheck.gone:
            # Claimed again, it posts what is still wanted. What only people want who are gone is held.
            await self._store.outbox.mark_again(claim, None, self._clock())
            await self._prechecks.let_go(precheck.gone)
        return precheck

    async def _with_items(self, plan: DeliveryPlan, precheck: PrecheckResult) -> DeliveryPlan:
        """Let the cards name what is missing, if the channel may read it and Clust says it in time."""
        plan = plan.with_cards(lambda card: card.for_channel(is_shared=precheck.is_shared))
        card = next((card for card in plan.cards if card.lacks_items), None)
        if self._read_single is None or card is None or card.account is None or not precheck.is_open:
            return plan
        single = await self._read_single(card.account, card.application.id)
        return plan.with_cards(lambda each: each.with_items(single)) if single else plan

    async def _update(self, claim: Claim, card: Card) -> bool:
        """Update the card. Returns False if that failed. The delivery is marked to be retried then."""
        living, outbox = claim.plan.living, self._store.outbox
        fingerprint = card.fingerprint()
        if living is None or living.fingerprint == fingerprint:
            return True
        key = _key(claim)
        try:
            await self._notifier.update(claim.channel_id, living.message_ts, card, living.token)
        except Throttled as error:
            later = self._clock() + timedelta(seconds=error.retry_after)
            await outbox.mark_again(claim, UPDATE_LIMIT, later)
        except SlackRefused as error:
            # Whether the channel takes posts a post shows better: here a new card.
            if isinstance(error, ChannelRefused) and is_in_info(error.code):
                await self._refused(claim, error)
            else:
                await self._lost(claim, living.message_ts, error)
        except DeliveryError as error:
            # An update does the same however often it is made.
            await outbox.mark_again(claim, reason_of(error), self._later(claim))
        else:
            await self._store.cards.event_updated(key, living.message_ts, card.trigger, fingerprint, self._clock())
            return True
        return False

    async def _not_posted(self, claim: Claim, error: DeliveryError) -> None:
        outbox, now = self._store.outbox, self._clock()
        match error:
            case Throttled():
                retry_after = timedelta(seconds=error.retry_after)
                await outbox.throttle(claim, retry_after, now)
                await outbox.mark_again(claim, reason_of(error), now + retry_after)
                log.info("slack asked to wait", seconds=error.retry_after)
            case ThreadRefused() if claim.thread_ts:
                await self._lost(claim, claim.thread_ts, error)
            case NotSent():
                await outbox.mark_again(claim, reason_of(error), self._later(claim))
            case SlackRefused():
                await self._refused(claim, error)
            case _:
                await self._perhaps_posted(claim, reason_of(error), error.sentence)

    async def _lost(self, claim: Claim, message_ts: str, error: SlackRefused) -> None:
        """Give up the card. When claimed again, the delivery posts a new one, whose thread is used from then on.

        A message without a card, or that can't have a new one, is posted in the channel itself. The reason says that no
        reply is possible.
        """
        await self._store.cards.lose(_key(claim), message_ts, error.code)
        await self._store.outbox.mark_again(claim, error.code, self._clock())
        log.info("card lost", code=error.code)

    async def _refused(self, claim: Claim, error: SlackRefused) -> None:
        """Hold a channel that refused the post. A message that Slack will never accept has failed."""
        if isinstance(error, ChannelRefused | ThreadRefused):
            await self._prechecks.refused(claim.channel_id, error.code)
            await self._store.outbox.mark_held(claim, error.code)
            return
        await self._store.outbox.mark_failed(claim, error.code)
        log.error("slack refused a message", code=error.code)

    async def _perhaps_posted(self, claim: Claim, reason: str, detail: str = "") -> None:
        due_at = claim.attempted_at + self._timing.resolve_after
        await self._store.outbox.mark_unclear(claim, reason, due_at, self._clock())
        log.info("outcome unclear, will be looked up", reason=reason, detail=detail)

    def _later(self, claim: Claim) -> datetime:
        return self._clock() + timedelta(seconds=backoff(claim.attempts, random.random()))


def _key(claim: Claim) -> CardKey:
    return CardKey(claim.team_id, claim.channel_id, claim.connection_id, claim.application_id)
