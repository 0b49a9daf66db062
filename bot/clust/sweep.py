"""Reading the pages of a connection (rules R4, R5).

A strategy gives pages as they come, and fails where they are not what it promises: all, or the front of a sorted list.
Rows that move between pages while they are read come twice: the newest read of an id wins. Those that move in front of
what was read already are caught by reading the first page again at the end; of a sorted list, by the next reading.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import ClassVar, Protocol

from bot.clust.client import OF_THE_POLL, ClustClient
from bot.clust.familiar import Familiar, Row
from bot.clust.protocol import PER_PAGE, Page
from bot.core.errors import ClustBroken, ClustBusy, ClustNotFound
from bot.core.order import Front

PAUSES = 5
"""429s in a row that one page survives; the next one fails the sweep."""

FRONT = 20
"""Pages: where more is new, all are read, several at once."""

TRIES = 2
"""Readings of a list that changes under our hands, before a cycle gives up."""


class SweepIncomplete(ClustBroken):
    """The list of applications could not be read completely."""


class Unsettled(Exception):
    """The front of a list does not tell that nothing new follows it: all of it must be read."""


class Sweep(Protocol):
    """One way of reading what a connection holds now; `is_full` tells whether absence from it means anything."""

    is_full: ClassVar[bool]

    def pages(self) -> AsyncIterator[Page[Row]]:
        """Give the pages as they come. Raises ClustError when one fails, SweepIncomplete when they can't be all."""


class FrontSweep:
    """Reads pages from the first one on, until one after which nothing new follows (`bot.core.order`).

    `judge` is asked after each page was taken. The pages end with an Unsettled where the order does not hold, or the
    list or `FRONT` ends before: then nothing of them counts.
    """

    is_full: ClassVar = False

    def __init__(self, client: ClustClient, familiar: Familiar, judge: Callable[[Page[Row]], Front]) -> None:
        self._client, self._familiar, self._judge = client, familiar, judge

    async def pages(self) -> AsyncIterator[Page[Row]]:
        """Give the pages of the front, in their order."""
        for number in range(1, FRONT + 1):
            page = await read_page(self._client, self._familiar, number)
            yield page
            match self._judge(page):
                case Front.SETTLED:
                    return
                case Front.UNSORTED:
                    raise Unsettled(Front.UNSORTED.value)
        raise Unsettled("there is much that is new")


class FullSweep:
    """Reads every page, several at once where the total is known."""

    is_full: ClassVar = True

    def __init__(self, client: ClustClient, familiar: Familiar) -> None:
        self._client, self._familiar = client, familiar
        self._ids: set[str] = set()
        self._unreadable = 0
        self._total: int | None = None
        self._shrank = False

    async def pages(self) -> AsyncIterator[Page[Row]]:
        """Give every page, and the first one again at the end (rule R4)."""
        for _ in range(TRIES):
            self._ids.clear()
            self._unreadable, self._shrank, several = 0, False, 0
            async for page in self._once():
                self._note(page)
                self._unreadable += page.unreadable
                several += 1
                yield page
            if several > 1:
                first = await read_page(self._client, self._familiar, 1)
                self._note(first)
                yield first
            # A deletion pulls rows over page boundaries, where they are missed: then the list is read again.
            if self._complete() and not self._shrank:
                return
        if not self._complete():
            raise SweepIncomplete(f"It says it holds {self._total}, but its pages brought {len(self._ids)}.")

    def _note(self, page: Page[Row]) -> None:
        self._ids.update(row.id for row in page.rows)
        if page.total is not None:
            self._shrank = self._shrank or page.total < (self._total or 0)
            self._total = page.total

    def _complete(self) -> bool:
        """Tell whether as many came as there are; rows without an id can't be known, and must not stop the others."""
        return self._total is None or len(self._ids) + self._unreadable >= self._total

    async def _once(self) -> AsyncIterator[Page[Row]]:
        first = await read_page(self._client, self._familiar, 1)
        yield first
        pages = _page_count(first, first.total)
        following = self._one_by_one(first) if pages is None else self._concurrently(range(2, pages + 1))
        async for page in following:
            yield page
        # What was created meanwhile pushed rows over the end of the last page.
        async for page in self._concurrently(range((pages or 0) + 1, (_page_count(first, self._total) or 0) + 1)):
            yield page

    async def _concurrently(self, numbers: range) -> AsyncIterator[Page[Row]]:
        """Read pages several at once, but no further ahead than they are taken: memory stays flat."""
        left = iter(numbers)
        pages: asyncio.Queue[Page[Row] | BaseException | None] = asyncio.Queue(OF_THE_POLL)

        async def read() -> None:
            # One after the other in one task: the next request leaves on the connection that has just become free.
            nonlocal left
            while number := next(left, None):
                page = await read_page(self._client, self._familiar, number)
                if not _length(page):
                    left = iter(())  # beyond the end, whatever the total says
                await pages.put(page)

        async def read_all() -> None:
            end: BaseException | None = None
            try:
                async with asyncio.TaskGroup() as readers:
                    for _ in range(min(OF_THE_POLL, len(numbers))):
                        readers.create_task(read())
            except BaseExceptionGroup as failed:  # whatever it is: who takes the pages must not wait for ever
                end = failed.exceptions[0]
            await pages.put(end)

        reading = asyncio.create_task(read_all())
        try:
            while isinstance(page := await pages.get(), Page):
                yield page
            if page:
                raise page
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _one_by_one(self, first: Page[Row]) -> AsyncIterator[Page[Row]]:
        """Follow pages whose number is not known, while a next one is promised.

        Where a server says nothing about others it may have no pages, and then the second repeats the first; or it has
        shorter ones than were asked for. So it is asked, unless it gave more than that, until one is not full.
        """
        seen = {row.id for row in first.rows}
        last, number = first, 1
        silent = not first.has_next and 0 < _length(first) <= PER_PAGE
        while last.has_next or (silent and _length(last) == _length(first)):
            number += 1
            try:
                page = await read_page(self._client, self._familiar, number)
            except ClustNotFound:
                if last.has_next:
                    raise
                return  # a server without pages may not know a second one
            fresh = {row.id for row in page.rows} - seen
            if not fresh and not page.has_next:
                return
            if not fresh:
                raise SweepIncomplete(f"Page {number} repeats the pages before it, and says there are more.")
            seen |= fresh
            yield page
            last = page


async def read_page(client: ClustClient, familiar: Familiar, number: int) -> Page[Row]:
    """Read one page. After a 429 the budget pauses and it is read then: a sweep has no limit of time (rule R6)."""
    for _ in range(PAUSES):
        with contextlib.suppress(ClustBusy):
            return await client.polled_page(number, familiar.read)
    return await client.polled_page(number, familiar.read)


def _length(page: Page[Row]) -> int:
    return len(page.rows) + page.unreadable


def _page_count(first: Page[Row], total: int | None) -> int | None:
    """Return how many pages there are, where the total is told: by the page length that the server really keeps to."""
    if total is None:
        return None
    length = min(first.per_page or PER_PAGE, _length(first) or PER_PAGE)
    return -(-total // length)
