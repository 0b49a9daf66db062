"""How long an acknowledgement takes while 500 connections hold unfinished requests, against the same bot left alone."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from tests.bench.figures import Figure, Size
from tests.bench.pages import serve_pages
from tests.bench.running import healthy, running
from tests.bench.slack_load import Load, answers_arrive
from tests.processes import baseline_read, environment, held

REQUESTS = 60
HELD = 500
UNFINISHED = b"POST /slack/events HTTP/1.1\r\nHost: bench\r\nContent-Length: 100\r\n\r\nx"


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure one bot by turns: quiet, and overloaded."""
    url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(held())
        port = listening.port
        slack = await stack.enter_async_context(SandboxSlack())
        clust = await stack.enter_async_context(serve_pages(1000))
        settings = environment(slack, clust, "clust-token", url, POLL_INTERVAL="3600", LOG_LEVEL="ERROR")
        await stack.enter_async_context(
            running("-m", "bot", "run", settings=settings, folder=folder, listening=listening)
        )
        await healthy(port)
        store = open_store(url, posts_per_minute=300)
        await baseline_read(store)
        await store.database.close()
        load = Load(slack, port, await stack.enter_async_context(answers_arrive()))
        timings: list[list[float]] = [[], []]
        for turn in range(size.rounds + 1):
            quiet = statistics.median(await load.alone(REQUESTS))
            async with _held(port):
                overloaded = statistics.median(await load.alone(REQUESTS))
            if turn:
                timings[0].append(quiet * 1000)
                timings[1].append(overloaded * 1000)
    yield Figure(
        f"the same alone, half of all within, while {HELD} connections hold unfinished requests",
        statistics.median(timings[1]),
        statistics.median(timings[0]),
        "ms",
        3.0,
    )


@asynccontextmanager
async def _held(port: int) -> AsyncIterator[None]:
    """Hold so many connections, each with a request that never comes to its end."""
    writers = []
    for _ in range(HELD):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UNFINISHED)
        writers.append(writer)
    try:
        yield
    finally:
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
