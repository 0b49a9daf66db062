"""The loop that empties the outbox of one workspace (rules T1 to T3, P1, P2).

Each delivery is claimed in the database, posted by a task of its own, and marked. A post whose outcome is unclear is
looked up in its channel before it is posted again. Any number of processes may run this loop over one database.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from datetime import datetime

import structlog

from bot.core.rates import backoff
from bot.delivery.card_updater import CardUpdater
from bot.delivery.notifier import Notifier
from bot.delivery.prechecks import Gate
from bot.delivery.sender import Sender, Timing
from bot.delivery.settling import Settler
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.periodic import pause

log = structlog.get_logger(__name__)

AT_ONCE = 32
"""Posts in flight."""

MAX_DRAIN_SECONDS = 8.0
"""Seconds that posts in flight get when the process is asked to stop."""

LOOK_EVERY_SECONDS = 0.5
"""Seconds after which deliveries written by another process are found."""


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
        self._store, self._clock = store, clock
        self._timing = timing
        gate = Gate(team_id, store, notifier, clock)
        self._sender = Sender(store, notifier, gate, timing, clock)
        self._settler = Settler(team_id, owner, store, notifier, gate, timing, clock)
        self._redrawer = CardUpdater(team_id, store, notifier, gate, timing.lease, clock)
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
                    seconds = await self._pause()
                    if failures:
                        log.info("outbox works again", after_failures=failures)
                    failures = 0
                except DATABASE_TROUBLE as error:
                    failures += 1
                    if failures == 1:
                        log.warning("outbox can't be read", error=str(error))
                    seconds = backoff(failures, random.random())
                await pause(self._wake, seconds)
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            await self._finish()

    async def _finish(self) -> None:
        """Wait for what is in flight; what takes too long is left to be looked up when its lease lapses."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=MAX_DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until nothing that was claimed is in flight."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def claim(self) -> None:
        """Claim what may be posted or looked up now, and begin with it."""
        now, lease = self._clock(), self._timing.lease
        for look_up in await self._settler.claim():
            self._start(self._settler.carry_on(look_up))
        free = AT_ONCE - len(self._tasks)
        if free > 0:
            for claim in await self._store.deliveries.claim(self._team_id, self._owner, now, lease, free):
                self._start(self._sender.send(claim))
        due = await self._redrawer.next_due()
        if due and due <= now:
            self._start(self._redrawer.redraw())

    async def next_due(self) -> datetime | None:
        """Return when there is something to do next, as far as the database knows; None where nothing waits."""
        dues = [
            await self._store.deliveries.next_due(self._team_id, self._clock()),
            await self._settler.next_due(),
            await self._redrawer.next_due(),
        ]
        return min((one for one in dues if one), default=None)

    async def _pause(self) -> float:
        """Return the seconds until there is something to do."""
        now, due = self._clock(), await self.next_due()
        # Never a busy loop: what is due but could not be claimed just now is another process's, or ours in flight.
        shortest = 0.01
        return (
            LOOK_EVERY_SECONDS if due is None else min(LOOK_EVERY_SECONDS, max(shortest, (due - now).total_seconds()))
        )

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
