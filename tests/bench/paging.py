"""Pages over a server that takes its time, and how few of them a sorted list needs (rule R5)."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clust import ClustClient, FullSweep, RowCache
from bot.clust.session import MAX_POLL_IN_FLIGHT
from bot.core.applications.status_rules import StatusRules
from bot.poller.cycle import Memory, read_cycle
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store import open_store
from bot.store.engine.migrate import migrate
from tests.bench.figures import Figure, Size
from tests.bench.pages import PER_PAGE, serve_pages

DELAY = 0.05
TOKEN = "token"


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure a sweep over a slow server, and count the requests of an unchanged list that is sorted."""
    count = size.of(30_000)
    async with serve_pages(count, DELAY) as url, ClustClient(url, TOKEN) as client:
        fingerprints: dict[str, int] = {}
        row_cache = RowCache(fingerprints)
        await _sweep(client, row_cache, fingerprints)
        timings = [await _sweep(client, row_cache, fingerprints) for _ in range(size.rounds)]
    floor = -(-count // PER_PAGE) * DELAY / MAX_POLL_IN_FLIGHT
    subject = (
        f"{count // PER_PAGE} pages over a server with 50 ms delay, {MAX_POLL_IN_FLIGHT} in flight, nothing changed"
    )
    yield Figure(subject, statistics.median(timings), floor, "s", 1.15)
    count = size.of(10_000)
    full, unchanged = await _requests(count, folder)
    yield Figure(
        f"requests for {count:,} sorted applications, nothing changed (a full sweep: {full})", unchanged, None, "", 3
    )


async def _sweep(client: ClustClient, row_cache: RowCache, fingerprints: dict[str, int]) -> float:
    """Return the seconds that a reading took. As a poller does, it remembers what that brings."""
    began = time.perf_counter()
    async for page in FullSweep(client, row_cache).pages():
        fingerprints.update((row.id, row.fingerprint) for row in page.rows)
    return time.perf_counter() - began


async def _requests(count: int, folder: Path) -> tuple[int, int]:
    """Return how many requests the first poll took, and one after the order was proven."""
    account = SandboxClust(token=TOKEN, clock=lambda: datetime.now(UTC))
    account.populate(count)
    store = open_store(f"sqlite+aiosqlite:///{folder / 'sorted.db'}", posts_per_minute=300)
    await migrate(store.database)
    memory = Memory(timedelta(seconds=60))
    async with ClustClient("http://clust.invalid/api", TOKEN, transport=SandboxClustTransport(account)) as client:
        connection = await store.connections.ensure("T1", "default", "http://clust.invalid/api", TOKEN)
        now = datetime.now(UTC)
        fence = (await store.account_shares.take("bench", [connection.id], now, now))[connection.id]

        async def poll() -> int:
            account.requests.clear()
            stored = await store.connections.get(connection.id)
            await read_cycle(stored, fence, client, store, StatusRules(), memory, lambda: datetime.now(UTC))
            return len(account.requests)

        first = await poll()
        # Of a new account some are read singly, a few in each poll (rule R2): what is counted comes after that.
        while await store.applications.waiting_for_read(connection.id, 1):
            await poll()
        unchanged = await poll()
    await store.database.close()
    return first, unchanged
