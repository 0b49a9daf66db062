"""Reads many rows without delaying anything else.

A scan of 20,000 applications holds a connection only for each page, and yields to the rest of the process after a few
rows. Of all scans at the same time, only one processes a few rows per turn of the event loop, so ten scans delay others
no more than one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.store.engine.database import Database

Id = TypeVar("Id", str, int)
Item = TypeVar("Item")

MAX_READERS = 2
"""Connections used by all scans together. The rest of the pool is for short queries."""

PAGE_ROWS = 250
"""Rows read by one query."""

MAX_SLICE_ROWS = 5
"""Rows parsed and matched at a time: less than a millisecond with the slowest filter."""

MAX_SMALL_SLICE_ROWS = 250
"""Rows of a few numbers and words processed at a time."""

MAX_IDS_AT_ONCE = 5000
"""Ids, or small rows, fetched at a time. They are far smaller than other rows."""


MAX_IDLE_TURN_SECONDS = 0.0001
"""A turn of the event loop that takes longer did something for others."""

BREAK_SECONDS = 0.001
"""How long scans pause for others, after they ran for as long."""

MAX_CHUNK = 500
"""Ids in one IN clause, far below SQLite's limit of variables, or rows saved at a time, in some milliseconds."""


def chunks(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    """Split ids into parts that fit one IN clause, or rows into parts between which others have their turn."""
    return (items[start : start + MAX_CHUNK] for start in range(0, len(items), MAX_CHUNK))


class Scanning:
    """Yields rows one by one. All scans of one database share it."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._readers = asyncio.Semaphore(MAX_READERS)
        self._lock = asyncio.Lock()
        self._break_ended = 0.0

    async def rows(
        self, ids: sa.Select[Any], page: Callable[[Sequence[Id]], sa.Select[Any]]
    ) -> AsyncIterator[sa.RowMapping]:
        """Yield the rows whose ids `ids` selects, in its order. `page` selects rows by ids, with a column `id`.

        The ids are read first. Rows deleted since then are left out.
        """
        every: list[Id] = await self._ids(ids)
        for start in range(0, len(every), PAGE_ROWS):
            some = every[start : start + PAGE_ROWS]
            async with self._readers, self._db.read() as tx:
                by_id = {row["id"]: row for row in (await tx.execute(page(some))).mappings()}
            for place, key in enumerate(some):
                if place % MAX_SLICE_ROWS == 0:
                    await self._give_way()
                if key in by_id:
                    yield by_id[key]

    async def in_order(self, after: Callable[[int], sa.Select[Any]]) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """Yield small rows in slices, in the order of their numbers.

        `after` selects what follows a number, ordered by it. The first column is the number. `rows` is for large rows.
        """
        last = 0
        while True:
            async with self._readers, self._db.read() as tx:
                page = (await tx.execute(after(last).limit(MAX_IDS_AT_ONCE))).all()
            for start in range(0, len(page), MAX_SMALL_SLICE_ROWS):
                await self._give_way()
                yield page[start : start + MAX_SMALL_SLICE_ROWS]
            if len(page) < MAX_IDS_AT_ONCE:
                return
            last = page[-1][0]

    async def _ids(self, statement: sa.Select[Any]) -> list[Any]:
        ids: list[Any] = []
        async with self._readers, self._db.read() as tx:
            rows = await tx.stream_scalars(statement.execution_options(yield_per=MAX_IDS_AT_ONCE))
            async for some in rows.partitions():
                ids += some
        return ids

    async def _give_way(self) -> None:
        """Yield to everything else that can run. Of several scans only one continues per turn of the loop.

        What runs between them takes many turns in a row (a statement alone takes ten), so it gets about half of the
        time.
        """
        async with self._lock:
            began = time.perf_counter()
            await asyncio.sleep(0)
            now = time.perf_counter()
            if now - began > MAX_IDLE_TURN_SECONDS and now - self._break_ended >= BREAK_SECONDS:
                await asyncio.sleep(BREAK_SECONDS)
                self._break_ended = time.perf_counter()
