"""The poll clock of one connection: cycles that never overlap, a lease, back-off, and the ticks of the limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clust import MAX_PAUSE, MAX_SILENT_PAUSE_SECONDS, ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import ClustBusy, ClustError, ClustUnauthorized
from bot.core.rates import backoff
from bot.poller.cycle import CycleResult, Memory, read_cycle, reclassify
from bot.store import Store
from bot.store.clust.connections import Connection, LeaseLost
from bot.store.clust.polls import PollRow
from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)

TAKEOVER_SECONDS = 3.0
"""Seconds between a process's tries to take over: with the lease it is less than LEASE and 5 s until another polls."""

STOP_SECONDS = 5.0
"""Seconds that a cycle under way gets when the process is asked to stop; nothing is lost when it is cut short."""


@dataclass(frozen=True, slots=True)
class PollTiming:
    """Seconds from one poll's start to the next, seconds a lease lasts, and the Limit where none is named."""

    interval: float
    lease: float
    limit: int


UNREADABLE, NO_DATABASE = "clust can't be read", "the database does not answer"

ENDS = {UNREADABLE: "clust can be read again", NO_DATABASE: "the database answers again"}
"""What the log says when a problem starts, and when it is over."""

OK, SUSPENDED, FAILED = "ok", "suspended", "failed"


@dataclass(frozen=True, slots=True)
class Polled:
    """One poll of a connection, for the metrics: how it ended, how long it took, and what it read."""

    connection: Connection
    result: str
    seconds: float
    pages: int = 0
    changed: int = 0


