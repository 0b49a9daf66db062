"""Polling many accounts: each process its part, a bounded number at once, and none delayed by another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import NoAccount
from bot.poller import PollSchedule
from bot.poller.loop import Poller, PollTiming
from bot.poller.schedule import MAX_FAILING_AT_ONCE, MAX_POLLS_AT_ONCE, REDISTRIBUTE_SECONDS
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store import Store
from bot.store.clust.account_shares import DueAccount
from bot.store.clust.connections import Connection
from bot.store.engine.tables import connections, polls
from tests.conftest import Clock
from tests.statements import counted

INTERVAL, LEASE = 60.0, 30.0


@dataclass
class Crowd:
    """Accounts of one workspace that all answer alike, and what processes need to poll them."""

    store: Store
    client: ClustClient
    clock: Clock
    ids: list[int] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    """Names of accounts whose token a process can't read."""
    at_once: int = 0
    most_at_once: int = 0
    hanging: set[int] = field(default_factory=set)
    going_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self, number: int) -> None:
        """Connect accounts."""
        for one in range(number):
            connection = await self.store.connections.ensure("T1", f"a{one}", "http://clust/api", "token")
            self.ids.append(connection.id)

    def process(self, owner: str, *, reads: bool = True) -> PollSchedule:
        """Return what polls in one process. One that does not `reads` tokens can't open the `foreign` accounts."""
        timing = PollTiming(INTERVAL, LEASE, limit=20)

        async def open_client(connection: Connection) -> ClustClient:
            if not reads and connection.name in self.foreign:
                raise NoAccount
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                if connection.id in self.hanging:
                    await self.going_on.wait()
                await asyncio.sleep(0)
            finally:
                self.at_once -= 1
            return self.client

        def poller(connection_id: int) -> Poller:
            return Poller(connection_id, self.store, StatusRules(), "", timing, self.clock, lambda _: None)

        return PollSchedule(owner, "T1", self.store, open_client, poller, timing, self.clock)

    async def owners(self) -> dict[str, int]:
        """Return how many accounts each process leases now."""
        leased = connections.c.lease_until > self.clock()
        counted = (
            sa.select(connections.c.lease_owner, sa.func.count()).where(leased).group_by(connections.c.lease_owner)
        )
        async with self.store.database.read() as tx:
            return {row[0]: row[1] for row in await tx.execute(counted)}

    async def polls(self) -> dict[int, int]:
        """Return how often each account was polled."""
        counted = sa.select(polls.c.connection_id, sa.func.count()).group_by(polls.c.connection_id)
        async with self.store.database.read() as tx:
            return {row[0]: row[1] for row in await tx.execute(counted)}

    async def live(self, seconds: float, *processes: PollSchedule) -> None:
        """Let time pass for processes that run."""
        end = self.clock().timestamp() + seconds
        while self.clock().timestamp() < end:
            self.clock.forward(REDISTRIBUTE_SECONDS)
            for process in processes:
                await process.step()


@pytest.fixture
async def crowd(store: Store, clock: Clock) -> AsyncIterator[Crowd]:
    """No account yet."""
    account = SandboxClust(clock=clock, token="token")
    account.add()
    async with ClustClient("http://clust/api", "token", transport=SandboxClustTransport(account)) as client:
        yield Crowd(store, client, clock)


async def test_each_process_polls_its_part_and_parts_move(crowd: Crowd) -> None:
    """D4: who is alone polls all. A second process gets half, and what it leaves is polled by the first again."""
    await crowd.connect(10)
    first, second = crowd.process("first"), crowd.process("second")
    await first.step()
    assert await crowd.owners() == {"first": 10}
    await second.step()
    await crowd.live(3 * REDISTRIBUTE_SECONDS, first, second)
    assert await crowd.owners() == {"first": 5, "second": 5}
    stop = asyncio.Event()
    stop.set()
    await second.run(stop)
    await crowd.live(REDISTRIBUTE_SECONDS, first)
    assert await crowd.owners() == {"first": 10}


async def test_accounts_of_a_dead_process_are_polled_within_lease_and_interval(crowd: Crowd) -> None:
    """D4: no one says that a process was killed, but its accounts are polled by the others all the same."""
    await crowd.connect(6)
    first, second = crowd.process("first"), crowd.process("second")
    await crowd.live(4 * REDISTRIBUTE_SECONDS, first, second)
    assert await crowd.owners() == {"first": 3, "second": 3}
    before = await crowd.polls()
    await crowd.live(LEASE + INTERVAL, first)
    after = await crowd.polls()
    assert all(after[key] > before[key] for key in crowd.ids)


