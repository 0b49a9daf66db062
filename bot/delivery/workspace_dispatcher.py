"""Sends the deliveries of one workspace: claims, posts and marks them (rules T1 to T3, P1, P2).

Each is posted in its own task. A post with an unclear outcome is looked up in its channel before it is posted again.
Any number of processes can do this with one database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial

import structlog

from bot.delivery.card_updater import CardUpdater
from bot.delivery.item_reads import ReadSingle
from bot.delivery.notifier import Notifier
from bot.delivery.prechecks import Prechecks
from bot.delivery.sender import Sender, Timing
from bot.delivery.unclear_posts import UnclearPostResolver
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.due_work import WorkKind

log = structlog.get_logger(__name__)

MAX_AT_ONCE = 32
"""Posts in progress in one workspace."""

MAX_REST_SECONDS = 1.0
"""Seconds until deliveries that couldn't start are tried again, in case another process ended what they waited for."""

MIN_REST_SECONDS = 0.01
"""Seconds between tries, to avoid a busy loop over what another process, or this one, is sending."""


class WorkspaceDispatcher:
    """Sends what is due in one workspace."""

    def __init__(
        self,
        team_id: str,
        owner: str,
        store: Store,
        notifier: Notifier,
        timing: Timing,
        clock: Callable[[], datetime],
        read_single: ReadSingle | None = None,
    ) -> None:
        """Without `read_single`, cards don't name what is missing."""
        self._team_id, self._owner = team_id, owner
        self._store, self._clock = store, clock
        self._timing = timing
        prechecks = Prechecks(team_id, store, notifier, clock)
        self._sender = Sender(store, notifier, prechecks, timing, clock, read_single)
        self._resolver = UnclearPostResolver(team_id, owner, store, notifier, prechecks, timing, clock)
        self._card_updater = CardUpdater(team_id, store, notifier, prechecks, timing.lease, clock, read_single)
        self._tasks: set[asyncio.Task[None]] = set()
        self.ended: Callable[[], None] = lambda: None
        """Called when something that was begun has ended: what waited for it may be begun."""

    @property
    def in_flight(self) -> int:
        """The number of tasks that haven't ended."""
        return len(self._tasks)

    async def begin(self, kind: WorkKind, most: int = MAX_AT_ONCE) -> float | None:
        """Start one kind of work, with at most `most` posts. Returns the seconds until another try makes sense.

        Returns None if something was started: then the database must be queried again for what else is due.
        """
        kinds: Mapping[WorkKind, tuple[Callable[[], Awaitable[bool]], Callable[[], Awaitable[datetime | None]]]] = {
            WorkKind.POST: (partial(self._post, most), self._next_post),
            WorkKind.RESOLVE: (self._resolve, self._resolver.next_due),
            WorkKind.CARD_UPDATE: (self._update_cards, self._card_updater.next_due),
        }
        begin, next_due = kinds[kind]
        if await begin():
            return None
        due = await next_due()
        seconds = MAX_REST_SECONDS if due is None else (due - self._clock()).total_seconds()
        return min(MAX_REST_SECONDS, max(MIN_REST_SECONDS, seconds))

    async def claim(self) -> None:
        """Claim and start everything that can start now."""
        await self._resolve()
        await self._post(MAX_AT_ONCE)
        await self._update_cards()

    async def next_due(self) -> datetime | None:
        """Return when there is something to do next, according to the database, or None if nothing waits."""
        dues = [await self._next_post(), await self._resolver.next_due(), await self._card_updater.next_due()]
        return min((one for one in dues if one), default=None)

    async def settled(self) -> None:
        """Wait until nothing claimed is in progress."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def finish(self, seconds: float) -> None:
        """Wait for tasks in progress. What takes longer is looked up when its lease expires."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _resolve(self) -> bool:
        look_ups = await self._resolver.claim()
        for look_up in look_ups:
            self._start(self._resolver.carry_on(look_up))
        return bool(look_ups)

    async def _post(self, most: int) -> bool:
        free = min(most, MAX_AT_ONCE - len(self._tasks))
        if free <= 0:
            return False
        claims = await self._store.outbox.claim(self._team_id, self._owner, self._clock(), self._timing.lease, free)
        for claim in claims:
            self._start(self._sender.send(claim))
        return bool(claims)

    async def _update_cards(self) -> bool:
        stale = await self._card_updater.claim()
        if stale and (stale.floods or stale.cards):
            self._start(self._card_updater.update(stale))
        return bool(stale)

    async def _next_post(self) -> datetime | None:
        return await self._store.outbox.next_due(self._team_id, self._clock())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.ended()

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except DATABASE_TROUBLE as error:
            # The row stays as it was claimed: when the lease lapses, its outcome counts as unclear and is looked up.
            log.warning("a delivery could not be marked", error=str(error))
        except Exception:
            log.exception("a delivery failed in an unforeseen way; it will be looked up when its lease lapses")
