"""A poll of 10,000 and of 100,000 applications, against reading and parsing the same pages for nothing."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import sqlalchemy as sa

from bot.clust import ClustClient
from bot.clust.protocol import PER_PAGE, decipher_page
from bot.clust.session import MAX_POLL_IN_FLIGHT
from bot.core.applications.status_rules import StatusRules
from bot.poller.cycle import Memory, read_cycle
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store, open_store
from bot.store.engine.migrate import migrate
from bot.store.engine.tables import polls
from bot.wiring.process import FULL_COLLECTION_AFTER
from tests.bench.figures import Figure, Size, by_turns
from tests.bench.pages import flip, serve_pages
from tests.processes import environment, killed_at_the_end

TEAM = "T0SANDBOX"
TOKEN = "clust-token"
INTERVAL = timedelta(days=1)
"""Between polls, so that none is allowed to stop early (rule R5): a full sweep is what is measured."""

POLLS = 3
"""Of a real worker, before its memory is looked at."""

MB = 1_000_000


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure unchanged lists, a list of which one in a hundred changed, and what a process needs for it."""
    per_thousand: list[float] = []
    for count in (size.of(10_000), size.of(100_000)):
        async with serve_pages(count) as url, _polling(folder / f"{count}.db", url) as poll:
            await poll()
            floor, unchanged = await by_turns(partial(_read_alone, url, count), poll, size.rounds)
            yield Figure(f"a poll of {count:,} applications, nothing changed", unchanged, floor, "s", 1.25)
            per_thousand.append(unchanged / count * 1000)
    yield Figure(
        "the same, per application: the large one against the small one", per_thousand[1], per_thousand[0], "ms", 1.25
    )
    count = size.of(100_000)
    async with serve_pages(count) as url:
        async with _polling(folder / "changing.db", url) as poll:
            gc.collect()  # garbage of the polls before is not this one's
            for _ in range(FULL_COLLECTION_AFTER // 2):
                gc.collect(1)  # in a bot that has run for a while, a full collection may be near
            pause = await _longest_pause(poll)

            async def changed() -> None:
                await flip(url)
                await poll()

            unchanged, one_in_a_hundred = await by_turns(poll, changed, size.rounds)
        yield Figure(f"a poll of {count:,}, one in a hundred changed", one_in_a_hundred, unchanged, "s", 1.3)
        yield Figure(f"longest wait of others in the first poll of {count:,}", pause * 1000, None, "ms", 100)
        peak = await _peak(url, folder / "changing.db", folder)
    async with serve_pages(1) as url:
        idle = await _peak(url, folder / "idle.db", folder)
    yield Figure(
        f"peak of a worker that polls {count:,}, above one with a single application",
        (peak - idle) / MB,
        None,
        "MB",
        150,
    )


async def _read_alone(url: str, count: int) -> None:
    """Read and parse every page, as many at once as a poll does, and do nothing with them."""
    limits = httpx.Limits(max_connections=MAX_POLL_IN_FLIGHT, max_keepalive_connections=MAX_POLL_IN_FLIGHT)
    numbers = iter(range(1, -(-count // PER_PAGE) + 1))
    async with httpx.AsyncClient(limits=limits, headers={"Authorization": f"Bearer {TOKEN}"}) as client:

        async def reader() -> None:
            for number in numbers:
                answer = await client.get(f"{url}/dossiers", params={"page": number, "per_page": PER_PAGE})
                decipher_page(answer.status_code, answer.headers, answer.content)

        await asyncio.gather(*(reader() for _ in range(MAX_POLL_IN_FLIGHT)))


@asynccontextmanager
async def _stored(path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite+aiosqlite:///{path}", posts_per_minute=300)
    await migrate(store.database)
    try:
        yield store
    finally:
        await store.database.close()


@asynccontextmanager
async def _polling(database: Path, url: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Give what polls once, with one client for good and what polls remember. The first poll is the baseline."""
    async with _stored(database) as store, ClustClient(url, TOKEN) as client:
        connection = await store.connections.ensure(TEAM, "default", url, TOKEN)
        now = datetime.now(UTC)
        # A lease that lapses at once: the fence holds until another process takes it.
        fence = (await store.account_shares.take("bench", [connection.id], now, now))[connection.id]
        memory, rules = Memory(INTERVAL), StatusRules()

        async def poll() -> None:
            stored = await store.connections.get(connection.id)
            await read_cycle(stored, fence, client, store, rules, memory, lambda: datetime.now(UTC))

        yield poll


async def _longest_pause(work: Callable[[], Awaitable[object]]) -> float:
    """Return the most seconds that anything else waited for its turn of the event loop during this work."""
    longest, began = 0.0, time.perf_counter()

    async def watch() -> None:
        nonlocal longest, began
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, began = max(longest, now - began), now

    watching = asyncio.create_task(watch())
    await work()
    await asyncio.sleep(0)  # what the work did last counts too
    watching.cancel()
    return longest


async def _peak(url: str, database: Path, folder: Path) -> int:
    """Return the most memory that a real worker had, in bytes, once it has polled a few times."""
    async with SandboxSlack() as slack:
        settings = environment(slack, url, TOKEN, f"sqlite+aiosqlite:///{database}", POLL_INTERVAL="0.1", LEASE="1")
        async with killed_at_the_end("worker", settings, folder) as process, _stored(database) as store:
            began, ended = datetime.now(UTC), sa.select(sa.func.count()).select_from(polls)
            while await _number(store, ended.where(polls.c.started_at > began, polls.c.error.is_(None))) < POLLS:
                await asyncio.sleep(0.2)
            status = Path(f"/proc/{process.pid}/status").read_text()  # noqa: ASYNC240  no disk is read
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    return int(peak[1]) * 1024


async def _number(store: Store, statement: sa.Select[int]) -> int:
    async with store.database.read() as tx:
        return int((await tx.execute(statement)).scalar_one())