class Poller:
    """Polls one connection; of several processes, the one that holds the lease."""

    def __init__(
        self,
        connection_id: int,
        owner: str,
        client: ClustClient,
        store: Store,
        rules: StatusRules,
        rules_text: str,
        pace: PollTiming,
        clock: Callable[[], datetime],
        deliveries_waiting: Callable[[], None],
        polled: Callable[[Polled], None] = lambda _: None,
    ) -> None:
        """`deliveries_waiting` is called when deliveries may wait, `polled` after each poll.

        `rules_text` is compared with the rules last applied.
        """
        self._polled = polled
        self._connection_id, self._owner = connection_id, owner
        self._client, self._store, self._clock = client, store, clock
        self._own_rules, self._rules_text, self._pace, self._deliveries_waiting = (
            rules,
            rules_text,
            pace,
            deliveries_waiting,
        )
        self._rules = rules
        self._interval = timedelta(seconds=pace.interval)
        self._memory = Memory(self._interval)
        self._memory_fence = -1
        self._leads = False
        self._failures = 0
        self._troubles: set[str] = set()
        self._next_tick = self._next_poll = clock()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Check for work now: an admin has answered, or a token works again."""
        if UNREADABLE in self._troubles:
            self._next_poll = self._clock()
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set, then give the lease back."""
        stopping = asyncio.create_task(stop.wait())
        keeping = asyncio.create_task(self._keep_lease())
        try:
            while not stop.is_set():
                self._wake.clear()
                step = asyncio.create_task(self.step())
                await asyncio.wait({step, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not step.done():
                    await asyncio.wait({step}, timeout=STOP_SECONDS)
                    step.cancel()
                await asyncio.gather(step, return_exceptions=stop.is_set())
                await self._rest(stopping)
        finally:
            stopping.cancel()
            keeping.cancel()
            await asyncio.gather(stopping, keeping, return_exceptions=True)
            await self._give_back()

    async def _rest(self, stopping: asyncio.Task[bool]) -> None:
        seconds = (min(self._next_tick, self._next_poll) - self._clock()).total_seconds()
        waking = asyncio.create_task(self._wake.wait())
        await asyncio.wait({waking, stopping}, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
        await asyncio.gather(waking, return_exceptions=True)

    async def step(self) -> None:
        """Do what is due now. An error is logged, and delays the next step (back-off)."""
        started = self._clock()
        try:
            fence = await self._take_lease()
            if fence is None:
                self._note_end(NO_DATABASE)
                soon = timedelta(seconds=min(TAKEOVER_SECONDS, self._pace.lease, self._pace.interval))
                self._next_tick = self._next_poll = started + soon
                return
            await self._leading(fence, started)
            self._note_end(NO_DATABASE)
        except LeaseLost:
            log.info("another process polls now", connection=self._connection_id)
            self._leads = False
            self._next_tick = self._next_poll = self._clock() + timedelta(
                seconds=min(TAKEOVER_SECONDS, self._pace.lease)
            )
        except DATABASE_TROUBLE as error:
            self._next_tick = self._next_poll = self._note_failure(NO_DATABASE, str(error))

    async def _take_lease(self) -> int | None:
        """Take or keep the lease; return its fence, None while another process has it."""
        now = self._clock()
        until = now + timedelta(seconds=self._pace.lease)
        fence = await self._store.connections.take_lease(self._connection_id, self._owner, now, until)
        self._leads = fence is not None
        return fence

    async def _keep_lease(self) -> None:
        """Renew the lease while this process has it, also between two cycles: processes don't poll in turn.

        The fence tells at the commit where a renewal came too late.
        """
        while True:
            await asyncio.sleep(self._pace.lease / 3)
            if self._leads:
                with contextlib.suppress(*DATABASE_TROUBLE):  # the next step says so, and the next renewal may succeed
                    await self._take_lease()

    async def _leading(self, fence: int, started: datetime) -> None:
        """Poll if a poll is due, and tick if a tick is."""
        connection = await self._store.connections.get(self._connection_id)
        await self._follow_rules(connection)
        if fence != self._memory_fence:
            fingerprints = await self._store.applications.fingerprints(self._connection_id)
            self._memory, self._memory_fence = Memory(self._interval, fingerprints), fence
        tick = started >= self._next_tick
        if tick:
            self._next_tick = started + timedelta(seconds=self._pace.interval)
        paused = connection.paused_until is not None and connection.paused_until > started
        polled = False
        if started >= self._next_poll or connection.answer:
            self._next_poll = self._next_tick
            if paused:
                # Any process may end the pause (rule R3): the database is asked often, and Clust is not.
                self._next_poll = min(self._next_tick, started + timedelta(seconds=TAKEOVER_SECONDS))
            else:
                self._client.rate_limiter.probe()
                polled = await self._poll(connection, fence, started)
            note = self._client.rate_limiter.describe()
            if note != connection.pace_note:
                await self._store.connections.note(self._connection_id, pace_note=note)
        if tick or polled:
            await self._store.cycles.tick(self._connection_id, fence, self._pace.limit, self._clock())
            self._deliveries_waiting()

    async def _follow_rules(self, connection: Connection) -> None:
        """Load the status rules, and classify the stored applications again where the rules changed (rule B3)."""
        chosen = json.dumps(connection.chosen_status, sort_keys=True) if connection.chosen_status else ""
        rules_text = f"{self._rules_text}\n{chosen}" if chosen else self._rules_text
        self._rules = self._own_rules.with_chosen(connection.chosen_status)
        if connection.status_rules != rules_text:
            await reclassify(connection, self._store, self._rules, rules_text)

    async def _poll(self, connection: Connection, fence: int, started: datetime) -> bool:
        """Run one cycle. Return True when Clust could be read."""
        try:
            outcome = await read_cycle(
                connection, fence, self._client, self._store, self._rules, self._memory, self._clock
            )
        except ClustError as error:
            await self._note_clust_failure(connection, fence, started, error)
            self._polled(Polled(connection, FAILED, (self._clock() - started).total_seconds()))
            return False
        self._note_success(connection, outcome)
        result, seconds = SUSPENDED if outcome.suspended else OK, (self._clock() - started).total_seconds()
        self._polled(Polled(connection, result, seconds, outcome.pages, outcome.changed))
        return True

    async def _note_clust_failure(
        self, connection: Connection, fence: int, started: datetime, error: ClustError
    ) -> None:
        now = self._clock()
        self._next_poll = self._note_failure(UNREADABLE, error.sentence)
        pause = _pause(error)
        is_alike = connection.failing_way is error.way and connection.failing_alike_since is not None
        await self._store.cycles.keep_poll(
            self._connection_id,
            fence,
            PollRow(started, now, 0, 0, 0, error=error.sentence),
            failing_since=connection.failing_since or started,
            failing_way=error.way,
            failing_alike_since=connection.failing_alike_since if is_alike else started,
            error=error.sentence,
            paused_until=now + pause if pause else None,
        )

    def _note_failure(self, what: str, why: str) -> datetime:
        """Log a problem when it starts, and return when to try again."""
        self._failures += 1
        if what not in self._troubles:
            self._troubles.add(what)
            log.warning(what, connection=self._connection_id, why=why)
        return self._clock() + timedelta(seconds=backoff(self._failures, random.random()))

    def _note_end(self, trouble: str) -> None:
        """Log that a problem is over, if there was one."""
        if trouble in self._troubles:
            self._troubles.remove(trouble)
            log.info(ENDS[trouble], connection=self._connection_id, after_failures=self._failures)
        if not self._troubles:
            self._failures = 0

    def _note_success(self, connection: Connection, outcome: CycleResult) -> None:
        self._note_end(UNREADABLE)
        if outcome.suspended:
            if not connection.suspended:
                log.warning("detection suspended", connection=self._connection_id, why=outcome.suspended)
        elif connection.baseline_at is None:
            log.info("baseline read", connection=self._connection_id, applications=outcome.seen)
        elif outcome.changed:
            log.info("changes seen", changed=outcome.changed, events=outcome.events, deliveries=outcome.deliveries)

    async def _give_back(self) -> None:
        try:
            await self._store.connections.release_lease(self._connection_id, self._owner)
        except DATABASE_TROUBLE as error:
            log.warning("the lease could not be given back; it lapses by itself", error=str(error))


def _pause(error: ClustError) -> timedelta | None:
    """Return how long polls pause after a failure, before they probe; None where they merely back off (rule R3)."""
    if isinstance(error, ClustUnauthorized):
        return MAX_PAUSE
    if isinstance(error, ClustBusy) and (error.retry_after or 0) > MAX_SILENT_PAUSE_SECONDS:
        return timedelta(seconds=min(error.retry_after or 0, MAX_PAUSE.total_seconds()))
    return None
