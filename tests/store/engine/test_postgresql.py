"""PostgreSQL's connections: replaced when the server closed them, bounded, and usable behind a pooler."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.store import open_store
from bot.store.engine.database import DATABASE_TROUBLE, Database
from bot.store.engine.postgresql import IDLE_TIMEOUT_MILLISECONDS
from bot.store.engine.tables import people
from tests.conftest import NOON
from tests.pooler import PGBOUNCER, SESSIONS, pooler

pytestmark = pytest.mark.timeout(120)

IDLE_LIMIT = sa.text("SELECT current_setting('idle_in_transaction_session_timeout')")


@pytest.fixture
async def pooled_url(postgresql_url: str) -> AsyncIterator[str]:
    """The same database, behind PgBouncer in transaction mode."""
    if not PGBOUNCER:
        pytest.skip("PgBouncer is not installed")
    async with pooler(postgresql_url) as url:
        yield url


async def test_a_connection_that_the_server_closed_is_replaced(postgresql_url: str) -> None:
    """After a restart of PostgreSQL no one gets a dead connection from the pool."""
    database, other = Database(postgresql_url), Database(postgresql_url)
    async with database.read() as tx:
        pid = (await tx.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
        closed = asyncio.Event()
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver
        driver.add_termination_listener(lambda _: closed.set())
    async with other.read() as tx:
        await tx.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    async with asyncio.timeout(60):
        await closed.wait()
    async with database.read() as tx:
        assert (await tx.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one() != pid
    await database.close()
    await other.close()


async def test_no_more_connections_than_are_allowed(postgresql_url: str) -> None:
    """A plan with few connections is kept to: a transaction that comes late waits for a place."""
    database = Database(postgresql_url, max_connections=2)
    pids = set()

    async def ask() -> None:
        async with database.read() as tx:
            pids.add((await tx.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one())

    await asyncio.gather(*(ask() for _ in range(10)))
    assert len(pids) <= 2
    await database.close()


async def test_many_transactions_behind_a_pooler(pooled_url: str) -> None:
    """Whichever session a transaction gets, its statements are known there, and none fails."""
    store = open_store(pooled_url, posts_per_minute=300)
    row = {"team_id": "T1", "is_admin": False, "zone": "UTC", "seen_at": NOON}

    async def work(number: int) -> None:
        async with store.database.write(lock="T1") as tx:
            await tx.execute(people.insert().values(**row, user_id=f"U{number}"))
            await tx.execute(sa.select(people).where(people.c.user_id == f"U{number}"))
        async with store.database.read() as tx:
            assert (await tx.execute(sa.select(sa.func.count()).select_from(people))).scalar_one() > 0

    await asyncio.gather(*(work(number) for number in range(100)))
    async with store.database.read() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(people))).scalar_one() == 100
    await store.database.close()


async def test_time_limits_behind_a_pooler_are_those_of_each_transaction(pooled_url: str, postgresql_url: str) -> None:
    """A write has its limits, and no session keeps them for another's transaction."""
    database, direct = Database(pooled_url), Database(postgresql_url)
    for one in (database, direct):
        async with one.write() as tx:
            assert (await tx.execute(IDLE_LIMIT)).scalar_one() == f"{IDLE_TIMEOUT_MILLISECONDS // 1000}s"
    for _ in range(SESSIONS):
        async with database.read() as tx:
            assert (await tx.execute(IDLE_LIMIT)).scalar_one() == "0"
    await database.close()
    await direct.close()


async def test_a_connection_apart_is_set_up_like_the_others(pooled_url: str, postgresql_url: str) -> None:
    """The one that listens has the limits of a session, and behind a pooler it leaves none to others."""
    limits = []
    for url in (postgresql_url, pooled_url):
        database = Database(url)
        engine = database.engine_apart()
        async with engine.connect() as connection:
            limits.append((await connection.execute(IDLE_LIMIT)).scalar_one())
        await engine.dispose()
        await database.close()
    assert limits == [f"{IDLE_TIMEOUT_MILLISECONDS // 1000}s", "0"]


async def test_the_doctor_writes_nothing_behind_a_pooler(pooled_url: str) -> None:
    """A read-only database refuses writes, also where no session can be made read-only."""
    database = Database(pooled_url, read_only=True)
    with pytest.raises(DATABASE_TROUBLE):
        async with database.write() as tx:
            await tx.execute(people.delete())
    await database.close()
