"""Updates living cards and flood cards to their newest state, within the rate limit of chat.update (rule P2)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.core.backoff import backoff
from bot.core.errors import ChannelRefused, DeliveryError, SlackRefused, Throttled
from bot.core.notifications.messages import Card
from bot.delivery.independent_work import run_independently
from bot.delivery.item_reads import ReadSingle
from bot.delivery.notifier import Notifier
from bot.delivery.prechecks import Prechecks
from bot.store import Store
from bot.store.notifications.card_updates import StaleCard, StaleMessages
from bot.store.notifications.floods import StaleFlood

log = structlog.get_logger(__name__)

MAX_AT_ONCE = 10
"""Cards updated at a time. Posts are claimed in between."""


COMPLETED_EVERY, COMPLETED_WITHIN = timedelta(minutes=1), timedelta(hours=1)
"""How often, and for how long after it was posted, a card whose items could not be read is tried again."""


class CardUpdater:
    """Updates the messages of one workspace. One that can't be changed any more is given up."""

    def __init__(
        self,
        team_id: str,
        store: Store,
        notifier: Notifier,
        prechecks: Prechecks,
        lease: timedelta,
        clock: Callable[[], datetime],
        read_single: ReadSingle | None,
    ) -> None:
        self._team_id, self._store, self._notifier, self._prechecks = team_id, store, notifier, prechecks
        self._lease, self._clock, self._read_single = lease, clock, read_single
        self.is_busy = False

    async def next_due(self) -> datetime | None:
        """Return when the next update is due, or None while one is in progress and if there is none."""
        return None if self.is_busy else await self._store.card_updates.next_due(self._team_id, self._clock())

    async def claim(self) -> StaleMessages | None:
        """Claim what is due, as much as the rate allows. None while what was claimed before is being updated.

        The rest keeps its place in the queue.
        """
        if self.is_busy:
            return None
        stale = await self._store.card_updates.claim(self._team_id, self._clock(), self._lease, MAX_AT_ONCE)
        self.is_busy = bool(stale.floods or stale.cards)
        return stale

    async def update(self, stale: StaleMessages) -> None:
        """Update what was claimed, one message after the other, flood cards first."""
        try:
            # What was claimed and failed in an unforeseen way comes again when its lease lapses, behind the others.
            await run_independently(
                [
                    *(partial(self._flood, one) for one in stale.floods),
                    *(partial(self._card, one) for one in stale.cards),
                ],
                "an update",
            )
        finally:
            self.is_busy = False

    async def _card(self, stale: StaleCard) -> None:
        card_updates, card = self._store.card_updates, stale.card and await self._with_items(stale.card)
        fingerprint = card.fingerprint() if card and card.style.update else stale.fingerprint
        again_at = self._complete_at(stale, card)
        if card is None or fingerprint == stale.fingerprint:
            await card_updates.updated(stale, fingerprint, self._clock(), again_at)
            return
        precheck = await self._prechecks.before(stale.key.channel_id)
        if precheck.problem:
            # When the channel takes messages again, all its cards are checked again.
            await card_updates.updated(stale, stale.fingerprint, self._clock())
            return
        card = card.for_channel(is_shared=precheck.is_shared)
        try:
            await self._notifier.update(stale.key.channel_id, stale.message_ts, card, stale.token)
        except ChannelRefused as error:
            await card_updates.updated(stale, stale.fingerprint, self._clock())
            log.info("a card could not be updated", channel=stale.key.channel_id, code=error.code)
        except SlackRefused as error:
            await self._store.cards.lose(stale.key, stale.message_ts, error.code)
            log.info("card lost", channel=stale.key.channel_id, code=error.code)
        except DeliveryError as error:
            await card_updates.postpone(stale, self._retry_at(error))
        else:
            await card_updates.updated(stale, card.fingerprint(), self._clock(), again_at)

    async def _with_items(self, card: Card) -> Card:
        """Return the card with its items, if it needs them and they can be read now."""
        if self._read_single is None or card.account is None or not card.lacks_items or not card.style.update:
            return card
        single = await self._read_single(card.account, card.application.id)
        return card.with_items(single) if single else card

    def _complete_at(self, stale: StaleCard, card: Card | None) -> datetime | None:
        """Return when the items of a card that lacks them are asked for again. None means with its next update."""
        now = self._clock()
        can_be = self._read_single and now - stale.posted_at < COMPLETED_WITHIN
        return now + COMPLETED_EVERY if can_be and card and card.lacks_items and card.style.update else None

    async def _flood(self, stale: StaleFlood) -> None:
        floods = self._store.floods
        try:
            await self._notifier.update(stale.channel_id, stale.message_ts, stale.posting, stale.token)
        except SlackRefused as error:
            await floods.postpone(stale.delivery_id, None)
            log.info("a flood card could not be updated", channel=stale.channel_id, code=error.code)
        except DeliveryError as error:
            await floods.postpone(stale.delivery_id, self._retry_at(error))
        else:
            await floods.updated(stale, self._clock())

    def _retry_at(self, error: DeliveryError) -> datetime:
        seconds = error.retry_after if isinstance(error, Throttled) else backoff(4, random.random())
        return self._clock() + timedelta(seconds=seconds)
