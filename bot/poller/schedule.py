"""Polls this process's fair share of all accounts, each at its time, with a limited number of polls at once.

What it asks the database when nothing happens doesn't depend on the number of accounts. It asks who polls what every
`REDISTRIBUTE_SECONDS` and which accounts are due at most every second, and renews its leases every third of `LEASE`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.clust import ClustClient
from bot.core.backoff import backoff
from bot.core.errors import NoAccount
from bot.poller.loop import Poller, PollTiming
from bot.store import Store
from bot.store.clust.account_shares import DueAccount
from bot.store.clust.connections import Connection, LeaseLost
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.periodic import run_when_due

log = structlog.get_logger(__name__)

MAX_POLLS_AT_ONCE = 16
"""Polls at the same time in one process."""

MAX_FAILING_AT_ONCE = 8
"""Of those, polls of accounts whose last poll failed, which may take half a minute each."""

REDISTRIBUTE_SECONDS = 2.0
"""Seconds between two redistributions of the accounts. A dead process's accounts move within LEASE and 5 s."""

LOOK_EVERY = timedelta(seconds=1)
"""The longest time between two queries for due accounts: another process may have asked for a poll."""

UNFORESEEN = timedelta(seconds=10)
"""Until the next try after an unexpected error of a poll."""

GATHER_SECONDS = 0.5
"""Due accounts within this time are queried together. For a short interval it is a tenth of that."""

MAX_LEASED_AT_ONCE = 1000
"""Accounts that a process leases in one step."""

FREE_PLACES = 4
"""Polls that must have ended before a process with too much to do queries again."""

STOP_SECONDS = 5.0
"""Seconds that polls in progress get when the process is asked to stop. Cutting them short loses nothing."""


