"""Reading the pages of a connection (rules R4, R5).

A strategy gives pages as they come, and fails where they are not what it promises: all, or the front of a sorted list.
Rows that move between pages while they are read come twice: the newest read of an id wins. Those that move in front of
what was read already are caught by reading the first page again at the end, and those of a sorted list by the next
reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import ClassVar, Protocol

from bot.clust.client import ClustClient
from bot.clust.paging_formats import query_of
from bot.clust.protocol import PER_PAGE, Page
from bot.clust.rate_limiter import MAX_SILENT_PAUSE_SECONDS
from bot.clust.row_cache import CachedRow, RowCache
from bot.clust.session import MAX_POLL_IN_FLIGHT
from bot.core.applications.list_order import Front
from bot.core.errors import ClustBroken, ClustBusy, ClustNotFound, Way
from bot.core.language import N_, _

MAX_PAUSES = 5
"""429s in a row that one page survives. The next one fails the sweep."""

MAX_FRONT_PAGES = 20
"""Pages: where more is new, all are read, several at once."""

MAX_STALE_PAGES = 500
"""Pages in a row, or of all, that may bring nothing new before a list counts as one without an end."""

MAX_READINGS = 2
"""Readings of a list that changes under our hands, before a cycle gives up."""


class SweepIncomplete(ClustBroken):
    """Not every page of the list could be read, so that none of it counts (rule R4)."""

    summary: ClassVar[str] = N_("I couldn't read the whole list of applications.")


class Unsettled(Exception):
    """The front of a list does not show that nothing new follows it. All of it must be read."""


class Sweep(Protocol):
    """One way of reading what a connection holds now. `is_full`: whether absence from it means anything."""

    is_full: ClassVar[bool]

    def pages(self) -> AsyncIterator[Page[CachedRow]]:
        """Return the pages as they come. Raises ClustError when one fails, SweepIncomplete when they can't be all."""


class FrontSweep:
    """Reads pages from the first one on, until one after which nothing new follows (see `list_order`).

    `judge` is asked after each page was taken. The pages end with an Unsettled where the order does not hold, or the
    list or `MAX_FRONT_PAGES` ends before: then nothing of them counts.
    """

    is_full: ClassVar = False

    def __init__(self, client: ClustClient, row_cache: RowCache, judge: Callable[[Page[CachedRow]], Front]) -> None:
        self._client, self._row_cache, self._judge = client, row_cache, judge

    async def pages(self) -> AsyncIterator[Page[CachedRow]]:
        """Yield the pages of the front, in their order. Raises Unsettled at the end if the front shows too little."""
        link = ""
        for number in range(1, MAX_FRONT_PAGES + 1):
            page = await read_page(self._client, self._row_cache, number, link)
            link = page.paging.next_link
            yield page
            match self._judge(page):
                case Front.SETTLED:
                    return
                case Front.UNSORTED:
                    raise Unsettled(Front.UNSORTED.value)
        raise Unsettled("there is much that is new")


class FullSweep:
    """Reads every page, several at once where it is known how many there are, else each as the one before it says."""

    is_full: ClassVar = True

    def __init__(self, client: ClustClient, row_cache: RowCache) -> None:
        self._client, self._row_cache = client, row_cache
        self._tally = _SweepTally()

    async def pages(self) -> AsyncIterator[Page[CachedRow]]:
        """Yield every page, and the first one again at the end (rule R4). Raises SweepIncomplete after the last."""
        for _time in range(MAX_READINGS):
            self._tally, several = _SweepTally(self._tally.total), 0
            async for page in self._once():
                self._tally.take(page)
                several += 1
                yield page
            if several > 1:
                first = await read_page(self._client, self._row_cache, 1)
                self._tally.take(first, again=True)
                yield first
            # A deletion pulls rows over page boundaries, where they are missed: then the list is read again.
            if self._tally.is_complete and not self._tally.shrank:
                return
        if self._tally.is_repeating and self._tally.total is None:
            raise SweepIncomplete(
                _("The list's pages repeat each other, although Clust says there are more."), way=Way.LOOP
            )
        if not self._tally.is_complete:
            detail = _(
                "Clust's total number of applications is {total:,}, but it listed {listed:,}.",
                total=self._tally.total,
                listed=self._tally.applications,
            )
            raise SweepIncomplete(detail, way=Way.COUNT)

    async def _once(self) -> AsyncIterator[Page[CachedRow]]:
        first = last = await read_page(self._client, self._row_cache, 1)
        yield first
        pages = _page_count(first, first.paging.total) or 1
        async for page in self._concurrently(range(2, pages + 1)):
            last = max(last, page, key=lambda each: each.number)
            yield page
        # What was created during the sweep pushed rows over the end of the last page.
        async for page in self._concurrently(range(pages + 1, (_page_count(first, self._tally.total) or 0) + 1)):
            last = max(last, page, key=lambda each: each.number)
            yield page
        if self._tally.is_complete:
            async for page in self._follow(last):
                yield page

    async def _concurrently(self, numbers: range) -> AsyncIterator[Page[CachedRow]]:
        """Read pages several at once, but no further ahead than they are taken: memory stays flat."""
        left = iter(numbers)
        pages: asyncio.Queue[Page[CachedRow] | BaseException | None] = asyncio.Queue(MAX_POLL_IN_FLIGHT)
        empty = 0

        async def read() -> None:
            # One after the other in one task: the next request leaves on the connection that has just become free.
            nonlocal left, empty
            while number := next(left, None):
                page = await read_page(self._client, self._row_cache, number)
                empty += not page.length
                if (not page.length and not page.paging.has_next) or empty > MAX_STALE_PAGES:
                    left = iter(())  # beyond the end, whatever the total says
                await pages.put(page)

        async def read_all() -> None:
            end: BaseException | None = None
            try:
                async with asyncio.TaskGroup() as readers:
                    for _time in range(min(MAX_POLL_IN_FLIGHT, len(numbers))):
                        readers.create_task(read())
            except BaseExceptionGroup as failed:  # whatever it is: who takes the pages must not wait forever
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

    async def _follow(self, last: Page[CachedRow]) -> AsyncIterator[Page[CachedRow]]:
        """Read on behind a page while another one is promised, or may follow since nothing is said.

        Where a server says nothing about others it may have no pages, and then the second repeats the first, or it has
        shorter ones than were asked for. So it is asked, unless it gave more than that, until one is not full. A page
        that brings nothing new is an end only there: its rows may be hidden from the token, or doubled.
        """
        links, fullest, stale, speaks = set[str](), last.length, 0, last.paging.has_next
        while last.paging.has_next or (not speaks and _may_go_on(last, fullest)):
            number, link = last.number + 1, last.paging.next_link
            try:
                page = await read_page(self._client, self._row_cache, number, link)
            except ClustNotFound:
                if last.paging.has_next:
                    raise
                return  # a server without pages may not know a second one
            is_repeated, is_new = self._tally.has_read(page), self._tally.is_news(page)
            if is_repeated and not page.paging.has_next:
                return
            links.add(link)
            stale = 0 if is_new else stale + 1
            if not is_new and page.paging.has_next and (is_repeated or page.paging.next_link in links):
                detail = _("Page {number} repeats earlier pages, although Clust says there are more.", number=number)
                raise SweepIncomplete(detail, way=Way.LOOP)
            if stale > MAX_STALE_PAGES:
                raise SweepIncomplete(_("{stale} pages in a row listed nothing new.", stale=stale), way=Way.LOOP)
            yield page
            last, fullest, speaks = page, max(fullest, page.length), speaks or page.paging.has_next


