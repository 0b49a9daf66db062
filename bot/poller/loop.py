"""The polls of one connection: when it is read, back-off, pauses, and the ticks of the Limits."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from bot.clust import ClustClient
from bot.core.account_notes import failure
from bot.core.applications.status_rules import StatusRules
from bot.core.backoff import backoff
from bot.core.errors import ClustError
from bot.poller.cycle import CycleResult, Memory, read_cycle, reclassify
from bot.poller.hint_reads import HintReads
from bot.poller.poll_times import next_poll_at, pause_after
from bot.store import Store
from bot.store.clust.account_shares import DueAccount
from bot.store.clust.connections import Connection, looked_at_next
from bot.store.clust.polls import PollRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PollTiming:
    """The poll interval and the length of a lease. Also the Limit of subscriptions without one."""

    interval_seconds: float
    lease_seconds: float
    limit: int


UNREADABLE, READABLE_AGAIN = "clust can't be read", "clust can be read again"
"""What the log says when a problem starts, and when it is over."""


class PollOutcome(StrEnum):
    """How a poll ended, as metrics count it."""

    OK = "ok"
    SUSPENDED = "suspended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Polled:
    """One poll of a connection, for the metrics: how it ended, how long it took, and what it read."""

    connection: Connection
    result: PollOutcome
    seconds: float
    pages: int = 0
    changed: int = 0


class Poller:
    """Polls one account as long as its process has the lease."""

    def __init__(
        self,
        connection_id: int,
        store: Store,
        rules: StatusRules,
        rules_text: str,
        timing: PollTiming,
        clock: Callable[[], datetime],
        deliveries_waiting: Callable[[str], None],
        polled: Callable[[Polled], None] = lambda _: None,
    ) -> None:
        """`deliveries_waiting` is called with a workspace whose deliveries a tick may have released.

        `polled` is called after each poll. `rules_text` is compared with the rules last applied.
        """
        self._polled, self._deliveries_waiting = polled, deliveries_waiting
        self._connection_id, self._store, self._clock = connection_id, store, clock
        self._own_rules, self._rules_text, self._timing = rules, rules_text, timing
        self._rules = rules
        self._interval = timedelta(seconds=timing.interval_seconds)
        self._memory, self._memory_of = Memory(self._interval), (-1, "")
        self._failures = 0
        self._hint_reads = HintReads(store)
        self._next_tick = self._next_poll = self._ticked_at = clock()

    @property
    def next_at(self) -> datetime:
        """When the account is polled next, unless someone asks for it earlier."""
        return min(self._next_tick, self._next_poll)

    async def step(self, due: DueAccount, client: ClustClient) -> None:
        """Poll if a poll is due, tick if a tick is, and read hints. Raises LeaseLost, and the database's errors."""
        connection, started = due.connection, self._clock()
        await self._follow_rules(connection)
        await self._remember(connection)
        if connection.poll_at is not None and connection.poll_at > started:
            await self._read_hints(connection, client)
            return
        if connection.poll_at is None:
            self._next_poll = started
        tick = started >= self._next_tick
        if tick:
            self._next_tick, self._ticked_at = next_poll_at(self._connection_id, started, self._interval), started
        paused = connection.paused_until is not None and connection.paused_until > started
        outcome = None
        if not paused and (started >= self._next_poll or connection.answer):
            self._next_poll = self._next_tick
            client.rate_limiter.probe()
            outcome = await self._poll(due, client, started)
        else:
            if paused and connection.paused_until:
                self._next_poll = min(connection.paused_until, self._next_tick)
            await self._store.connections.note(self._connection_id, **self._looked_at_next(connection))
        note = client.rate_limiter.note()
        if note != connection.pace_note:
            await self._store.connections.note(self._connection_id, pace_note=note)
        if (tick and due.is_waiting) or (outcome and (due.is_waiting or outcome.deliveries)):
            limit = self._timing.limit
            await self._store.polls.tick(self._connection_id, connection.fence, limit, self._clock())
            self._deliveries_waiting(connection.team_id)
        if due.has_hints and outcome and not outcome.suspended:
            await self._store.hints.settle(self._connection_id, connection.fence, started)

    async def _read_hints(self, connection: Connection, client: ClustClient) -> None:
        """Read what webhooks named. What is posted of it shares the limit of the last tick (rule S3)."""
        created = await self._hint_reads.read(connection, client, self._rules, self._memory, self._clock)
        if created:
            limit, now = self._timing.limit, self._clock()
            await self._store.polls.tick(self._connection_id, connection.fence, limit, now, since=self._ticked_at)
            self._deliveries_waiting(connection.team_id)

    def _looked_at_next(self, connection: Connection) -> Mapping[str, object]:
        return looked_at_next(connection, self.next_at)

    async def _remember(self, connection: Connection) -> None:
        """Read the fingerprints, unless they are in memory since this process leased the account."""
        leased_as = (connection.fence, connection.credential)
        if leased_as != self._memory_of:
            fingerprints: dict[str, int] = {}
            if connection.baseline_at is not None:
                fingerprints = await self._store.applications.fingerprints(self._connection_id)
            self._memory, self._memory_of = Memory(self._interval, fingerprints), leased_as

    async def _follow_rules(self, connection: Connection) -> None:
        """Load the status rules, and reclassify the stored applications if the rules changed (rule B3)."""
        chosen = json.dumps(connection.chosen_status, sort_keys=True) if connection.chosen_status else ""
        rules_text = f"{self._rules_text}\n{chosen}" if chosen else self._rules_text
        self._rules = self._own_rules.with_chosen(connection.chosen_status)
        if connection.status_rules != rules_text:
            await reclassify(connection, self._store, self._rules, rules_text)

    async def _poll(self, due: DueAccount, client: ClustClient, started: datetime) -> CycleResult | None:
        """Run one cycle. Returns None if Clust could not be read."""
        connection = due.connection
        try:
            outcome = await read_cycle(
                connection,
                connection.fence,
                client,
                self._store,
                self._rules,
                self._memory,
                self._clock,
                next_at=self.next_at,
                is_settled=due.is_settled,
            )
        except ClustError as error:
            await self._note_clust_failure(connection, started, error)
            self._polled(Polled(connection, PollOutcome.FAILED, (self._clock() - started).total_seconds()))
            return None
        self._note_success(connection, outcome)
        result = PollOutcome.SUSPENDED if outcome.suspended else PollOutcome.OK
        seconds = (self._clock() - started).total_seconds()
        self._polled(Polled(connection, result, seconds, outcome.pages, outcome.changed))
        return outcome

    async def _note_clust_failure(self, connection: Connection, started: datetime, error: ClustError) -> None:
        now, pause = self._clock(), pause_after(error)
        self._failures += 1
        if connection.failing_since is None:
            log.warning(UNREADABLE, connection=self._connection_id, why=error.sentence)
        if pause:
            self._next_poll = min(now + pause, self._next_tick)
        else:
            self._next_poll = now + timedelta(seconds=backoff(self._failures, random.random()))
        is_alike = connection.failing_way is error.way and connection.failing_alike_since is not None
        await self._store.polls.keep_poll(
            self._connection_id,
            connection.fence,
            PollRow(started, now, 0, 0, 0, error=error.sentence),
            failing_since=connection.failing_since or started,
            failing_way=error.way,
            failing_alike_since=connection.failing_alike_since if is_alike else started,
            error=failure(error),
            paused_until=now + pause if pause else None,
            **self._looked_at_next(connection),
        )

    def _note_success(self, connection: Connection, outcome: CycleResult) -> None:
        self._failures = 0
        if connection.failing_since:
            log.info(READABLE_AGAIN, connection=self._connection_id, failing_since=connection.failing_since.isoformat())
        if outcome.suspended:
            if not connection.suspended:
                log.warning("detection suspended", connection=self._connection_id, why=outcome.suspended)
        elif connection.baseline_at is None:
            log.info("baseline read", connection=self._connection_id, applications=outcome.seen)
        elif outcome.changed:
            log.info("changes seen", changed=outcome.changed, events=outcome.events, deliveries=outcome.deliveries)