async def _idle_interval(crowd: Crowd, process: PollSchedule) -> Counter[str]:
    """Let an interval pass in which nothing happens. Returns the statements, by their first words."""
    await crowd.live(INTERVAL, process)
    statements: Counter[str] = Counter()
    with counted(statements):
        await crowd.live(INTERVAL, process)
    return Counter(" ".join(statement.split()[:3]) for statement in statements.elements())


async def test_a_poll_that_finds_nothing_is_one_small_transaction(crowd: Crowd) -> None:
    """Each account costs a fenced update and a row, whatever else the process asks the database for all of them."""
    process = crowd.process("me")
    await crowd.connect(1)
    one = await _idle_interval(crowd, process)
    await crowd.connect(MAX_POLLS_AT_ONCE)
    many = await _idle_interval(crowd, process)
    more, accounts = many - one, MAX_POLLS_AT_ONCE - 1
    assert more.pop("BEGIN IMMEDIATE", accounts) == accounts
    assert more == dict.fromkeys(("UPDATE connections SET", "INSERT INTO polls"), MAX_POLLS_AT_ONCE - 1)


async def test_baselines_are_read_at_once_a_bounded_number_at_a_time(crowd: Crowd) -> None:
    """A start with many new accounts is no stampede, and none waits for its turn of the interval."""
    await crowd.connect(3 * MAX_POLLS_AT_ONCE)
    await crowd.process("me").step()
    assert await crowd.polls() == dict.fromkeys(crowd.ids, 1)
    assert crowd.most_at_once <= MAX_POLLS_AT_ONCE


async def test_polls_after_the_baseline_are_spread_over_the_interval(crowd: Crowd) -> None:
    """Each account has a moment of its own: within an interval each is polled once, and never many at once."""
    await crowd.connect(30)
    process = crowd.process("me")
    await process.step()
    crowd.most_at_once = 0
    numbers = []
    for _ in range(int(INTERVAL / REDISTRIBUTE_SECONDS)):
        before = sum((await crowd.polls()).values())
        await crowd.live(REDISTRIBUTE_SECONDS, process)
        numbers.append(sum((await crowd.polls()).values()) - before)
    assert await crowd.polls() == dict.fromkeys(crowd.ids, 2)
    assert max(numbers) <= 6


async def test_accounts_that_hang_delay_no_other(crowd: Crowd) -> None:
    """Those that failed before have a part of the places, so that the others always have some."""
    await crowd.connect(MAX_FAILING_AT_ONCE + 4)
    failing, well = crowd.ids[:-3], crowd.ids[-3:]
    for key in failing:
        await crowd.store.connections.note(key, failing_since=crowd.clock())
    crowd.hanging = set(failing)
    process, stop = crowd.process("me"), asyncio.Event()
    running = asyncio.create_task(process.run(stop))
    async with asyncio.timeout(60):
        while (await crowd.polls()).keys() != set(well):  # noqa: ASYNC110  another task polls
            await asyncio.sleep(0.01)
    assert crowd.at_once == MAX_FAILING_AT_ONCE
    crowd.going_on.set()
    stop.set()
    await running


async def test_an_account_that_one_process_cannot_open_is_polled_by_another(crowd: Crowd) -> None:
    """A process whose settings have another token leaves the account to those that can read it, and says so."""
    await crowd.connect(1)
    crowd.foreign.add("a0")
    blind, sighted = crowd.process("blind", reads=False), crowd.process("sighted")
    await blind.step()
    assert await crowd.polls() == {}
    assert (await crowd.store.connections.get(crowd.ids[0])).error is not None
    await crowd.live(REDISTRIBUTE_SECONDS, blind, sighted)
    assert await crowd.polls() == {crowd.ids[0]: 1}
    assert (await crowd.store.connections.get(crowd.ids[0])).error is None


async def test_an_unforeseen_error_of_one_account_ends_nothing(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is tried again a little later, and the others are polled in between."""
    await crowd.connect(3)
    usual = Poller.step

    async def broken(self: Poller, due: DueAccount, client: ClustClient) -> None:
        if due.connection.id == crowd.ids[0]:
            raise ZeroDivisionError
        await usual(self, due, client)

    monkeypatch.setattr(Poller, "step", broken)
    process = crowd.process("me")
    await process.step()
    assert (await crowd.polls()).keys() == set(crowd.ids[1:])
    monkeypatch.undo()
    await crowd.live(10, process)
    assert crowd.ids[0] in await crowd.polls()