class _SweepTally:
    """What the pages of one reading brought, beside what the server promised (rule R4)."""

    def __init__(self, total: int | None = None) -> None:
        """`total` is what an earlier reading was promised."""
        self.total = total
        self.shrank = self.is_repeating = False
        self._marks: dict[str, int] = {}
        self._pages: set[tuple[str, ...]] = set()
        self._others = 0

    @property
    def applications(self) -> int:
        """How many different ones came."""
        return len(self._marks)

    @property
    def is_complete(self) -> bool:
        """Whether as many applications came as there are, or as many rows.

        Rows without an id can't be known, and must not stop the others. One that appears twice counts twice.
        """
        if self.total is None:
            return not self.is_repeating
        return len(self._marks) + self._others >= self.total

    def take(self, page: Page[CachedRow], *, again: bool = False) -> None:
        """Count a page. Rows of one that is read `again`, or repeats another, are counted already."""
        is_repeated = again or self._repeats(page)
        self.is_repeating = self.is_repeating or (is_repeated and not again)
        for row in page.rows:
            # One that changed between two readings moved, and another may have been missed for it.
            self._others += not is_repeated and self._marks.get(row.id) == row.fingerprint
            self._marks[row.id] = row.fingerprint
        self._others += 0 if is_repeated else page.unreadable
        self._pages.add(_ids(page))
        if page.paging.total is not None:
            self.shrank = self.shrank or page.paging.total < (self.total or 0)
            self.total = page.paging.total

    def has_read(self, page: Page[CachedRow]) -> bool:
        """Return whether a page is, row for row, one that was read before."""
        return bool(page.rows) and _ids(page) in self._pages

    def is_news(self, page: Page[CachedRow]) -> bool:
        """Return whether a page has an application that none before it had."""
        return any(row.id not in self._marks for row in page.rows)

    def _repeats(self, page: Page[CachedRow]) -> bool:
        """Return whether a server gave another page than it was asked for, though one row alone can appear twice."""
        current = page.paging.current_page
        if current is not None and current != page.number:
            return True
        return self.has_read(page) and (page.length > 1 or current is None)


async def read_page(client: ClustClient, row_cache: RowCache, number: int, link: str = "") -> Page[CachedRow]:
    """Read one page. After a 429 the budget pauses and it is read then: a sweep has no limit of time (rule R6).

    Raises ClustBusy where that asks for so long a pause that people should know of it.
    """
    for _time in range(MAX_PAUSES):
        try:
            return await client.polled_page(number, row_cache.read, link)
        except ClustBusy as error:
            if (error.retry_after or 0) > MAX_SILENT_PAUSE_SECONDS:
                raise
    return await client.polled_page(number, row_cache.read, link)


def _ids(page: Page[CachedRow]) -> tuple[str, ...]:
    return tuple(row.id for row in page.rows)


def _may_go_on(page: Page[CachedRow], fullest: int) -> bool:
    """Return whether a page may have others behind it though it says nothing of any: it is full, and not too long."""
    paging = page.paging
    is_silent = not paging.is_last and paging.total is None and paging.last_page is None
    return is_silent and 0 < page.length <= PER_PAGE and page.length >= fullest


def _page_count(first: Page[CachedRow], total: int | None) -> int | None:
    """Return how many pages there are, where that is said and they go by numbers.

    A total is divided by the page length that the server really keeps to. Where rows are hidden from the token, that
    asks for too many rather than too few.
    """
    paging = first.paging
    if (total is None and paging.last_page is None) or (query_of(paging.next_link) or {"page": ""}).keys() != {"page"}:
        return None
    length = min(paging.per_page or PER_PAGE, first.length or PER_PAGE)
    return max(-(-(total or 0) // length), paging.last_page or 0)
