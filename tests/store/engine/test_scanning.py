"""Looking through many rows holds no one up: neither the event loop nor the connections (issue 14, B3)."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.applications.model import Application
from bot.store import Store
from bot.store.engine import scanning
from bot.store.engine.scanning import MAX_READERS, MAX_SLICE_ROWS, PAGE_ROWS
from bot.store.engine.tables import applications

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROWS = 3 * PAGE_ROWS + 7


@pytest.fixture
async def connection_id(store: Store) -> int:
    """A connection with some hundred applications, a few of which have no date."""
    connection = await store.connections.ensure("T1", "default", "https://clust.invalid/api", "token")
    rows: list[dict[str, Any]] = [
        {
            "connection_id": connection.id,
            "id": str(number),
            "fingerprint": 0,
            "snapshot": Application(id=str(number), title=f"Number {number}").model_dump_json(exclude_none=True),
            "late": False,
            "occurrences": {},
            "updated_at": None if number % 50 == 0 else NOW - timedelta(minutes=number // 3),
            "absent": 0,
            "gone": number % 100 == 99,
            "discovered": False,
        }
        for number in range(ROWS)
    ]
    async with store.database.write() as tx:
        await tx.execute(applications.insert(), rows)
    return connection.id


async def test_rows_come_in_their_order(store: Store, connection_id: int) -> None:
    """B3: read page by page, the snapshots are those present, newest changes first, and those without a date last."""
    ids = [one.application.id async for one in store.applications.newest_first(connection_id)]
    _, at_once = await store.applications.newest(connection_id, 0, ROWS)
    assert ids == [one.application.id for one in at_once]
    assert len(ids) == ROWS - ROWS // 100


async def test_others_run_after_each_slice(store: Store, connection_id: int) -> None:
    """B3: however many look through rows at once, all of them together take one slice in a turn of the event loop."""
    turn, slices = 0, Counter[int]()
    is_over = asyncio.Event()

    async def count_iterations() -> None:
        nonlocal turn
        while not is_over.is_set():
            turn += 1
            await asyncio.sleep(0)

    async def look_through() -> None:
        async for _ in store.applications.newest_first(connection_id):
            slices[turn] += 1

    counting = asyncio.create_task(count_iterations())
    await asyncio.gather(*(look_through() for _ in range(6)))
    is_over.set()
    await counting
    assert slices.total() == 6 * (ROWS - ROWS // 100)
    assert max(slices.values()) <= MAX_SLICE_ROWS


async def test_others_get_several_turns_after_each_slice(
    store: Store, connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B3: where others need the event loop, a scan pauses for several turns, since a statement alone takes ten."""
    monkeypatch.setattr(scanning, "MAX_IDLE_TURN_SECONDS", 0)
    monkeypatch.setattr(scanning, "BREAK_SECONDS", 0.00001)
    turn, turns = 0, list[int]()

    async def count_iterations() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_iterations())
    async for _ in store.applications.newest_first(connection_id):
        turns.append(turn)
    counting.cancel()
    between = [after - before for before, after in pairwise(turns) if after > before]
    assert statistics.median(between) > 1


async def test_connections_are_left_for_others(store: Store, connection_id: int) -> None:
    """B3: those who look through rows hold a few connections for a moment each, and none while they judge a row."""
    out, most = 0, 0

    def slices(*_: object) -> None:
        nonlocal out, most
        out += 1
        most = max(most, out)

    def given_back(*_: object) -> None:
        nonlocal out
        out -= 1

    pool = store.database.engine.sync_engine.pool
    sa.event.listen(pool, "checkout", slices)
    sa.event.listen(pool, "checkin", given_back)

    async def look_through() -> None:
        async for _ in store.applications.newest_first(connection_id):
            pass

    await asyncio.gather(*(look_through() for _ in range(12)))
    assert (most, out) == (MAX_READERS, 0)
    async for _ in store.applications.newest_first(connection_id):
        assert out == 0


async def test_small_rows_come_in_order_page_by_page(
    store: Store, connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, in slices, also where a page ends with the last row."""
    numbers = sa.cast(applications.c.id, sa.Integer)

    def after(number: int) -> sa.Select[Any]:
        return sa.select(numbers, applications.c.id).where(numbers > number).order_by(numbers)

    monkeypatch.setattr(scanning, "MAX_SMALL_SLICE_ROWS", 4)
    for page in (10, ROWS - 1, ROWS):
        monkeypatch.setattr(scanning, "MAX_IDS_AT_ONCE", page)
        slices = [rows async for rows in store.reports._scanning.in_order(after)]  # noqa: SLF001  no other way in
        assert [row[0] for rows in slices for row in rows] == [*range(1, ROWS)]
        assert max(map(len, slices)) == 4
    assert connection_id
