"""The loop that empties the outbox of one workspace (rules T1 to T3, P1, P2).

Each delivery is claimed in the database, posted by a task of its own, and marked. A post whose outcome is unclear is
looked up in its channel before it is posted again. Any number of processes may run this loop over one database.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.core.errors import ChannelRefused, DeliveryError, MessageRefused, NotSent, OutcomeUnclear, Throttled
from bot.core.schedule import backoff
from bot.delivery.notifier import Notifier
from bot.store import Store
from bot.store.database import DATABASE_TROUBLE
from bot.store.deliveries import Claim

log = structlog.get_logger(__name__)

POST_TIMEOUT = timedelta(seconds=10)
"""The most that one post may take."""

AT_ONCE = 32
"""Posts in flight."""

LAST_WORK = 8.0
"""Seconds that posts in flight get when the process is asked to stop."""

LOOK_AGAIN = 1.0
"""Seconds after which deliveries written by another process are found."""

UNREADABLE = frozenset({"missing_scope", "not_allowed_token_type", "no_permission"})
"""Codes of Slack that say: this channel's history will not be shown, whatever we wait for (rule T1)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a claim lasts, and how long beyond a post's time limit an unclear one waits for its look-up."""

    lease: timedelta
    unclear_wait: timedelta


class Dispatcher:
    """Sends what waits for one workspace."""

    def __init__(
        self,
        team_id: str,
        owner: str,
        store: Store,
        notifier: Notifier,
        timing: Timing,
        clock: Callable[[], datetime],
    ) -> None:
        self._team_id, self._owner = team_id, owner
        self._store, self._notifier = store, notifier
        self._timing, self._clock = timing, clock
        self._settle_after = POST_TIMEOUT + timing.unclear_wait
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look at the outbox now: something was put there."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then begin nothing new and wait for what is in flight."""
        failures = 0
        stopping = asyncio.create_task(self._wake_at(stop))
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    await self.claim()
                    pause = await self._pause()
                    if failures:
                        log.info("outbox works again", after_failures=failures)
                    failures = 0
                except DATABASE_TROUBLE as error:
                    failures += 1
                    if failures == 1:
                        log.warning("outbox can't be read", error=str(error))
                    pause = backoff(failures, random.random())
                await self._sleep(pause)
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            await self._finish()

    async def _finish(self) -> None:
        """Wait for what is in flight; what takes too long is left to be looked up when its lease lapses."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_WORK)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def settled(self) -> None:
        """Wait until nothing that was claimed is in flight."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def claim(self) -> None:
        """Claim what may be posted or looked up now, and begin with it."""
        now, lease = self._clock(), self._timing.lease
        unclear = await self._store.deliveries.claim_unclear(self._team_id, self._owner, now, lease, self._settle_after)
        by_channel: defaultdict[str, list[Claim]] = defaultdict(list)
        for claim in unclear:
            by_channel[claim.channel_id].append(claim)
        for channel_id, claims in by_channel.items():
            self._start(self._settle(channel_id, claims))
        free = AT_ONCE - len(self._tasks)
        if free > 0:
            for claim in await self._store.deliveries.claim(self._team_id, self._owner, now, lease, free):
                self._start(self._send(claim))

    async def _pause(self) -> float:
        """Return the seconds until there is something to do, as far as the database knows."""
        now = self._clock()
        due = await self._store.deliveries.next_due(self._team_id, now)
        # Never a busy loop: what is due but could not be claimed just now is another process's, or ours in flight.
        shortest = 0.01
        return LOOK_AGAIN if due is None else min(LOOK_AGAIN, max(shortest, (due - now).total_seconds()))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except DATABASE_TROUBLE as error:
            # The row stays as it was claimed: when the lease lapses, its outcome counts as unclear and is looked up.
            log.warning("a delivery could not be marked", error=str(error))
        except Exception:
            log.exception("a delivery failed in an unforeseen way; it will be looked up when its lease lapses")

    async def _send(self, claim: Claim) -> None:
        """Post one delivery and mark what came of it."""
        outbox = self._store.deliveries
        bound = log.bind(delivery=claim.token, channel=claim.channel_id)
        if self._clock() >= claim.lease_until:  # rule T3: a process that slept may not post
            return
        try:
            async with asyncio.timeout(POST_TIMEOUT.total_seconds()):
                message_ts = await self._notifier.post(claim.channel_id, claim.event, claim.token)
        except Throttled as error:
            now = self._clock()
            retry_after = timedelta(seconds=error.retry_after)
            await outbox.throttle(claim, retry_after, now)
            await outbox.mark_again(claim, "Slack asked to wait.", now + retry_after)
            bound.info("slack asked to wait", seconds=error.retry_after)
        except ChannelRefused as error:
            if await self._store.subscriptions.hold(self._team_id, claim.channel_id, error.code):
                bound.warning("channel held", code=error.code)
            await outbox.mark_held(claim, error.code)
        except MessageRefused as error:
            await outbox.mark_failed(claim, error.sentence)
            bound.error("slack refused a message", code=error.code)
        except NotSent as error:
            wait = timedelta(seconds=backoff(claim.attempts, random.random()))
            await outbox.mark_again(claim, error.sentence, self._clock() + wait)
        except (OutcomeUnclear, TimeoutError) as error:
            now = self._clock()
            reason = error.sentence if isinstance(error, OutcomeUnclear) else "Slack did not answer in time."
            await outbox.mark_unclear(claim, reason, claim.attempted_at + self._settle_after, now)
            bound.info("outcome unclear, will be looked up", reason=reason)
        else:
            if not await outbox.mark_sent(claim, message_ts, self._clock()):
                bound.warning("posted, but the lease had lapsed", message_ts=message_ts)

    async def _settle(self, channel_id: str, claims: list[Claim]) -> None:
        """Look unclear deliveries of one channel up, all in one go (rule T2)."""
        outbox = self._store.deliveries
        oldest = min(claim.attempted_at for claim in claims) - timedelta(minutes=1)
        try:
            found = await self._notifier.find(channel_id, {claim.token for claim in claims}, oldest)
        except DeliveryError as error:
            unreadable = isinstance(error, ChannelRefused) and error.code in UNREADABLE
            if not unreadable:
                await self._look_later(claims, error)
                return
            found = {}
        now = self._clock()
        for claim in claims:
            if message_ts := found.get(claim.token):
                await outbox.mark_sent(claim, message_ts, now)
            else:
                await outbox.mark_again(claim, "It had not arrived; posted again.", now)
        log.info("unclear deliveries settled", channel=channel_id, looked_up=len(claims), found=len(found))

    async def _look_later(self, claims: list[Claim], error: DeliveryError) -> None:
        """Leave deliveries unclear, to be looked up later; a channel that refuses is held, and tells its people."""
        if isinstance(error, ChannelRefused):
            await self._store.subscriptions.hold(self._team_id, claims[0].channel_id, error.code)
        seconds = error.retry_after if isinstance(error, Throttled) else backoff(5, random.random())
        now = self._clock()
        for claim in claims:
            await self._store.deliveries.mark_unclear(claim, error.sentence, now + timedelta(seconds=seconds), now)
