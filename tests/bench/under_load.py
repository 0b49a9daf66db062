"""How long acknowledgements take while Clust hangs, a poll runs and notifications wait, against the same bot idle."""

from __future__ import annotations

import os
import signal
import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store, open_store
from tests.bench.figures import Figure, Size, percentile
from tests.bench.pages import serve_pages
from tests.bench.running import healthy, running
from tests.bench.slack_load import Load, answers_arrive
from tests.bench.waiting import fill
from tests.processes import baseline_read, environment, held

REQUESTS = 60
AT_ONCE = 160
HANGING = 8
"""Looks at single applications that Clust leaves without an answer."""


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure an idle bot and a busy one by turns. The one that is not measured stands still."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SandboxSlack())
        idle = await _bot(stack, slack, folder / "idle.db", 100, POLL_INTERVAL="3600")
        count = size.of(10_000)
        busy = await _bot(stack, slack, folder / "busy.db", count, POLL_INTERVAL="0.1")
        store = open_store(_url(folder / "busy.db"), posts_per_minute=300)
        await _busy(stack, store, slack, busy[0], size.of(1000))
        alone: list[list[float]] = [[], []]
        together: list[list[float]] = [[], []]
        for turn in range(size.rounds + 1):
            for place, ((load, pid), (_, other)) in enumerate(((idle, busy), (busy, idle))):
                os.kill(other, signal.SIGSTOP)
                timings = await load.alone(REQUESTS)
                all_taken, _ = await load.at_once(AT_ONCE)
                await load.settled()
                os.kill(other, signal.SIGCONT)
                os.kill(pid, signal.SIGCONT)
                if turn:
                    alone[place].append(percentile(timings, 0.99) * 1000)
                    together[place].append(percentile(all_taken, 0.99) * 1000)
        await store.database.close()
    for subject, (quiet, loaded) in (("alone", alone), ("32 at once", together)):
        yield Figure(
            f"the same {subject}, 99 of 100 within, while Clust hangs, {count:,} are polled, notifications wait",
            statistics.median(loaded),
            statistics.median(quiet),
            "ms",
            3.0,
        )


def _url(database: Path) -> str:
    return f"sqlite+aiosqlite:///{database}"


async def _bot(
    stack: AsyncExitStack, slack: SandboxSlack, database: Path, applications: int, **more: str
) -> tuple[Load, int]:
    """Start a bot between an account of so many applications and Slack, and return its load and its process id."""
    listening = stack.enter_context(held())
    clust = await stack.enter_async_context(serve_pages(applications))
    settings = environment(slack, clust, "clust-token", _url(database), LOG_LEVEL="WARNING", **more)
    bot = running("-m", "bot", "run", settings=settings, folder=database.parent, listening=listening)
    process = await stack.enter_async_context(bot)
    await healthy(listening.port)
    store = open_store(_url(database), posts_per_minute=300)
    await baseline_read(store)
    await store.database.close()
    return Load(slack, listening.port, await stack.enter_async_context(answers_arrive())), process.pid


async def _busy(stack: AsyncExitStack, store: Store, slack: SandboxSlack, load: Load, notifications: int) -> None:
    """Let notifications wait, and people look at applications that Clust never tells of."""
    (connection,) = await store.connections.of_team(slack.workspace.bot.team_id)
    await fill(store, slack, connection.id, connection.fence, notifications, datetime.now(UTC))
    elsewhere = await stack.enter_async_context(answers_arrive())
    await Load(slack, load.port, elsewhere, "show 1", is_answered=False).at_once(HANGING, HANGING)
