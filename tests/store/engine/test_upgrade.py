"""A database of each earlier revision upgrades and loses nothing. Its bot can go on beside the new one (rule D3)."""

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store import open_store
from bot.store.engine import migrate
from bot.store.engine.database import Database
from tests.databases import create

DUMPS = Path(__file__).parent / "revisions"
EARLIER = sorted({path.name.partition(".")[0] for path in DUMPS.glob("*.sql")} - {migrate.REVISIONS[-1]})
OFTEN = {EARLIER[0], *EARLIER[-2:]}
"""The oldest goes through each migration. Those between it and the newest are upgraded by the long tests."""

AT_ONCE = 4

_numbers = itertools.count(1)

Rows = Mapping[str, list[str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def host(request: pytest.FixtureRequest) -> str | None:
    """Where PostgreSQL is. None means SQLite."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgresql_host"))


@pytest.fixture
async def empty_url(host: str | None, tmp_path: Path) -> str:
    """A database without any tables."""
    if host is None:
        return f"sqlite:///{tmp_path}/bot.db"
    return await create(host, f"empty_{os.getpid()}_{next(_numbers)}", "template1")


@pytest.fixture(params=[pytest.param(one, marks=() if one in OFTEN else pytest.mark.long) for one in EARLIER])
async def old(request: pytest.FixtureRequest, empty_url: str) -> AsyncIterator[Database]:
    """A database as a bot of an earlier revision left it."""
    await _load(empty_url, str(request.param))
    database = Database(empty_url)
    yield database
    await database.close()


async def _load(url: str, revision: str) -> None:
    kind = url.partition(":")[0]
    dump = (DUMPS / f"{revision}.{kind}.sql").read_text()
    if kind == "sqlite":
        with closing(sqlite3.connect(url.partition("///")[2])) as opened:
            opened.executescript(dump)
        return
    database = Database(url)
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(dump)
    await database.close()


def _reflected(connection: sa.Connection) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


async def _tables(database: Database) -> sa.MetaData:
    async with database.engine.connect() as connection:
        return await connection.run_sync(_reflected)


async def _rows(database: Database, tables: sa.MetaData) -> Rows:
    """Return what stands in those columns of those tables."""
    async with database.read() as tx:
        return {
            table.name: sorted(str(tuple(row)) for row in await tx.execute(sa.select(*table.columns)))
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }


def test_each_earlier_revision_has_its_dump() -> None:
    """For both databases. `dump.py` makes those of a new revision."""
    names = {f"{revision}.{kind}.sql" for revision in migrate.REVISIONS[:-1] for kind in ("sqlite", "postgresql")}
    assert names <= {path.name for path in DUMPS.glob("*.sql")}


async def test_an_upgrade_loses_no_row(old: Database) -> None:
    """Each row of each table stands there after the upgrade as it did before, and a second upgrade does nothing."""
    tables = await _tables(old)
    before = await _rows(old, tables)
    assert all(len(rows) == 2 for rows in before.values())
    assert await migrate.migrate(old)
    assert await _rows(old, tables) == before
    async with old.engine.connect() as connection:
        assert await migrate.revision(connection) == migrate.REVISIONS[-1]
    assert not await migrate.migrate(old)


async def test_a_process_of_the_previous_version_keeps_working(old: Database) -> None:
    """D3: nothing that it knows is gone or means something else, and what it writes is taken."""
    tables = await _tables(old)
    rows: dict[str, list[dict[str, Any]]] = {}
    async with old.read() as tx:
        for table in tables.sorted_tables:
            rows[table.name] = [dict(row) for row in (await tx.execute(sa.select(table))).mappings()]
    await migrate.migrate(old)
    now = await _tables(old)
    for table in tables.sorted_tables:
        for column in table.columns:
            after = now.tables[table.name].columns[column.name]
            assert (str(after.type), after.nullable or not column.nullable) == (str(column.type), True)
        for column in now.tables[table.name].columns:
            assert column.name in table.columns or column.nullable or column.server_default, column
    for table in reversed(now.sorted_tables):
        if table.name != "alembic_version":
            async with old.write() as tx:
                await tx.execute(table.delete())
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            async with old.write() as tx:
                await tx.execute(table.insert(), rows[table.name])


async def test_the_store_reads_what_was_upgraded(old: Database, empty_url: str) -> None:
    """Rows of an earlier version are understood: the connections, and an application with its snapshot."""
    await migrate.migrate(old)
    store = open_store(empty_url, posts_per_minute=300)
    _, second = await store.connections.ids()
    assert (await store.connections.get(second)).base_url == "https://clust.invalid/api"
    snapshots = [snapshot async for snapshot in store.applications.newest_first(second)]
    assert [snapshot.application.title for snapshot in snapshots] == ["Acme"]
    await store.database.close()


@pytest.mark.parametrize("revision", [None, *EARLIER[:1]])
async def test_several_processes_may_start_at_once(empty_url: str, revision: str | None) -> None:
    """A new database, or an old one: one migrates, the others wait and find it done. None of them fails."""
    if revision:
        await _load(empty_url, revision)
    databases = [Database(empty_url) for _ in range(AT_ONCE)]
    await asyncio.gather(*(migrate.migrate(database) for database in databases))
    for database in databases:
        assert not await migrate.migrate(database)
        await database.close()
