"""The loop that empties the outbox of every workspace, in their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from weakref import WeakSet

from bot.delivery.workspace_dispatcher import WorkspaceDispatcher
from bot.delivery.workspace_loop import WorkspaceLoop
from bot.store import Store
from bot.store.engine.due_work import DueWork

MAX_IN_FLIGHT = 96
"""Posts in flight in one process: as many connections to Slack are open at once, and one workspace has a third."""

MAX_CLAIMS_AT_ONCE = 4
"""Workspaces that claim something at the same time, with a connection to the database each."""

MAX_DRAIN_SECONDS = 8.0
"""Seconds that posts in flight get when the process is asked to stop."""

UNSERVED_SECONDS = 15.0
"""Until a workspace that is not worked for, or can't be now, is tried again."""

CROWDED_SECONDS = 0.1
"""Until posting is tried again where as much as may be is in flight."""


class Dispatcher:
    """Sends what waits in any workspace; `open_dispatcher` gives what sends in one, None if it is not worked for."""

    def __init__(
        self,
        store: Store,
        open_dispatcher: Callable[[str], Awaitable[WorkspaceDispatcher | None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._open, self._wakeups = open_dispatcher, store.database.wakeups
        # One that a newer token has replaced is kept by its tasks alone.
        self._begun: WeakSet[WorkspaceDispatcher] = WeakSet()
        self._loop = WorkspaceLoop(
            store.due_works.outbox,
            self._begin,
            clock,
            at_once=MAX_CLAIMS_AT_ONCE,
            look_every_seconds=lambda: store.database.wakeups.look_every_seconds,
            trouble="outbox can't be read",
            over="outbox works again",
        )

    def wake(self, team_id: str | None = None) -> None:
        """Look at the outbox now: something was put there, or is due sooner in the workspace `team_id`."""
        self._loop.wake(team_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then begin nothing new and wait for what is in flight."""
        self._wakeups.listeners.append(self.wake)
        try:
            await self._loop.run(stop)
        finally:
            self._wakeups.listeners.remove(self.wake)
            await asyncio.gather(*(each.finish(MAX_DRAIN_SECONDS) for each in self._begun))

    async def _begin(self, work: DueWork) -> float | None:
        dispatcher = await self._open(work.team_id)
        if dispatcher is None:
            return UNSERVED_SECONDS
        if dispatcher not in self._begun:
            dispatcher.ended = partial(self.wake, work.team_id)
            self._begun.add(dispatcher)
        free = MAX_IN_FLIGHT - sum(each.in_flight for each in self._begun)
        return await dispatcher.begin(work.kind, free) if free > 0 else CROWDED_SECONDS
