"""Reading the whole list: every way a server may page, and a list that moves at the same time (rules R4, R5)."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clust.client import ClustClient
from bot.clust.protocol import Page
from bot.clust.rate_limiter import RateLimiter
from bot.clust.row_cache import CachedRow, RowCache
from bot.clust.session import MAX_POLL_IN_FLIGHT
from bot.clust.sweep import FullSweep, SweepIncomplete
from bot.core.applications.model import Application
from bot.core.errors import ClustBroken, ClustError, ClustUnauthorized, Way
from bot.core.profiles.profile import PagingShape
from bot.sandbox.clust.paging import SILENT
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOKEN = "secret"


async def no_wait(_seconds: float) -> None:
    """Go on at once."""


class Moving(SandboxClustTransport):
    """Lets something happen to the account after each of some requests, counted from 1."""

    def __init__(self, account: SandboxClust, happens: Mapping[int, Callable[[], object]]) -> None:
        super().__init__(account)
        self._happens = happens
        self._answered = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and then let it happen."""
        answer = await super().handle_async_request(request)
        self._answered += 1
        self._happens.get(self._answered, lambda: None)()
        return answer


class Pages(httpx.AsyncBaseTransport):
    """A server that answers with these bodies by page number, and with the last one beyond."""

    def __init__(self, *responses: Any) -> None:
        self.responses = responses
        self.requested: list[int] = []
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer with one page."""
        self.requests.append(request)
        number = int(request.url.params["page"])
        self.requested.append(number)
        body = self.responses[min(number, len(self.responses)) - 1]
        if isinstance(body, httpx.Response):
            return body
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()))


class Circle(httpx.AsyncBaseTransport):
    """A server that answers with these bodies one after the other, whatever is asked, and then again."""

    def __init__(self, *responses: Any) -> None:
        self.responses = responses
        self.requests: list[httpx.Request] = []

    def answer(self, number: int) -> Any:
        """Return the answer to a request, counted from 0."""
        return self.responses[number % len(self.responses)]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer with the next page."""
        body = self.answer(len(self.requests))
        self.requests.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()))


def rows(*ids: int) -> list[dict[str, int]]:
    """Make list rows."""
    return [{"id": number} for number in ids]


def make_account(size: int, **faults: Any) -> SandboxClust:
    """Make an account of so many applications."""
    account = SandboxClust(token=TOKEN, clock=lambda: NOON)
    account.populate(size)
    for name, value in faults.items():
        setattr(account.faults, name, value)
    return account


async def swept(
    transport: httpx.AsyncBaseTransport, pages: list[Page[CachedRow]] | None = None
) -> list[Page[CachedRow]]:
    """Read the whole list. The `pages` that came are kept there, even if it fails."""
    pages = [] if pages is None else pages
    async with ClustClient("https://clust.invalid/api", TOKEN, transport=transport, sleep=no_wait) as client:
        async for page in FullSweep(client, RowCache({})).pages():
            pages.append(page)
    return pages


def union(pages: Sequence[Page[CachedRow]]) -> dict[str, Application]:
    """Return each application once, as it was read last."""
    return {row.id: row.application for page in pages for row in page.rows if row.application}


def as_listed(account: SandboxClust) -> dict[str, Application]:
    """Return the present list of the account."""
    read_pages = (Application.model_validate(dossier.in_list()) for dossier in account.dossiers.values())
    return {application.id: application for application in read_pages}


async def test_an_empty_list_is_read_once() -> None:
    """An account without applications is one request and no rows (B1 reads it again)."""
    account = make_account(0)
    assert union(await swept(SandboxClustTransport(account))) == {}
    assert len(account.requests) == 1


SHAPES = get_args(PagingShape)
SPEAKING = [shape for shape in SHAPES if shape not in SILENT]


@pytest.mark.parametrize("paging", SHAPES)
@pytest.mark.parametrize(
    ("cap", "size"),
    [
        *((cap, size) for cap in (None, 25) for size in (1, 15, 25, 60, 100, 101)),
        *((7, size) for size in (1, 14, 15, 60)),
        *((1, size) for size in (1, 15)),
    ],
)
async def test_every_way_of_paging_brings_every_application(paging: str, cap: int | None, size: int) -> None:
    """A9: in each shape of a list, whatever the server makes of the page length, all rows come."""
    account = make_account(size, paging=paging, cap_per_page=cap)
    assert union(await swept(SandboxClustTransport(account))) == as_listed(account)