class PollSchedule:
    """Polls this process's share of the accounts, or all of them if it is the only process."""

    def __init__(
        self,
        owner: str,
        workspace: str | None,
        store: Store,
        open_client: Callable[[Connection], Awaitable[ClustClient]],
        make_poller: Callable[[int], Poller],
        timing: PollTiming,
        clock: Callable[[], datetime],
    ) -> None:
        """`owner` identifies the process. `workspace` is the only one that it serves, or None if it serves all.

        `open_client` returns an account's client, or raises NoAccount if its token can't be read.
        """
        self._owner, self._workspace, self._store, self._clock = owner, workspace, store, clock
        self._open_client, self._make_poller = open_client, make_poller
        self._lease = timedelta(seconds=timing.lease_seconds)
        self._gather = timedelta(seconds=min(GATHER_SECONDS, timing.interval_seconds / 10))
        self._redistribute_every = timedelta(seconds=min(REDISTRIBUTE_SECONDS, timing.lease_seconds / 3))
        self._leased: set[int] = set()
        self._pollers: dict[int, Poller] = {}
        self._under_way: dict[int, tuple[asyncio.Task[None], bool]] = {}
        self._unreadable: dict[int, str] = {}
        """Accounts whose token this process can't read, with their credential: others may."""
        self._renew_at = self._redistribute_at = clock()
        self._failures = 0
        self._has_more = False
        self._wake = asyncio.Event()
        self._look_soon: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Check now which accounts exist and which are due."""
        self._redistribute_at = self._clock()
        self._wake.set()

    def look_soon(self) -> None:
        """Check soon which accounts are due: work was added, which may be webhook hints."""
        if self._look_soon is None:
            self._look_soon = asyncio.get_running_loop().call_later(self._gather.total_seconds(), self._look)

    def _look(self) -> None:
        self._look_soon = None
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set, then release the leases."""
        listeners = self._store.database.wakeups.listeners
        listeners.append(self.look_soon)
        try:
            await run_when_due(self.poll_due, stop, self._wake)
        finally:
            listeners.remove(self.look_soon)
            await self._end()

    async def step(self) -> None:
        """Do everything that is due now, and wait for it."""
        await self.poll_due()
        while self._under_way:
            await asyncio.gather(*(task for task, _ in self._under_way.values()))
            if self._has_more:
                await self.poll_due()

    async def poll_due(self) -> float:
        """Adjust this process's share, and start due polls. Returns the seconds until the next call."""
        now = self._clock()
        try:
            if now >= self._renew_at:
                await self._renew(now)
            if now >= self._redistribute_at:
                await self._share(now)
            if not await self._start_due(now):
                self._note_end()
        except DATABASE_TROUBLE as error:
            self._note_trouble(error)
        return self._seconds_left()

    def _seconds_left(self) -> float:
        """Return the seconds until the next query. Accounts that are due soon are queried together."""
        if self._failures:
            return backoff(self._failures, random.random())
        now = self._clock()
        next_polls = (poller.next_at for key, poller in self._pollers.items() if key not in self._under_way)
        next_at = max(min(next_polls, default=now + LOOK_EVERY), now + self._gather)
        return (min(next_at, self._renew_at, self._redistribute_at, now + LOOK_EVERY) - now).total_seconds()

    async def _renew(self, now: datetime) -> None:
        """Renew the leases of this process."""
        self._leased = await self._store.account_shares.renew(self._owner, now, now + self._lease)
        self._renew_at = now + self._lease / 3

    async def _share(self, now: datetime) -> None:
        """Lease free accounts up to this process's share, or release what exceeds it."""
        shares, most = self._store.account_shares, MAX_LEASED_AT_ONCE + len(self._unreadable)
        distribution = await shares.distribution(self._owner, self._workspace, now, most)
        self._redistribute_at = now + self._redistribute_every
        room = distribution.part - distribution.leased
        free = [one for one, credential in distribution.free.items() if self._unreadable.get(one) != credential]
        if room > 0 and free:
            self._leased |= (await shares.take(self._owner, free[:room], now, now + self._lease)).keys()
        elif room < 0:
            idle = [one for one in self._leased if one not in self._under_way][:-room]
            self._leased.difference_update(idle)
            await shares.give_back(self._owner, idle)
        # What is in memory of accounts that other processes poll now is forgotten.
        for gone in self._pollers.keys() - self._leased - self._under_way.keys():
            del self._pollers[gone]

    async def _start_due(self, now: datetime) -> bool:
        """Start due polls, as many as the limits allow. Returns whether there are any."""
        places = MAX_POLLS_AT_ONCE - len(self._under_way)
        self._has_more = not places
        if not places:
            return True
        due = await self._store.account_shares.due(self._owner, self._workspace, now, places, self._under_way.keys())
        self._has_more = len(due) == places
        for one in due:
            is_failing = one.connection.failing_since is not None
            failing = sum(is_failing for _, is_failing in self._under_way.values())
            if not is_failing or failing < MAX_FAILING_AT_ONCE:
                self._under_way[one.connection.id] = (asyncio.create_task(self._poll(one)), is_failing)
        return bool(due)

    async def _poll(self, due: DueAccount) -> None:
        """Poll one account. Its failure doesn't affect the others."""
        key = due.connection.id
        if key not in self._pollers:
            self._pollers[key] = self._make_poller(key)
        try:
            await self._pollers[key].step(due, await self._open_client(due.connection))
            self._note_end()
        except NoAccount as error:
            await self._let_go(due.connection, error)
        except LeaseLost:
            log.info("another process polls now, or data was erased", connection=key)
            self._pollers.pop(key, None)
        except DATABASE_TROUBLE as error:
            self._note_trouble(error)
        except Exception:
            log.exception("an account could not be polled", connection=key)
            with contextlib.suppress(*DATABASE_TROUBLE):
                await self._store.connections.note(key, poll_at=self._clock() + UNFORESEEN)
        finally:
            del self._under_way[key]
            if self._has_more and len(self._under_way) <= MAX_POLLS_AT_ONCE - FREE_PLACES:
                self._wake.set()

    async def _let_go(self, connection: Connection, error: NoAccount) -> None:
        """Release an account whose token can't be read, for other processes. `status` reports it."""
        self._unreadable[connection.id] = connection.credential
        self._pollers.pop(connection.id, None)
        self._leased.discard(connection.id)
        try:
            if connection.error != error.sentence:
                await self._store.connections.note(connection.id, error=error.sentence, failing_way=None)
            await self._store.account_shares.give_back(self._owner, [connection.id])
        except DATABASE_TROUBLE as trouble:
            self._note_trouble(trouble)

    def _note_trouble(self, error: Exception) -> None:
        """Log a database failure when it starts."""
        self._failures += 1
        if self._failures == 1:
            log.warning("the database does not answer", why=str(error))

    def _note_end(self) -> None:
        """Log that the database works again, if it had failed."""
        if self._failures:
            log.info("the database answers again", after_failures=self._failures)
            self._failures = 0

    async def _end(self) -> None:
        """Wait for polls in progress, cancel those that take too long, and release the leases."""
        tasks = [task for task, _ in self._under_way.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._store.account_shares.leave(self._owner)
        except DATABASE_TROUBLE as error:
            log.warning("the accounts could not be given back; the leases lapse by themselves", error=str(error))
