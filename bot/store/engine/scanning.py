"""Looking through many rows without holding anybody up.

Whoever looks through 20,000 applications holds no connection meanwhile, only for each page of them, and gives way to
everything else that the process does after a few rows. Of all that look through rows at the same time, one takes its
few rows in each turn of the event loop, so that ten of them delay others no more than one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.store.engine.database import Database

Id = TypeVar("Id", str, int)

MAX_READERS = 2
"""Connections that all of them hold at a time; the others of the pool are for short questions."""

PAGE_ROWS = 100
"""Rows that are read by one question."""

MAX_SLICE_ROWS = 5
"""Rows that are understood, and judged, in one go: less than a millisecond, by the heaviest filter."""

MAX_IDS_AT_ONCE = 5000
"""Ids, far smaller than rows, that are taken in one go."""


MAX_IDS_IN_CLAUSE = 500
"""Ids in one IN clause: far below the limit of variables of any SQLite."""


def chunks(ids: Sequence[Id]) -> Iterable[Sequence[Id]]:
    """Return `ids` in parts that fit one IN clause."""
    return (ids[start : start + MAX_IDS_IN_CLAUSE] for start in range(0, len(ids), MAX_IDS_IN_CLAUSE))


class Scanning:
    """Gives rows one by one. All that look through rows of one database share it."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._readers = asyncio.Semaphore(MAX_READERS)
        self._lock = asyncio.Lock()

    async def rows(
        self, ids: sa.Select[Any], page: Callable[[Sequence[Id]], sa.Select[Any]]
    ) -> AsyncIterator[sa.RowMapping]:
        """Give the rows whose ids a statement selects, in its order; `page` selects those of some ids, with their `id`.

        The ids are those of the beginning; a row that is gone by the time it would come is left out.
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

    async def _ids(self, statement: sa.Select[Any]) -> list[Any]:
        ids: list[Any] = []
        async with self._readers, self._db.read() as tx:
            rows = await tx.stream_scalars(statement.execution_options(yield_per=MAX_IDS_AT_ONCE))
            async for some in rows.partitions():
                ids += some
        return ids

    async def _give_way(self) -> None:
        """Let everything run that can; of several that wait here, one goes on in each turn of the loop."""
        async with self._lock:
            await asyncio.sleep(0)