@pytest.mark.parametrize("odd", [{"rows_by_id": True}, {"counts_as_text": True}])
@pytest.mark.parametrize("paging", SPEAKING)
async def test_rows_by_id_and_counts_as_text_are_read(paging: str, odd: dict[str, bool]) -> None:
    """A9: rows may stand in an object by their ids, and numbers be written as text, in each shape."""
    account = make_account(60, paging=paging, cap_per_page=25, **odd)
    assert union(await swept(SandboxClustTransport(account))) == as_listed(account)


PROMISES_A_TOTAL = ("full", "meta", "flat")


@pytest.mark.parametrize("hidden", [{7}, {1, 60}, set(range(26, 51))])
@pytest.mark.parametrize("paging", SPEAKING)
async def test_a_short_page_is_not_the_last_one(paging: str, hidden: set[int]) -> None:
    """A9: rows that are hidden from the token make pages short, or empty: all others come, or an honest error."""
    account = make_account(60, paging=paging, cap_per_page=25, hidden=frozenset(hidden))
    pages: list[Page[CachedRow]] = []
    if paging in PROMISES_A_TOTAL:
        with pytest.raises(SweepIncomplete, match=f"is 60, but it listed {60 - len(hidden)}"):
            await swept(SandboxClustTransport(account), pages)
    else:
        await swept(SandboxClustTransport(account), pages)
    assert union(pages).keys() == as_listed(account).keys() - {str(number) for number in hidden}


@pytest.mark.parametrize("doubled", [{7}, {1, 60}, set(range(1, 61))])
@pytest.mark.parametrize("cap", [None, 25, 7])
@pytest.mark.parametrize("paging", SHAPES)
async def test_rows_that_stand_twice_are_complete(paging: str, cap: int | None, doubled: set[int]) -> None:
    """A10: where the total counts rows, as many rows over all pages are complete, though some stand there twice."""
    account = make_account(60, paging=paging, cap_per_page=cap, doubled=frozenset(doubled))
    assert union(await swept(SandboxClustTransport(account))) == as_listed(account)


async def test_a_doubled_row_makes_up_for_none_that_is_missing() -> None:
    """R4: rows of a page that came twice, as a server gives one that knows no pages, are not counted again."""
    body = {"data": rows(1, 2), "meta": {"total": 4, "per_page": 2, "current_page": 1}}
    for meta in (body["meta"], {"total": 4, "per_page": 2}):
        with pytest.raises(SweepIncomplete, match="Clust's total number of applications is 4, but it listed 2"):
            await swept(Pages({"data": rows(1, 2), "meta": meta}))


async def test_a_row_that_moves_makes_up_for_none_that_is_missing() -> None:
    """R4: a row read twice because it moved to the end does not count twice: the list is read again."""
    account = make_account(60, cap_per_page=10, order="oldest", paging="flat")
    moved = Moving(account, {1: lambda: account.rename(1, "Moved")})
    assert union(await swept(moved)) == as_listed(account)


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.invalid/steal?page={}",
        "//elsewhere.invalid/?page={}",
        "http://clust.invalid/api/dossiers?page={}",
        "/other?page={}",
        "?page={}&per_page=1",
        "https://[broken?page={}",
    ],
)
async def test_a_link_leads_nowhere_but_to_the_same_account(link: str) -> None:
    """A9: of a link to the next page its query alone is heeded, and whatever host it names, our own base is asked."""
    pages = Pages(
        {"data": rows(1), "next_page_url": link.format(2)},
        {"data": rows(2), "next_page_url": link.format(3)},
        {"data": rows(3), "next_page_url": None},
    )
    assert sorted(union(await swept(pages))) == ["1", "2", "3"]
    assert {(each.url.host, each.url.path, each.url.params["per_page"]) for each in pages.requests} == {
        ("clust.invalid", "/api/dossiers", "100")
    }


@pytest.mark.parametrize(
    "responses",
    [
        [{"data": rows(1), "next_cursor": "a"}, {"data": rows(1), "next_cursor": "b"}],
        [{"data": rows(1), "next_cursor": "a"}, {"data": [], "next_cursor": "a"}],
        [{"data": rows(1), "links": {"next": "?page=2"}}, {"data": rows(2), "links": {"next": "?page=1"}}],
        [{"data": rows(1), "current_page": 1, "last_page": 2}, {"data": rows(1), "current_page": 1, "last_page": 2}],
        [{"data": rows(1, 2), "last_page": 2}, {"data": rows(1, 2), "last_page": 2}],
    ],
)
async def test_a_circle_of_pages_is_given_up(responses: list[Any]) -> None:
    """A9: links that lead back, cursors that repeat and pages that come again end the reading with an error."""
    pages = Circle(*responses)
    with pytest.raises(SweepIncomplete, match="repeat") as failed:
        await swept(pages)
    assert failed.value.way is Way.LOOP
    assert len(pages.requests) <= 10


