"""The loop that works through the outbox of all workspaces, in turn."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from bot.delivery.workspace_dispatcher import WorkspaceDispatcher
from bot.delivery.workspace_loop import WorkspaceLoop
from bot.store import Store
from bot.store.engine.due_work import DueWork

MAX_IN_FLIGHT = 96
"""Posts in progress in one process, each with a connection to Slack. One workspace gets a third."""

MAX_CLAIMS_AT_ONCE = 64
"""Workspaces that claim deliveries at the same time. They share transactions."""

SHARE_OF_FREE = 8
"""One workspace may claim the posts that may still begin divided by this, so that several can claim at once."""

MAX_DRAIN_SECONDS = 8.0
"""Seconds that posts in progress get when the process is asked to stop."""

UNSERVED_SECONDS = 15.0
"""Seconds until a workspace is tried again that isn't served or can't be now."""

CROWDED_SECONDS = 0.1
"""Seconds until the next try when the maximum of posts is in progress."""


class Dispatcher:
    """Sends what is due in any workspace. `open_dispatcher` returns a workspace's sender, None if it isn't served."""

    def __init__(
        self,
        store: Store,
        open_dispatcher: Callable[[str], Awaitable[WorkspaceDispatcher | None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._open, self._wakeups = open_dispatcher, store.database.wakeups
        self._active: set[WorkspaceDispatcher] = set()
        self._reserved = 0
        self._loop = WorkspaceLoop(
            store.due_work.outbox,
            self._begin,
            clock,
            at_once=MAX_CLAIMS_AT_ONCE,
            look_every_seconds=lambda: store.database.wakeups.look_every_seconds,
            trouble="outbox can't be read",
            over="outbox works again",
        )

    def wake(self, team_id: str | None = None) -> None:
        """Check the outbox now: something was added, or is due sooner in the workspace `team_id`."""
        self._loop.wake(team_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, and then start nothing new and wait for posts in progress."""
        self._wakeups.listeners.append(self.wake)
        try:
            await self._loop.run(stop)
        finally:
            self._wakeups.listeners.remove(self.wake)
            await asyncio.gather(*(each.finish(MAX_DRAIN_SECONDS) for each in self._active))

    async def _begin(self, work: DueWork) -> float | None:
        dispatcher = await self._open(work.team_id)
        if dispatcher is None:
            return UNSERVED_SECONDS
        dispatcher.ended = partial(self._ended, dispatcher, work.team_id)
        free = MAX_IN_FLIGHT - self._reserved - sum(each.in_flight for each in self._active)
        if free <= 0:
            return CROWDED_SECONDS
        most = math.ceil(free / SHARE_OF_FREE)
        self._reserved += most
        try:
            return await dispatcher.begin(work.kind, most)
        finally:
            self._reserved -= most
            if dispatcher.in_flight:
                self._active.add(dispatcher)

    def _ended(self, dispatcher: WorkspaceDispatcher, team_id: str) -> None:
        """Forget a workspace without work in progress, and begin what waited for that."""
        if not dispatcher.in_flight:
            self._active.discard(dispatcher)
        self.wake(team_id)
