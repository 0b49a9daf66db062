"""Work that a transaction adds wakes the loops of its process, or is sent to those of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.notifications.states import State
from bot.store import Store, open_store
from bot.store.engine.tables import deliveries
from bot.store.engine.wakeups import CHANNEL, Wakeups, adding_work
from tests.store.engine.test_due_work import NOW, delivery


class Wakes:
    """Counts how often the loops of a process are woken."""

    def __init__(self, wakeups: Wakeups) -> None:
        self.count = 0
        self._woken = asyncio.Event()
        wakeups.listeners.append(self._wake)

    def _wake(self) -> None:
        self.count += 1
        self._woken.set()

    async def next(self) -> None:
        """Wait until the loops are woken once more."""
        async with asyncio.timeout(60):
            await self._woken.wait()
        self._woken.clear()


@pytest.fixture
async def other(url: str) -> AsyncIterator[Store]:
    """The store of another process."""
    opened = open_store(url, posts_per_minute=300)
    yield opened
    await opened.database.close()


async def add(store: Store, number: int = 1) -> None:
    """Put something into the outbox."""
    async with store.database.write() as tx:
        await tx.execute(adding_work(deliveries.insert()), [delivery(number, "T1", State.PENDING)])


async def test_a_process_without_a_listener_wakes_its_own_loops(store: Store) -> None:
    """By an event in the process, once the transaction is committed, and only where rows have changed."""
    wakes = Wakes(store.database.wakeups)
    await add(store)
    assert wakes.count == 1
    nothing = adding_work(deliveries.update().where(deliveries.c.id == 0).values(due_at=NOW))
    plain = deliveries.update().values(due_at=NOW + timedelta(seconds=1))
    async with store.database.write() as tx:
        await tx.execute(nothing)
        await tx.execute(plain)
    assert wakes.count == 1
    with pytest.raises(sa.exc.IntegrityError):
        await add(store)
    await store.outbox.backlog("T1", NOW)
    async with store.database.write() as tx:
        await tx.execute(plain)
    assert wakes.count == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_transaction_sends_one_empty_notification(store: Store, other: Store) -> None:
    """NOTIFY serializes commits: whatever a transaction adds, it sends one, and one that adds nothing sends none."""
    payloads: list[str] = []
    async with store.database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        came = asyncio.Event()

        def on_notification(*arguments: str) -> None:
            payloads.append(arguments[-1])
            came.set()

        assert driver
        await driver.add_listener(CHANNEL, on_notification)
        async with other.database.write() as tx:
            await tx.execute(adding_work(deliveries.insert()), [delivery(1, "T1", State.PENDING)])
            await tx.execute(adding_work(deliveries.insert()), [delivery(2, "T2", State.PENDING)])
        async with other.database.write() as tx:
            await tx.execute(deliveries.update().values(state=State.SENT))
        await asyncio.wait_for(came.wait(), 10)
        await driver.execute("SELECT 1")
        await driver.remove_listener(CHANNEL, on_notification)
    assert payloads == [""]
