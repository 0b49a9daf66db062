"""One loop of a process for one subject in all of its workspaces.

It queries the database once for what is due in which workspace, and starts it there: longest overdue first, only so
many at once, and never the same work twice at once. So a workspace without due work costs nothing, and a busy or slow
one delays no other.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime

import structlog

from bot.core.backoff import backoff
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.due_work import DueWork, WorkKind
from bot.store.engine.periodic import pause, run_when_due

log = structlog.get_logger(__name__)

ASK_EVERY_SECONDS = 0.01
"""Between two questions to the database, whatever is due."""

QUESTION_LASTS_SECONDS = 0.25
"""Seconds after the database's answer until the database is queried again even if not everything has started.

Newer work may be due earlier.
"""

AFTER_FAILURE_SECONDS = 15.0
"""Seconds until work that failed unexpectedly is tried again."""

Unit = tuple[str, WorkKind]
"""What runs at most once at a time: one kind of work in one workspace."""


class WorkspaceLoop:
    """Works for all workspaces in which something is due.

    `due` queries the database. `work` starts one kind of work in one workspace and returns the seconds until another
    try makes sense, or None if the database says so itself. `look_every_seconds` is the longest pause. `trouble` is
    logged when the database fails, and `over` when it works again.
    """

    def __init__(
        self,
        due: Callable[[], Awaitable[Sequence[DueWork]]],
        work: Callable[[DueWork], Awaitable[float | None]],
        clock: Callable[[], datetime],
        *,
        at_once: int,
        look_every_seconds: Callable[[], float],
        ask_every_seconds: float = ASK_EVERY_SECONDS,
        trouble: str,
        over: str,
    ) -> None:
        self._due, self._work, self._clock = due, work, clock
        self._places, self._look_every_seconds = asyncio.Semaphore(at_once), look_every_seconds
        self._ask_every_seconds, self._answer_seconds = ask_every_seconds, 0.0
        self._trouble, self._over = trouble, over
        self._wake = asyncio.Event()
        self._busy: dict[Unit, asyncio.Task[None]] = {}
        self._rests_until: dict[Unit, float] = {}
        self._failures: dict[Unit | None, int] = {}

    def wake(self, team_id: str | None = None) -> None:
        """Query the database now, and end the pause of the workspace `team_id`."""
        for unit in [unit for unit in self._rests_until if unit[0] == team_id]:
            del self._rests_until[unit]
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, and then start nothing new, and wait for what is in progress."""

        async def look() -> float:
            seconds = await self._look(stop)
            # However much waits, the database answers no more than half of the time.
            shortest = max(self._ask_every_seconds, self._answer_seconds)
            await pause(stop, shortest)
            return max(0, seconds - shortest)

        try:
            await run_when_due(look, stop, self._wake)
        finally:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _look(self, stop: asyncio.Event) -> float:
        """Start what is due now. Returns the seconds until there is something to do."""
        time = asyncio.get_running_loop().time
        asked_at = time()
        try:
            works = await self._due()
        except DATABASE_TROUBLE as error:
            return self._failed(None, error)
        answered_at = time()
        self._answer_seconds = answered_at - asked_at
        self._succeeded(None)
        waits = self._waits(works, asked_at)
        self._forget(waits)
        for work, seconds in sorted(waits.values(), key=lambda each: each[1]):
            if seconds > 0:
                return min(seconds, self._look_every_seconds())
            await self._places.acquire()
            if stop.is_set() or time() - answered_at > max(QUESTION_LASTS_SECONDS, self._ask_every_seconds):
                self._places.release()
                return 0
            self._begin(work)
        return self._look_every_seconds()

    def _waits(self, works: Sequence[DueWork], asked_at: float) -> dict[Unit, tuple[DueWork, float]]:
        """Return the seconds until each unit can start, negative if overdue, without those in progress."""
        now, waits = self._clock(), dict[Unit, tuple[DueWork, float]]()
        for work in works:
            unit = (work.team_id, work.kind)
            seconds = max((work.due_at - now).total_seconds(), self._rests_until.get(unit, -math.inf) - asked_at)
            if unit not in self._busy and (unit not in waits or seconds < waits[unit][1]):
                waits[unit] = work, seconds
        return waits

    def _forget(self, waits: Container[Unit]) -> None:
        """Drop what is no longer due."""
        for unit in [unit for unit in self._rests_until if unit not in waits and unit not in self._busy]:
            del self._rests_until[unit]
        for unit in [unit for unit in self._failures if unit and unit not in waits and unit not in self._busy]:
            self._succeeded(unit)

    def _begin(self, work: DueWork) -> None:
        unit = (work.team_id, work.kind)
        self._rests_until.pop(unit, None)
        self._busy[unit] = task = asyncio.create_task(self._guarded(unit, work))
        task.add_done_callback(lambda _: self._busy.pop(unit))
        task.add_done_callback(lambda _: self._places.release())

    async def _guarded(self, unit: Unit, work: DueWork) -> None:
        try:
            rest_seconds = await self._work(work)
            self._succeeded(unit)
        except DATABASE_TROUBLE as error:
            rest_seconds = self._failed(unit, error)
        except Exception:
            log.exception("something failed in an unforeseen way", team=work.team_id, what=work.kind)
            rest_seconds = AFTER_FAILURE_SECONDS
        loop = asyncio.get_running_loop()
        if rest_seconds is not None:
            self._rests_until[unit] = loop.time() + rest_seconds
        loop.call_later(rest_seconds or 0, self._wake.set)

    def _failed(self, unit: Unit | None, error: Exception) -> float:
        """Log a database failure if it is new. Returns the seconds until another try."""
        if not self._failures:
            log.warning(self._trouble, error=str(error))
        self._failures[unit] = failures = self._failures.get(unit, 0) + 1
        return backoff(failures, random.random())

    def _succeeded(self, unit: Unit | None) -> None:
        """Log that the database works again, if it had failed and everything works now."""
        failures = self._failures.pop(unit, 0)
        if failures and not self._failures:
            log.info(self._over, after_failures=failures)
