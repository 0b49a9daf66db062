"""The database itself: addresses as platforms hand them out, moments, write transactions (rules D1, D2)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store import Store, open_store
from bot.store.engine.database import DATABASE_TROUBLE, MAX_CONNECTIONS, Database
from bot.store.engine.postgresql import HAS_TRANSACTION_TIMEOUT
from bot.store.engine.tables import connections, people
from tests.conftest import NOON

pytestmark = pytest.mark.usefixtures("real_driver")


async def test_moments_come_back_as_they_went_in(store: Store) -> None:
    """D2: stored in UTC, read with their zone, on SQLite too."""
    row = {"team_id": "T1", "user_id": "U1", "is_admin": False, "zone": "UTC"}
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    async with store.database.write() as tx:
        await tx.execute(people.insert().values(seen_at=tokyo, **row))
    async with store.database.read() as tx:
        values = (await tx.execute(sa.select(people.c.seen_at))).scalar_one()
    assert (values, values.tzinfo) == (NOON, UTC)


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    """D2: no one can know what it means."""
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001  the point of the test
    row = {"team_id": "T1", "user_id": "U1", "is_admin": False, "zone": "UTC", "seen_at": naive}
    async with store.database.write() as tx:
        with pytest.raises(sa.exc.StatementError, match="without a time zone"):
            await tx.execute(people.insert().values(**row))


@pytest.mark.parametrize("word", ["UPDATE", "SELECT"])
async def test_a_write_that_is_cancelled_leaves_no_lock(url: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """D1: others can write while the error of a cancelled task, whose traceback refers to its cursors, still exists."""
    monkeypatch.setattr("bot.store.engine.database.BUSY_TIMEOUT_MILLISECONDS", 1000)
    first, second = open_store(url, posts_per_minute=300), open_store(url, posts_per_minute=300)
    one = await first.connections.ensure("T1", "default", "http://clust", "0")
    change = connections.update().where(connections.c.id == one.id).values(credential="1")

    async def write() -> None:
        async with first.database.write() as tx:
            await tx.execute(change)
            (await tx.execute(sa.select(connections.c.credential))).all()

    def cancel(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if word in statement and (task := asyncio.current_task()):
            task.cancel()

    sa.event.listen(first.database.engine.sync_engine, "before_cursor_execute", cancel)
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await asyncio.create_task(write())
    async with second.database.write() as tx:
        await tx.execute(change)
    assert cancelled.value.__traceback__
    await first.database.close()
    await second.database.close()


async def test_two_processes_that_read_and_then_write_do_not_fail(url: str) -> None:
    """D1: write transactions take the lock when they begin, so that reading first is no "database is locked"."""
    first, second = open_store(url, posts_per_minute=300), open_store(url, posts_per_minute=300)
    one = await first.connections.ensure("T1", "default", "http://clust", "0")

    async def count_up(store: Store) -> None:
        for _ in range(25):
            async with store.database.write() as tx:
                chosen = sa.select(connections.c.credential).where(connections.c.id == one.id).with_for_update()
                value = (await tx.execute(chosen)).scalar_one()
                number = int(value) if value.isdecimal() else 0
                await tx.execute(connections.update().values(credential=str(number + 1)))

    async with first.database.write() as tx:
        await tx.execute(connections.update().values(credential="0"))
    await asyncio.gather(count_up(first), count_up(second))
    async with first.database.read() as reading:
        assert (await reading.execute(sa.select(connections.c.credential))).scalar_one() == "50"
    await first.database.close()
    await second.database.close()


async def test_sqlite_syncs_every_commit(sqlite_url: str) -> None:
    """D1: WAL, `synchronous=FULL` and foreign keys hold on every connection."""
    opened = open_store(sqlite_url, posts_per_minute=300)
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    async with opened.database.read() as tx:
        values = [(await tx.execute(sa.text(f"PRAGMA {name}"))).scalar_one() for name in pragmas]
    assert values == ["wal", 2, 1]
    await opened.database.close()


async def test_a_new_file_that_another_process_writes_to_is_waited_for(tmp_path: Path) -> None:
    """Several processes may make one file: SQLite itself would not wait for the first write-ahead log (D1)."""
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.2, other.rollback)
        opened = Database(f"sqlite:///{tmp_path / 'bot.db'}")
        async with opened.read() as tx:
            assert not other.in_transaction
            assert (await tx.execute(sa.text("PRAGMA journal_mode"))).scalar_one() == "wal"
        await opened.close()


@pytest.mark.parametrize(("limit", "place"), [("IDLE", "between statements"), ("TRANSACTION", "within one")])
async def test_a_process_that_is_suspended_in_a_transaction_keeps_its_locks_for_a_while(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, limit: str, place: str
) -> None:
    """T3: the others go on, and the one that wakes up finds its transaction gone, and has written nothing."""
    other = open_store(postgresql_url, posts_per_minute=300)
    async with other.database.read() as tx:
        version = tx.dialect.server_version_info or ()
    if place == "within one" and version < (HAS_TRANSACTION_TIMEOUT,):
        await other.database.close()
        pytest.skip("PostgreSQL ends no transaction that counts as busy before 17")
    monkeypatch.setattr(f"bot.store.engine.postgresql.{limit}_TIMEOUT_MILLISECONDS", 600)
    suspended = open_store(postgresql_url, posts_per_minute=300)
    one = await other.connections.ensure("T1", "default", "http://clust", "0")
    update = connections.update().where(connections.c.id == one.id)

    async def sleep_in_a_transaction() -> None:
        async with suspended.database.write() as tx:
            await tx.execute(update.values(name="suspended"))
            if place == "within one":
                asyncpg: Any = (await tx.get_raw_connection()).driver_connection
                await asyncpg.prepare("SELECT 1")
            async with asyncio.timeout(60), other.database.write() as others:
                await others.execute(update.values(name="other"))
            await tx.execute(update.values(name="awake"))

    with pytest.raises(DATABASE_TROUBLE):
        await sleep_in_a_transaction()
    assert [each.name for each in await suspended.connections.of_team("T1")] == ["other"]
    await suspended.database.close()
    await other.database.close()


async def test_an_error_of_the_database_shows_no_values(store: Store) -> None:
    """What is stored may be personal: no error, and so no log, holds the values of a statement."""
    row = {"team_id": "T1", "user_id": "ana@example.com", "is_admin": False, "zone": "UTC", "seen_at": NOON}
    async with store.database.write() as tx:
        await tx.execute(people.insert().values(**row))
    with pytest.raises(sa.exc.IntegrityError) as failed:
        async with store.database.write() as tx:
            await tx.execute(people.insert().values(**row))
    assert "parameters hidden" in str(failed.value)


async def test_a_share_leaves_connections_for_others(store: Store) -> None:
    """B3: those who share a part of the connections wait for their own kind, and no one else waits for them."""
    people = store.share(2).database
    waited: list[str] = []

    async def ask(name: str) -> None:
        async with people.read():
            waited.append(name)

    async with people.read(), people.read():
        asking = [asyncio.create_task(ask("person")), asyncio.create_task(_write(people))]
        for _ in range(MAX_CONNECTIONS - 2):
            await asyncio.wait_for(_write(store.database), 30)
        assert waited == []
        assert not any(one.done() for one in asking)
    async with asyncio.timeout(60):
        await asyncio.gather(*asking)
    assert waited == ["person"]


async def _write(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(sa.text("SELECT 1"))
