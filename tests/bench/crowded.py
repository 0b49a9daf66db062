"""How long others wait while one person types the heaviest filter 20 times at once, against the same bot left alone."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.core.slack_rate_limits import CHANNEL_GAP
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store, open_store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.bench.figures import Figure, Size
from tests.bench.pages import serve_pages
from tests.bench.running import healthy, running
from tests.bench.slack_load import Answers, Load, answers_arrive
from tests.processes import baseline_read, environment, held

HEAVIEST = "list " + " ".join(f"-x{number}" for number in range(90))
"""About as many excluded words as a filter holds."""

AT_ONCE = 20
QUESTIONS = 8
CHANNEL = "bench-crowded"


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure one bot by turns: quiet, and while 20 heavy lists are looked through."""
    url, count = f"sqlite+aiosqlite:///{folder / 'bot.db'}", size.of(20_000)
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(held())
        port = listening.port
        slack = await stack.enter_async_context(SandboxSlack())
        slack.workspace.add_channel(CHANNEL, members={slack.workspace.bot.id})
        clust = await stack.enter_async_context(serve_pages(count))
        settings = environment(slack, clust, "clust-token", url, POLL_INTERVAL="3600", LOG_LEVEL="WARNING")
        await stack.enter_async_context(
            running("-m", "bot", "run", settings=settings, folder=folder, listening=listening)
        )
        await healthy(port)
        store = open_store(url, posts_per_minute=300)
        stack.push_async_callback(store.database.close)
        await baseline_read(store)
        await _subscribe(store, slack)
        answers = await stack.enter_async_context(answers_arrive())
        elsewhere = await stack.enter_async_context(answers_arrive())
        other = Load(slack, port, answers, "help", person=slack.workspace.admin)
        heavy = Load(slack, port, elsewhere, HEAVIEST)
        timings: list[tuple[float, float, float, float]] = []
        for turn in range(min(size.rounds, 3) + 1):
            quiet = (await _helped(other, answers), await _posted(store, slack, 2 * turn))
            await heavy.at_once(AT_ONCE, AT_ONCE)
            crowded = (await _helped(other, answers), await _posted(store, slack, 2 * turn + 1))
            assert elsewhere.arrived < heavy.sent, "the lists were looked through too soon to measure anything"
            await heavy.settled(600)
            if turn:
                timings.append((*quiet, *crowded))
    help_alone, post_alone, help_crowded, post_crowded = (statistics.median(one) for one in zip(*timings, strict=True))
    meanwhile = f"while someone lists {count:,} applications by the heaviest filter {AT_ONCE} times"
    yield Figure(f"somebody else's `help` answered, {meanwhile}", help_crowded, help_alone, "ms", 5.0)
    yield Figure(f"a notification posted, {meanwhile}", post_crowded, post_alone, "ms", 3.0)


async def _helped(load: Load, answers: Answers) -> float:
    """Return the milliseconds from a command to its answer: the median of several, one after the other."""
    timings = []
    for _ in range(QUESTIONS):
        began = time.perf_counter()
        await load.at_once(1, 1)
        await answers.wait_for(load.sent)
        timings.append((time.perf_counter() - began) * 1000)
    return statistics.median(timings)


async def _subscribe(store: Store, slack: SandboxSlack) -> None:
    """Let a channel want what is created."""
    team_id = slack.workspace.bot.team_id
    (connection,) = await store.connections.of_team(team_id)
    channel, person = slack.workspace.channel(CHANNEL).id, slack.workspace.member.id
    wish = SubscriptionRequest(team_id, channel, connection.id, "", ("created",), 1000, person, "UTC")
    await store.subscriptions.save(wish, datetime.now(UTC))


async def _posted(store: Store, slack: SandboxSlack, number: int) -> float:
    """Let a poll find a new application, and return the milliseconds until its notification stands in Slack."""
    # What the channel got before doesn't hold this one back.
    await asyncio.sleep(CHANNEL_GAP.total_seconds())
    now, before = datetime.now(UTC), len(slack.messages(CHANNEL))
    (connection,) = await store.connections.of_team(slack.workspace.bot.team_id)
    new = Application(id=str(10**9 + number), title=f"Number {number}", created_at=now, updated_at=now)
    seen, event = [PolledApplication(Snapshot(new, StatusClass.OPEN), 1)], Event("created", 1, new, StatusClass.OPEN)
    cycle = PollResult(PollRow(now, now, 1, 1, 1), seen, [], [], [], [event], connection.name, {"read_at": now})
    began = time.perf_counter()
    await store.polls.keep(connection.id, connection.fence, cycle)
    await store.polls.tick(connection.id, connection.fence, 1000, now)
    async with asyncio.timeout(120):
        while len(slack.messages(CHANNEL)) == before:
            await asyncio.sleep(0.005)
    return (time.perf_counter() - began) * 1000
