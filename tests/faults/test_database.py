"""A database that is full, read-only or locked: the log says so once, and the bot continues by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from structlog.testing import capture_logs

from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store, open_store
from tests.faults.core import core

TROUBLE = ("the database does not answer", "outbox can't be read")
OVER = ("the database answers again", "outbox works again")


class Database:
    """What is done to each connection as it is taken from the pool. `taken` counts them."""

    def __init__(self, store: Store) -> None:
        self.path, self.used = store.database.url.database or "", 0
        self.pragmas = {"busy_timeout": "50", "max_page_count": "1000000", "query_only": "OFF"}
        sa.event.listen(store.database.engine.sync_engine, "checkout", self._set)

    def _set(self, connection: DBAPIConnection, *_: object) -> None:
        self.used += 1
        cursor = connection.cursor()
        for name, value in self.pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()


@contextmanager
def full(database: Database) -> Iterator[None]:
    """It can't grow."""
    well, database.pragmas["max_page_count"] = database.pragmas["max_page_count"], "1"
    yield
    database.pragmas["max_page_count"] = well


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """It can't be written."""
    database.pragmas["query_only"] = "ON"
    yield
    database.pragmas["query_only"] = "OFF"


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another process writes, for longer than anyone waits."""
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


Ill = Callable[[Database], AbstractContextManager[None]]


@pytest.mark.parametrize(
    "ill", [locked, pytest.param(full, marks=pytest.mark.long), pytest.param(read_only, marks=pytest.mark.long)]
)
async def test_a_database_that_can_not_be_written(sqlite_url: str, ill: Ill) -> None:
    """Trouble is one line when it begins and one when it ends, and what happened in between is posted, and once."""
    store, stop = open_store(sqlite_url, posts_per_minute=6000), asyncio.Event()
    database = Database(store)

    def clock() -> datetime:
        return datetime.now(UTC)

    account = SandboxClust(clock=clock)
    account.add()
    transport = SandboxClustTransport(account)
    with capture_logs() as lines:
        async with (
            SandboxSlack() as slack,
            core(store, clock, account, slack, transport=transport, interval=0.2) as parts,
        ):
            await parts.subscribe("c", "created")
            await parts.poll()
            loops = [asyncio.create_task(loop.run(stop)) for loop in (parts.poller, parts.process())]
            with ill(database):
                for number in range(5):
                    account.add(title=f"File {number}", external_id="x" * 20_000)
                await _until(lambda: _logged(lines, *TROUBLE))
                going_on = database.used + 2
                await _until(lambda: database.used > going_on)
            await slack.wait_for(lambda: len(parts.posted_events("c")) == 5)
            await _until(lambda: _logged(lines, *OVER) == _logged(lines, *TROUBLE))
            stop.set()
            await asyncio.gather(*loops)
            assert sorted(parts.posted_events("c")) == [f"Created File {number}" for number in range(5)]
    await store.database.close()
    counts = Counter(line["event"] for line in lines if line["log_level"] in {"warning", "error"})
    assert set(counts) <= set(TROUBLE)
    assert set(counts.values()) == {1}


async def _until(condition: Callable[[], object]) -> None:
    """Wait for something that the bot does without any event."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  see above
            await asyncio.sleep(0.05)


def _logged(lines: list[Any], *events: str) -> int:
    return sum(line["event"] in events for line in lines)
