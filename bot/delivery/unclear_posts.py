"""Look up unclear deliveries in their channels, a page at a time, and mark them as posted or not (rules T0 to T2)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.core.backoff import backoff
from bot.core.check_schedule import wait_after
from bot.core.errors import ChannelRefused, DeliveryError, MessageLost, SlackRefused, ThreadRefused, Throttled
from bot.core.notifications.messages import Card
from bot.core.notifications.unclear_posts import LookUp
from bot.delivery.notifier import Notifier
from bot.delivery.prechecks import Prechecks
from bot.delivery.sender import POST_TIMEOUT, Timing
from bot.store import Store

log = structlog.get_logger(__name__)

UNREADABLE = frozenset({"missing_scope", "not_allowed_token_type", "no_permission"})
"""Slack's codes for a channel whose history will never be readable (rule T1)."""

UNKNOWN_CURSOR = "invalid_cursor"
"""Slack's code for a cursor that has expired."""


class UnclearPostResolver:
    """Resolves unclear outcomes in one workspace. `owner` identifies this process."""

    def __init__(
        self,
        team_id: str,
        owner: str,
        store: Store,
        notifier: Notifier,
        prechecks: Prechecks,
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._owner = team_id, owner
        self._store, self._notifier, self._prechecks = store, notifier, prechecks
        self._timing, self._clock = timing, clock

    async def claim(self) -> list[LookUp]:
        """Claim the searches that can be continued now."""
        timing = self._timing
        return await self._store.unclear_posts.claim(
            self._team_id, self._clock(), timing.lease, timing.resolve_after, POST_TIMEOUT
        )

    async def next_due(self) -> datetime | None:
        """Return when a search can be continued, or None if there is none."""
        return await self._store.unclear_posts.next_due(self._team_id, self._clock())

    async def carry_on(self, look_up: LookUp) -> None:
        """Read one more page of a claimed search, and resolve its deliveries if it was the last one."""
        if not look_up.is_complete:
            look_up, due_at = await self._read(look_up)
            if not await self._store.unclear_posts.keep(look_up, due_at, self._clock()):
                return
        if look_up.is_complete:
            await self._resolve(look_up)

    async def _read(self, look_up: LookUp) -> tuple[LookUp, datetime]:
        """Return the search after one more call, and when the next one is due."""
        try:
            page = await self._notifier.look_up(look_up)
        except (MessageLost, ThreadRefused):
            return look_up.in_channel(), self._clock()
        except Throttled as error:
            return look_up.failed(), self._clock() + timedelta(seconds=error.retry_after)
        except SlackRefused as error:
            return await self._refused(look_up, error)
        except DeliveryError as error:
            log.info("a look-up failed", channel=look_up.channel_id, error=str(error))
            return look_up.failed(), self._later(look_up)
        return look_up.after(page), self._clock()

    async def _refused(self, look_up: LookUp, error: SlackRefused) -> tuple[LookUp, datetime]:
        """Hold a channel that refuses to be read. If Slack will never show its messages, nothing was found.

        A held channel is retried ever less often (rule P4), and at once when it works again.
        """
        if error.code in UNREADABLE:
            return look_up.given_up(), self._clock()
        if error.code == UNKNOWN_CURSOR:
            return look_up.again(), self._later(look_up)
        if isinstance(error, ChannelRefused):
            await self._prechecks.refused(look_up.channel_id, error.code)
        return look_up.failed(), self._clock() + wait_after(look_up.failures + 1)

    def _later(self, look_up: LookUp) -> datetime:
        return self._clock() + timedelta(seconds=backoff(look_up.failures + 1, random.random()))

    async def _resolve(self, look_up: LookUp) -> None:
        """Mark what was found as sent, and let the rest be posted again."""
        outbox, now = self._store.outbox, self._clock()
        claims = await self._store.unclear_posts.claims(look_up, self._owner, now, self._timing.lease)
        for claim in claims:
            if message_ts := look_up.posts.get(claim.token):
                post = claim.plan.post
                card = post if isinstance(post, Card) and claim.thread_ts is None else None
                await outbox.mark_sent(claim, message_ts, now, card)
            else:
                # Why it was unclear stays known: a notification that comes late says so.
                await outbox.mark_again(claim, None, now)
        await self._store.unclear_posts.end(look_up)
        log.info(
            "unclear deliveries resolved",
            channel=look_up.channel_id,
            looked_up=len(claims),
            found=len(look_up.posts),
            calls=look_up.tries,
        )
