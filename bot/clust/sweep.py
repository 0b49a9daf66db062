"""Reading every page of a connection (rules R4, R5).

A strategy gives pages as they come, and says at the end whether they were all. Rows that move between pages while they
are read come twice: the newest read of an id wins. Those that move in front of what was read already are caught by
reading the first page again at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from bot.clust.budget import Priority
from bot.clust.client import OF_THE_POLL, ClustClient
from bot.clust.protocol import PER_PAGE, Page
from bot.core.errors import ClustBroken

TRIES = 2
"""Readings of a list that changes under our hands, before a cycle gives up."""


class SweepIncomplete(ClustBroken):
    """The list of applications could not be read completely."""


class Sweep(Protocol):
    """One way of reading what a connection holds now."""

    def pages(self) -> AsyncIterator[Page]:
        """Give the pages as they come. Raises ClustError when one fails, SweepIncomplete when they can't be all."""


class FullSweep:
    """Reads every page, several at once where the total is known."""

    def __init__(self, client: ClustClient) -> None:
        self._client = client
        self._ids: set[str] = set()
        self._total: int | None = None

    async def pages(self) -> AsyncIterator[Page]:
        """Give every page, and the first one again at the end (rule R4)."""
        for _ in range(TRIES):
            self._ids.clear()
            shrank = False
            async for page in self._once():
                shrank = shrank or (None not in (page.total, self._total) and (page.total or 0) < (self._total or 0))
                self._total = page.total if page.total is not None else self._total
                self._ids.update(row.id for row in page.rows)
                yield page
            # A deletion pulls rows over page boundaries, where they are missed: then the list is read again.
            if self._complete() and not shrank:
                return
        if not self._complete():
            raise SweepIncomplete(f"It says it holds {self._total}, but its pages brought {len(self._ids)}.")

    def _complete(self) -> bool:
        return self._total is None or len(self._ids) >= self._total

    async def _once(self) -> AsyncIterator[Page]:
        first = await self._read(1)
        yield first
        pages = _page_count(first)
        following = self._one_by_one(first) if pages is None else self._concurrently(range(2, pages + 1))
        several = False
        async for page in following:
            several = True
            yield page
        if several:
            yield await self._read(1)

    async def _read(self, number: int) -> Page:
        return await self._client.page(number, PER_PAGE, priority=Priority.POLL)

    async def _concurrently(self, numbers: range) -> AsyncIterator[Page]:
        """Read pages several at once, and no further ahead than they are taken: memory stays flat."""
        under_way: set[asyncio.Task[Page]] = set()
        left = iter(numbers)
        try:
            while True:
                while len(under_way) < OF_THE_POLL and (number := next(left, None)):
                    under_way.add(asyncio.create_task(self._read(number)))
                if not under_way:
                    return
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _one_by_one(self, first: Page) -> AsyncIterator[Page]:
        """Follow pages whose number is not known; one without any word about others is followed while it is full."""
        seen = {row.id for row in first.rows}
        last, number = first, 1
        while last.has_next or (_says_nothing(last) and len(last.rows) == PER_PAGE):
            number += 1
            page = await self._read(number)
            fresh = {row.id for row in page.rows} - seen
            if not fresh and not page.has_next:
                return
            if not fresh:
                raise SweepIncomplete(f"Page {number} repeats the pages before it, and says there are more.")
            seen |= fresh
            yield page
            last = page


def _page_count(first: Page) -> int | None:
    """Return how many pages there are, where the total is told: by the page length that the server really keeps to."""
    if first.total is None:
        return None
    length = min(size for size in (first.per_page or PER_PAGE, len(first.rows) or PER_PAGE) if size)
    return -(-first.total // length)


def _says_nothing(page: Page) -> bool:
    return page.total is None and not page.has_next
