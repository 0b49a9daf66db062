"""Checks channels, owners and reminders of all workspaces regularly, and notifies people of problems.

A lease lets one process do this, so Slack is asked once and no one is notified twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bot.delivery.workspace_checks import RESTS, WorkspaceChecks
from bot.delivery.workspace_loop import WorkspaceLoop
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.due_work import DueWork

OPERATIONS = "operations"
"""The name of the lease, which belongs to no workspace."""

LEASE = timedelta(minutes=1)
"""How long a process has the lease. It is renewed, or tried for, at half of that."""

LOOK_EVERY_SECONDS = 5.0
"""Seconds between two queries for due checks."""

ENROL_EVERY = timedelta(seconds=15)
"""Between two queries for what takes part in the checks."""

MAX_ROUNDS_AT_ONCE = 8
"""Workspaces with checks in progress at the same time."""

MAX_NOTIFIED_AT_ONCE = 4
"""Workspaces in which people are notified at the same time."""

UNSERVED_SECONDS = 60.0
"""Seconds until a workspace is tried again that isn't served or can't be now."""

AGAIN_SECONDS = 1.0
"""Seconds until the rest of the due checks continue, since each step has a limited size."""

TROUBLE, OVER = "can't watch channels", "channels are watched again"


class PeriodicChecks:
    """The checks of all workspaces. `open_checks` returns those of one workspace, None if it isn't served."""

    def __init__(
        self,
        owner: str,
        store: Store,
        open_checks: Callable[[str], Awaitable[WorkspaceChecks | None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._owner, self._store, self._open, self._clock = owner, store, open_checks, clock
        self._is_ours = False
        self._ask_at = self._enrol_at = datetime.min.replace(tzinfo=UTC)
        self._asking = asyncio.Lock()
        wakeups = store.database.wakeups
        self._checks = WorkspaceLoop(
            self.due_checks,
            self.begin,
            clock,
            at_once=MAX_ROUNDS_AT_ONCE,
            ask_every_seconds=LOOK_EVERY_SECONDS,
            look_every_seconds=lambda: LOOK_EVERY_SECONDS,
            trouble=TROUBLE,
            over=OVER,
        )
        self._problems = WorkspaceLoop(
            self.due_problems,
            self.begin,
            clock,
            at_once=MAX_NOTIFIED_AT_ONCE,
            look_every_seconds=lambda: wakeups.look_every_seconds,
            trouble="people can't be notified about the bot's own operation",
            over="people are notified about the bot's own operation again",
        )
        self._wakeups = wakeups

    async def run(self, stop: asyncio.Event) -> None:
        """Check and notify until `stop` is set, while this process has the lease, and then release it."""
        self._wakeups.listeners.append(self._problems.wake)
        try:
            await asyncio.gather(self._checks.run(stop), self._problems.run(stop))
        finally:
            self._wakeups.listeners.remove(self._problems.wake)
        with suppress(*DATABASE_TROUBLE):
            await self._store.leases.give_back("", OPERATIONS, self._owner)

    async def due_checks(self) -> Sequence[DueWork]:
        """Return the due checks, or none while another process has the lease. New subjects are enrolled."""
        if not await self._may():
            return ()
        now = self._clock()
        if now >= self._enrol_at:
            self._enrol_at = now + ENROL_EVERY
            await self._store.check_schedule.enrol(now, RESTS)
        return await self._store.due_work.checks()

    async def due_problems(self) -> Sequence[DueWork]:
        """Return the problems and notifications that people must get, or none while another process has the lease."""
        return await self._store.due_work.problems() if await self._may() else ()

    async def begin(self, work: DueWork) -> float | None:
        """Do what is due of one kind in one workspace."""
        checks = await self._open(work.team_id)
        if checks is None:
            return UNSERVED_SECONDS
        await checks.begin(work.kind)
        return AGAIN_SECONDS

    async def _may(self) -> bool:
        async with self._asking:
            now = self._clock()
            if now >= self._ask_at:
                self._is_ours = await self._store.leases.take("", OPERATIONS, self._owner, now, now + LEASE)
                self._ask_at = now + LEASE / 2
            return self._is_ours
