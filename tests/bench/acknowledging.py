"""How fast `/clust list` is acknowledged, against a bare Bolt app with a listener that does nothing."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from bot.sandbox.slack import SandboxSlack
from bot.store import open_store
from tests.bench.figures import Figure, Size
from tests.bench.pages import serve_pages
from tests.bench.running import free_port, healthy, running
from tests.bench.slack_load import Load, answers_arrive
from tests.processes import baseline_read, environment

ALONE, AT_ONCE = 60, 320
"""Requests of one turn."""


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure both servers by turns: alone, and 32 at once."""
    url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    bare, ours = free_port(), free_port()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SandboxSlack())
        answers = await stack.enter_async_context(answers_arrive())
        clust = await stack.enter_async_context(serve_pages(1000))
        settings = environment(slack, clust, "token", url, PORT=str(ours), POLL_INTERVAL="3600", LOG_LEVEL="WARNING")
        await stack.enter_async_context(running("-m", "bot", "run", settings=settings, folder=folder))
        floor = running("-m", "tests.bench.bare_bolt", str(bare), settings=settings, folder=folder)
        await stack.enter_async_context(floor)
        await healthy(bare)
        await healthy(ours)
        store = open_store(url, posts_per_minute=300)
        await baseline_read(store)
        await store.database.close()
        loads = (Load(slack, bare, answers), Load(slack, ours, answers))
        medians: list[list[float]] = [[], []]
        rates: list[list[float]] = [[], []]
        for turn in range(size.rounds + 1):
            for place, load in enumerate(loads):
                taken = await load.alone(ALONE)
                _, rate = await load.at_once(AT_ONCE)
                if load is loads[1]:
                    await answers.wait_for(load.sent)
                if turn:
                    medians[place].append(statistics.median(taken) * 1000)
                    rates[place].append(rate)
    alone, at_once = (map(statistics.median, kept) for kept in (medians, rates))
    floor_alone, ours_alone = alone
    floor_rate, our_rate = at_once
    yield Figure("acknowledging `/clust list`, alone, half of all within", ours_alone, floor_alone, "ms", 0.25)
    yield Figure("acknowledging `/clust list`, 32 at once", our_rate, floor_rate, "a second", 1.0, at_least=True)
