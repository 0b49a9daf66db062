"""A process hears of the work that others add. Where it can't, its loops look every second, and it says so once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.core.notifications.states import State
from bot.store import Store, open_store
from bot.store.engine import work_listener
from bot.store.engine.tables import deliveries
from bot.store.engine.wakeups import LOOK_EVERY_SECONDS, UNHEARD_SECONDS
from bot.store.engine.work_listener import WorkListener
from tests.store.engine.test_due_work import delivery
from tests.store.engine.test_wakeups import Wakes, add

NOT_HEARD, HEARD_AGAIN = "added work is not heard of; it is looked for every second", "added work is heard of again"


@asynccontextmanager
async def listening(store: Store) -> AsyncIterator[Wakes]:
    """Let a process hear of the others."""
    wakeups, stop = store.database.wakeups, asyncio.Event()
    wakes = Wakes(wakeups)
    task = asyncio.create_task(WorkListener(store.database).run(stop))
    async with asyncio.timeout(60):
        await wakeups.listening.wait()
    yield wakes
    stop.set()
    await asyncio.wait_for(task, 10)


@pytest.fixture
async def other(url: str) -> AsyncIterator[Store]:
    """The store of another process."""
    opened = open_store(url, posts_per_minute=300)
    yield opened
    await opened.database.close()


async def test_another_process_is_notified_of_added_work(store: Store, other: Store) -> None:
    """As soon as it is committed, so the loops seldom look by themselves."""
    assert store.database.wakeups.look_every_seconds == UNHEARD_SECONDS
    async with listening(store) as wakes:
        assert store.database.wakeups.look_every_seconds == LOOK_EVERY_SECONDS
        before = wakes.count
        await add(other)
        while wakes.count == before:
            await wakes.next()
    assert not store.database.wakeups.listening.is_set()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_said_once_and_made_again(store: Store, other: Store) -> None:
    """Until it is, the loops look every second. Then they look once at what they missed."""
    ends = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database() AND query ~ '^(LISTEN|NOTIFY)'"
    )
    with capture_logs() as logs:
        async with listening(store) as wakes:
            await wakes.next()
            async with other.database.write() as tx:
                assert (await tx.execute(ends)).scalars().all() == [True]
            await wakes.next()
            assert store.database.wakeups.look_every_seconds == UNHEARD_SECONDS
            async with asyncio.timeout(60):
                await store.database.wakeups.listening.wait()
    assert [line["event"] for line in logs] == [NOT_HEARD, HEARD_AGAIN]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_where_nothing_comes_back_the_loops_look(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pooler accepts LISTEN, and nothing comes: a notification to itself shows it, and it is said once."""
    monkeypatch.setattr(work_listener, "MAX_ECHO_SECONDS", 0.01)
    monkeypatch.setattr(work_listener, "CHANNEL", "elsewhere; UNLISTEN *")
    monkeypatch.setattr(work_listener, "backoff", lambda *_: 0.0)
    wakes, stop = Wakes(store.database.wakeups), asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(WorkListener(store.database).run(stop))
        for _ in range(3):
            await wakes.next()
        stop.set()
        await asyncio.wait_for(task, 10)
    assert [line["event"] for line in logs] == [NOT_HEARD]
    assert store.database.wakeups.look_every_seconds == UNHEARD_SECONDS


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_commit_of_another_process_is_seen_on_sqlite(store: Store, other: Store) -> None:
    """Whatever it is about: `PRAGMA data_version` says only that there was one."""
    async with listening(store) as wakes:
        before = wakes.count
        async with other.database.write() as tx:
            await tx.execute(deliveries.insert(), [delivery(1, "T1", State.SENT)])
        while wakes.count == before:
            await wakes.next()