async def test_a_list_without_an_end_is_given_up() -> None:
    """A9: a server that promises one empty page after the other is left after a number of them."""

    class Endless(Circle):
        """Gives no rows, and each time another cursor."""

        def answer(self, number: int) -> Any:
            """Promise a page that was never asked for."""
            return {"data": [], "next_cursor": str(number)}

    with pytest.raises(SweepIncomplete, match="pages in a row listed nothing new"):
        await swept(Endless())


async def test_more_than_the_total_is_followed() -> None:
    """A9: where a total counts a page alone, pages behind it that are promised are read all the same."""
    more = {"total": 2, "per_page": 2}
    pages = Pages(
        {"data": rows(1, 2), **more, "next_page_url": "?page=2"},
        {"data": rows(3, 4), **more, "next_page_url": "?page=3"},
        {"data": rows(5, 6), **more, "next_page_url": None},
    )
    assert len(union(await swept(pages))) == 6


@pytest.mark.parametrize("paging", ["full", "meta"])
async def test_a_server_may_ignore_the_page_length(paging: str) -> None:
    """Pages of 15 where 100 were asked for are all read, and the first one again at the end (R4)."""
    account = make_account(50, paging=paging, ignore_per_page=True)
    assert union(await swept(SandboxClustTransport(account))) == as_listed(account)
    assert sorted(request.query["page"] for request in account.requests) == ["1", "1", "2", "3", "4"]
    assert account.requests[-1].query == {"page": "1", "per_page": "100"}


async def test_without_any_word_of_pages_a_long_answer_is_the_list() -> None:
    """A server that gives more than was asked for has no pages, and is asked once."""
    account = make_account(150, paging="none")
    assert len(union(await swept(SandboxClustTransport(account)))) == 150
    assert len(account.requests) == 1


async def test_without_any_word_of_pages_a_full_one_is_followed() -> None:
    """A server that says nothing and ignores the page number is asked for a second page, and ends there."""
    pages = Pages({"data": rows(*range(100))})
    assert len(union(await swept(pages))) == 100
    assert pages.requested == [1, 2]


async def test_links_alone_are_followed() -> None:
    """Where only a next page is promised, pages are read one by one until none is."""
    following = {"links": {"next": "https://clust.invalid/next"}}
    pages = Pages(
        {"data": rows(1, 2), **following}, {"data": rows(3, 4), **following}, {"data": rows(5, 6), "links": {}}
    )
    assert sorted(union(await swept(pages))) == ["1", "2", "3", "4", "5", "6"]
    assert pages.requested == [1, 2, 3, 1]


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        ({"data": rows(1, 2), "links": {"next": "x"}}, "Page 2 repeats earlier pages"),
        (
            {"data": rows(1, 2), "meta": {"total": 8}, "links": {"next": "x"}},
            "Clust's total number of applications is 8, but it listed 2",
        ),
        ({"data": rows(1, 2), "meta": {"total": 8}}, "Clust's total number of applications is 8, but it listed 2"),
        ({"data": [], "links": {"next": "x"}}, "Page 2 repeats earlier pages"),
        ({"data": [], "meta": {"total": 8}}, "Clust's total number of applications is 8, but it listed 0"),
    ],
)
async def test_a_server_that_repeats_a_page_is_given_up(first: dict[str, Any], sentence: str) -> None:
    """Pages that bring nothing new end the reading, with a sentence and not with a list that looks complete."""
    pages = Pages(first)
    with pytest.raises(SweepIncomplete, match=sentence):
        await swept(pages)
    assert len(pages.requested) <= 10


async def test_the_sandboxs_endless_list_is_given_up() -> None:
    """The same with meta, links and a first page that comes whatever is asked for."""
    account = make_account(300, repeat_first_page=True)
    with pytest.raises(SweepIncomplete, match="Clust's total number of applications is 300, but it listed 100"):
        await swept(SandboxClustTransport(account))


