"""The database's time, which several machines go by (rule T3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.store import Store, open_store
from bot.store.engine.clock import DatabaseClock
from tests.conftest import NOON, Clock


class Machine:
    """A machine's two clocks."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.wall, self.steady = wall, 1000.0

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def clock(self, store: Store) -> DatabaseClock:
        """Return the database's time as this machine knows it."""
        return DatabaseClock(store.database, lambda: self.wall, lambda: self.steady)


@pytest.fixture
async def postgresql(postgresql_url: str) -> Store:
    """A store on PostgreSQL."""
    return open_store(postgresql_url, posts_per_minute=300)


async def _theirs(store: Store) -> datetime:
    async with store.database.read() as tx:
        moment: datetime = (await tx.execute(sa.text("SELECT clock_timestamp()"))).scalar_one()
        return moment


async def test_two_machines_use_the_databases_time(postgresql: Store) -> None:
    """However wrong their own clocks are, both tell the database's time, and say so once."""
    before = await _theirs(postgresql)
    with capture_logs() as logs:
        early, late = Machine(NOON - timedelta(days=400)), Machine(NOON + timedelta(days=400))
        clocks = [machine.clock(postgresql) for machine in (early, late)]
        for clock in (*clocks, *clocks):
            await clock.ask()
    after = await _theirs(postgresql)
    assert all(before <= clock() <= after for clock in clocks)
    assert len(logs) == 2
    await postgresql.database.close()


async def test_the_clock_counts_on_between_two_queries(postgresql: Store) -> None:
    """Time passes. A clock that is set back changes nothing, and a machine that slept sees a later time."""
    machine = Machine()
    clock = machine.clock(postgresql)
    await clock.ask()
    heard = clock()
    machine.passes(7)
    assert clock() - heard == timedelta(seconds=7)
    machine.wall -= timedelta(hours=1)
    assert clock() - heard == timedelta(seconds=7)
    machine.wall += timedelta(hours=2)
    assert clock() - heard == timedelta(hours=1, seconds=7)
    await postgresql.database.close()


async def test_on_sqlite_the_machines_clock_is_used(sqlite_url: str) -> None:
    """SQLite's processes are on one machine."""
    store = open_store(sqlite_url, posts_per_minute=300)
    clock = Machine().clock(store)
    await clock.ask()
    assert clock() == NOON
    await store.database.close()


async def test_a_lease_is_judged_by_one_clock(postgresql: Store) -> None:
    """A machine whose clock is an hour ahead does not take over what another holds before it has lapsed."""
    store, lease = postgresql, timedelta(seconds=30)
    connection = await store.connections.ensure("T1", "default", "http://clust", "token")
    machines = Machine(), Machine(NOON + timedelta(hours=1))
    ours, theirs = [machine.clock(store) for machine in machines]
    for clock in (ours, theirs):
        await clock.ask()
    assert await store.account_shares.take("ours", [connection.id], ours(), ours() + lease) == {connection.id: 1}
    assert not await store.account_shares.take("theirs", [connection.id], theirs(), theirs() + lease)
    machines[1].passes(31)
    assert await store.account_shares.take("theirs", [connection.id], theirs(), theirs() + lease) == {connection.id: 2}
    await store.database.close()


async def test_without_the_database_the_machines_clock_is_used(postgresql_url: str, clock: Clock) -> None:
    """Until the database was heard of, and while it is away, the machine's time will do. Nothing fails."""
    store = open_store(f"{postgresql_url}-gone", posts_per_minute=300)
    time = DatabaseClock(store.database, clock)
    await time.ask()
    assert time() == NOON
    await store.database.close()
