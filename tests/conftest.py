"""What all tests share: a clock that tests move, and a store on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import aiosqlite
import hypothesis
import pytest
import structlog
import uvicorn
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import Store, open_store
from bot.store.engine import database
from tests.databases import CompiledOnce, EmptiedDatabase, create, locked, memory_folder, migrated, shared_postgresql
from tests.inline_sqlite import connect
from tests.patience import patient
from tests.sockets import Connection

EXAMPLES = 6
"""Of each property test. `make fuzz` tries many more of those of the hostile ones."""

# No assertion about time, and a check of a submission repeats exactly, while runs by hand look for new examples.
hypothesis.settings.register_profile("by hand", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=int(os.environ.get("FUZZ") or 1))
hypothesis.settings.load_profile(
    "fuzz" if os.environ.get("FUZZ") else "ci" if os.environ.get("CI") else "by hand",
)

# What was imported stays: looking through it for garbage, again and again, would take a tenth of the tests' time.
gc.set_threshold(100_000, 50, 100)

REAL_CONNECT = aiosqlite.connect
"""What `quick` replaces."""

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""


CROWD = "tests/faults/test_crowd.py"
ABOUT_POSTGRESQL = ("tests/store/", "tests/delivery/test_two_processes.py", CROWD)
"""Tests of the store, and of what several processes do at once: on SQLite one always waits for the other.

Those of the store that send through the outbox are left to the long ones, as the tests of delivery are."""


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes run the tests: two for each core: some tests wait, and each process collects all."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave PostgreSQL to the long ones, but for what it is about, and SQLite where that is all it is about."""
    for item in items:
        call = getattr(item, "callspec", None)
        kind = call.params.get("url") if call else None
        is_about_both = item.nodeid.startswith(ABOUT_POSTGRESQL) and not (
            item.nodeid.startswith("tests/store/") and "outbox" in getattr(item, "fixturenames", ())
        )
        if (kind == "postgresql" and not is_about_both) or (kind == "sqlite" and item.nodeid.startswith(CROWD)):
            item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later look for garbage."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _patient() -> Iterator[None]:
    """No limit of the bot's own is met because the machine is busy."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        patient(monkeypatch)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick(request: pytest.FixtureRequest) -> Iterator[None]:
    """Shorten what each test with a bot or a database would do again or wait for.

    Long tests use SQLite as the bot does.
    """

    async def sleep_less(seconds: float) -> None:
        await asyncio.sleep(seconds / 50)

    create_engine = partial(create_async_engine, execution_options={"compiled_cache": CompiledOnce()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_async_engine", create_engine)
        if request.config.option.markexpr == "not long":
            patch.setattr(aiosqlite, "connect", connect)
        # With colors and every variable of every frame, as where rich is installed, a traceback takes 50 ms.
        patch.setattr(structlog.dev.ConsoleRenderer.get_active(), "exception_formatter", structlog.dev.plain_traceback)
        # uvicorn looks ten times a second whether it is to end, and a tenth of a second later whether it has.
        patch.setattr(uvicorn.server, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep_less}))
        yield


@pytest.fixture
def real_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use SQLite as the bot does outside of tests."""
    monkeypatch.setattr(aiosqlite, "connect", REAL_CONNECT)


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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied, one for all test processes."""
    folder = (
        tmp_path_factory.getbasetemp().parent
        if "PYTEST_XDIST_WORKER" in os.environ
        else tmp_path_factory.mktemp("sqlite")
    )
    path = folder / "template.db"
    with locked(folder / "template.lock"):
        if not path.exists():
            asyncio.run(migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host of a real server, one for all test processes."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    with shared_postgresql(run, tmp_path_factory.getbasetemp().parent / "postgresql.lock") as host:
        yield host


@pytest.fixture(scope="session")
def emptied_database(postgresql_host: str) -> Iterator[EmptiedDatabase]:
    """A migrated PostgreSQL database for one test after the other."""
    database = EmptiedDatabase(asyncio.run(create(postgresql_host, f"test_{os.getpid()}")))
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_folder() -> Iterator[Path]:
    """A folder for the databases of one test after the other, in memory: making files on a disk takes longer."""
    with TemporaryDirectory(prefix="clust-sqlite-", dir=memory_folder()) as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(sqlite_folder: Path, sqlite_template: Path) -> Iterator[str]:
    """A migrated SQLite database of the test's own."""
    path = sqlite_folder / "bot.db"
    shutil.copyfile(sqlite_template, path)
    yield f"sqlite+aiosqlite:///{path}"
    for each in sqlite_folder.iterdir():  # a database that was not closed leaves a log
        each.unlink()


@pytest.fixture
def postgresql_url(emptied_database: EmptiedDatabase) -> str:
    """A migrated PostgreSQL database with nothing in it."""
    emptied_database.empty()
    return emptied_database.url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated database of the test's own, on either kind."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An open store, on SQLite and on PostgreSQL."""
    opened = open_store(url, posts_per_minute=300)
    yield opened
    await opened.database.close()


@pytest.fixture
async def connections() -> AsyncIterator[list[Connection]]:
    """What a test opened, closed in the end."""
    opened: list[Connection] = []
    yield opened
    for _, writer in opened:
        writer.close()
    for _, writer in opened:
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
def _many_files() -> Iterator[None]:
    """Let this process open as many files as it takes to be a thousand clients and their server."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 4096) if before[1] > 0 else 4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