async def test_a_wrong_total_does_not_read_on_without_end() -> None:
    """A total far beyond what there is ends at the first empty pages, and the list is not complete (R4)."""
    pages = Pages({"data": rows(1, 2), "meta": {"total": 900_000_000}}, {"data": []})
    with pytest.raises(SweepIncomplete, match="is 900,000,000"):
        await swept(pages)
    assert len(pages.requested) < 50


async def test_rows_without_an_id_do_not_stop_the_others() -> None:
    """A row that can't be known counts among the total, and every other one is read."""
    paging = {"meta": {"total": 4, "per_page": 2}}
    pages = Pages({"data": [{"id": 1}, {"title": "x"}], **paging}, {"data": [{"id": 3}, {"id": 4}], **paging})
    read_pages = await swept(pages)
    assert sorted(union(read_pages)) == ["1", "3", "4"]
    assert read_pages[0].unreadable == 1


@pytest.mark.parametrize("page", [1, 2, 7])
async def test_a_failing_page_fails_the_sweep(page: int) -> None:
    """However many pages were read well, one that can't be read is an error (R4)."""
    account = make_account(700, cut_page=page)
    with pytest.raises(ClustBroken, match="Service Unavailable"):
        await swept(SandboxClustTransport(account))


async def test_pages_that_fail_together_leave_nothing_behind() -> None:
    """If several pages fail at once, one error is raised, no request continues, and asyncio logs nothing."""
    account = make_account(900)
    complaints: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))

    def refuse() -> None:
        account.faults.refuse_token = True

    async def fail() -> None:
        with pytest.raises(ClustUnauthorized):
            await swept(Moving(account, {1: refuse}))

    await fail()
    assert len(asyncio.all_tasks()) == 1
    gc.collect()  # asyncio complains of a task's error when the task goes
    assert complaints == []


async def test_an_error_of_the_reader_ends_the_sweep() -> None:
    """Whatever it dies of, though no error of ours: the sweep ends with it."""

    class Death(BaseException):
        """No one handles it."""

    def die() -> None:
        raise Death

    async with asyncio.timeout(60):
        with pytest.raises(Death):
            await swept(Moving(make_account(60, cap_per_page=10), {3: die}))


async def test_a_reader_that_stops_leaves_no_requests_running() -> None:
    """A reader that goes away in the middle ends what is under way."""
    account = make_account(900)
    transport = SandboxClustTransport(account)
    async with ClustClient("https://clust.invalid/api", TOKEN, transport=transport, sleep=no_wait) as client:
        pages = FullSweep(client, RowCache({})).pages()
        for _ in range(3):
            await anext(pages)
        assert isinstance(pages, AsyncIterator)
        del pages
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
    assert len(account.requests) < 10


async def test_few_pages_are_read_ahead() -> None:
    """A reader that stands still has a few pages waiting, and goes away without waiting for anyone."""
    account = make_account(9000)
    transport = SandboxClustTransport(account)
    async with ClustClient("https://clust.invalid/api", TOKEN, transport=transport, sleep=no_wait) as client:
        pages = FullSweep(client, RowCache({})).pages()
        for _ in range(2):
            await anext(pages)
        for _ in range(500):
            await asyncio.sleep(0)
        assert len(account.requests) <= 2 + 2 * MAX_POLL_IN_FLIGHT
        del pages
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1


async def test_a_row_that_moves_up_is_caught() -> None:
    """One that changes after the first page was read, and leaves its own before that is read, comes at the end (R4)."""
    account = make_account(300)
    oldest = next(iter(account.dossiers))
    pages = await swept(Moving(account, {1: lambda: account.rename(oldest, "Moved")}))
    assert union(pages) == as_listed(account)
    assert union(pages)[str(oldest)].title == "Moved"


async def test_a_new_row_pushes_none_out() -> None:
    """One created while the list is read pushes others to later pages, also over the end of the last, and all come."""
    for size in (250, 300):
        account = make_account(size)
        pages = await swept(Moving(account, {1: account.add, 3: account.add}))
        assert union(pages) == as_listed(account)


async def test_a_deletion_during_a_sweep_hides_no_row() -> None:
    """When the total shrinks the list is read again, so that a row pulled over a page's edge is not missed (R4)."""
    account = make_account(300)
    newest = next(reversed(account.dossiers))
    pages = await swept(Moving(account, {1: lambda: account.remove(newest)}))
    assert as_listed(account).keys() <= union(pages).keys() <= as_listed(account).keys() | {str(newest)}


