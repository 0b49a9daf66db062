"""How fast `/clust list` is acknowledged, against a bare Bolt app with a listener that does nothing.

The bot answers each one too. *Alone*: the next comes when the one before was answered. A volley is 32 at once, and the
next comes when those are answered. Where 32 people ask on and on, answering takes its part of the process.
"""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from tests.bench.figures import Figure, Size
from tests.bench.pages import serve_pages
from tests.bench.running import healthy, running
from tests.bench.slack_load import Load, answers_arrive
from tests.processes import baseline_read, environment, held

ALONE, VOLLEYS, ON_AND_ON = 60, 8, 320
"""Requests of one turn."""


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure both servers by turns: alone, and 32 at once."""
    url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    async with AsyncExitStack() as stack:
        bare, measured = stack.enter_context(held()), stack.enter_context(held())
        slack = await stack.enter_async_context(SandboxSlack())
        answers = await stack.enter_async_context(answers_arrive())
        clust = await stack.enter_async_context(serve_pages(1000))
        settings = environment(slack, clust, "clust-token", url, POLL_INTERVAL="3600", LOG_LEVEL="WARNING")
        await stack.enter_async_context(
            running("-m", "bot", "run", settings=settings, folder=folder, listening=measured)
        )
        floor = running("-m", "tests.bench.bare_bolt", settings=settings, folder=folder, listening=bare)
        await stack.enter_async_context(floor)
        await healthy(bare.port)
        await healthy(measured.port)
        store = open_store(url, posts_per_minute=300)
        await baseline_read(store)
        await store.database.close()
        loads = (Load(slack, bare.port, answers, is_answered=False), Load(slack, measured.port, answers))
        for figure in await by_turns(*loads, "acknowledging `/clust list`", size.rounds):
            yield figure


async def by_turns(floor: Load, measured: Load, subject: str, rounds: int) -> list[Figure]:
    """Measure both by turns."""
    turns: list[list[tuple[float, float, float]]] = [[], []]
    for _ in range(rounds + 1):
        for kept, load in zip(turns, (floor, measured), strict=True):
            kept.append(await _turn(load))
    floor_medians, bot_medians = (
        [statistics.median(column) for column in zip(*kept[1:], strict=True)] for kept in turns
    )
    on_and_on = f"{subject}, 32 at once on and on, and answering them"
    return [
        Figure(f"{subject}, alone, half of all within", bot_medians[0], floor_medians[0], "ms", 0.25),
        Figure(f"{subject}, 32 at once", bot_medians[1], floor_medians[1], "a second", 1.0, at_least=True),
        Figure(on_and_on, bot_medians[2], floor_medians[2], "a second", 1.0, at_least=True),
    ]


async def _turn(load: Load) -> tuple[float, float, float]:
    """Return the milliseconds alone, and how many were acknowledged a second: in volleys, and on and on."""
    alone = statistics.median(await load.alone(ALONE)) * 1000
    volleys = []
    for _ in range(VOLLEYS):
        volleys.append((await load.at_once(32))[1])
        await load.settled()
    _, on_and_on = await load.at_once(ON_AND_ON)
    await load.settled()
    return alone, statistics.median(volleys), on_and_on