async def test_a_list_that_never_holds_still_is_not_complete() -> None:
    """Where rows are created at the full end of every page again and again, reading gives up and says why (R4)."""
    account = make_account(300)

    def grow() -> None:
        for _ in range(120):
            account.add()

    with pytest.raises(SweepIncomplete, match="but it listed"):
        await swept(Moving(account, dict.fromkeys(range(1, 20), grow)))


changes = st.sampled_from(["add", "rename", "late", "remove"])


@given(
    st.integers(0, 130),
    st.sampled_from([None, 7, 25]),
    st.dictionaries(st.integers(1, 12), st.tuples(changes, st.integers(0, 200)), max_size=5),
)
async def test_rows_that_move_are_neither_lost_nor_doubled(
    size: int, cap: int | None, history: dict[int, tuple[str, int]]
) -> None:
    """Whatever happens between the answers, a complete sweep has each application that was there throughout, once."""
    account = make_account(size, cap_per_page=cap)
    throughout = {str(number) for number in account.dossiers}

    def happen(change: str, place: int) -> None:
        there = list(account.dossiers)
        if change == "add" or not there:
            account.add()
            return
        number = there[place % len(there)]
        if change == "remove":
            throughout.discard(str(number))
            account.remove(number)
        else:
            account.change(number, title="Moved") if change == "rename" else account.make_late(number)

    once = {turn: (lambda event=event: happen(*event)) for turn, event in history.items()}
    deletions = sum(change == "remove" for change, _ in history.values())
    try:
        pages = await swept(Moving(account, once))
    except SweepIncomplete:
        return
    if deletions <= 1:
        assert throughout <= union(pages).keys()
    assert union(pages).keys() <= {str(number) for number in range(1, size + len(history) + 1)}


async def test_a_list_a_hundred_times_as_long() -> None:
    """Two thousand applications are read like twenty, each page once and the first one twice."""
    account = make_account(2000)
    ids: set[str] = set()
    transport = SandboxClustTransport(account)
    async with ClustClient("https://clust.invalid/api", TOKEN, transport=transport, sleep=no_wait) as client:
        async for page in FullSweep(client, RowCache({})).pages():
            assert len(page.rows) <= 100
            ids.update(row.id for row in page.rows)
    assert len(ids) == 2000
    assert len(account.requests) == 21


def test_an_incomplete_sweep_passes_by_itself() -> None:
    """It is trouble of Clust's, like a broken answer, and the next cycle may do better (R6)."""
    assert issubclass(SweepIncomplete, ClustError)
    assert SweepIncomplete.retry


class Limited(SandboxClustTransport):
    """A server with a limit of requests a minute that it only shows by 429, in no header."""

    def __init__(self, account: SandboxClust, a_minute: int) -> None:
        super().__init__(account)
        self.now, self._a_minute, self._made = 0.0, a_minute, list[float]()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        await asyncio.sleep(0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or ask to wait until the minute is over."""
        self._made = [at for at in self._made if at > self.now - 60]
        if len(self._made) >= self._a_minute:
            waits = {"Retry-After": str(int(self._made[0] + 61 - self.now))}
            return httpx.Response(429, stream=httpx.ByteStream(b"{}"), headers=waits)
        self._made.append(self.now)
        return await super().handle_async_request(request)


async def test_a_rate_limit_that_shows_only_as_429s_slows_a_sweep_and_ends_none() -> None:
    """R3, R6: 100 pages with 60 requests a minute are read in one sweep that waits as it is asked to."""
    transport = Limited(make_account(2_500, cap_per_page=25), a_minute=60)
    rate_limiter = RateLimiter(lambda: transport.now, transport.sleep)
    async with ClustClient(
        "https://clust.invalid/api", TOKEN, transport=transport, rate_limiter=rate_limiter
    ) as client:
        ids = {row.id async for page in FullSweep(client, RowCache({})).pages() for row in page.rows}
    assert len(ids) == 2_500
    assert transport.now >= 60


async def test_a_server_without_pages_may_not_know_a_second_one() -> None:
    """If a server has no paging and answers 404 for page 2, page 1 was the whole list."""
    pages = Pages({"data": rows(1, 2)}, httpx.Response(404, stream=httpx.ByteStream(b'{"message": "Not found"}')))
    async with ClustClient("https://clust.invalid/api", TOKEN, transport=pages, sleep=no_wait) as client:
        read_pages = [row.id async for page in FullSweep(client, RowCache({})).pages() for row in page.rows]
    assert read_pages == ["1", "2"]
