"""How near delivering 1,000 notices over 20 channels comes to what Slack allows, on a clock that runs faster."""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.permissions import Workspace
from bot.delivery import Dispatcher, WorkspaceDispatcher
from bot.delivery.sender import Timing
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.web_api.notifier import SlackNotifier
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.store import open_store
from bot.store.engine.migrate import migrate
from bot.store.engine.tables import deliveries
from tests.bench.figures import Figure, Size
from tests.bench.waiting import CHANNELS, fill

SPEED = 5.0
"""Seconds of the clock in one real one: enough that the work of a post still fits between two."""

A_MINUTE = 300
TOO_MANY = 429


class _Selector(selectors.DefaultSelector):
    """Waits as much shorter as the loop's clock runs faster."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / SPEED)


class _FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock runs faster: every sleep and every time limit is as much shorter."""

    def time(self) -> float:
        return time.monotonic() * SPEED


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Deliver once, on a loop of its own in a thread of its own."""
    notifications = size.of(1000)
    rounds: list[tuple[float, int]] = []

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: _FastLoop(_Selector())) as runner:
            rounds.append(runner.run(_deliver(notifications, folder)))

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.1)
    ((seconds, refused),) = rounds
    floor = max(notifications / CHANNELS - 1, notifications / A_MINUTE * 60)
    what = f"delivering {notifications:,} notices over {CHANNELS} channels (a clock {SPEED:g} times as fast)"
    yield Figure(what, seconds, floor, "s", 1.05)
    yield Figure("429s meanwhile, from a Slack that enforces a message a second and its budget", refused, None, "", 0)


async def _deliver(notifications: int, folder: Path) -> tuple[float, int]:
    """Return the seconds until all was posted, and how often Slack refused."""
    loop = asyncio.get_running_loop()
    began_at, began = datetime.now(UTC), loop.time()

    def clock() -> datetime:
        return began_at + timedelta(seconds=loop.time() - began)

    store = open_store(f"sqlite+aiosqlite:///{folder / 'bot.db'}", posts_per_minute=A_MINUTE)
    await migrate(store.database)
    async with SandboxSlack(clock=lambda: clock().timestamp()) as slack, aiohttp.ClientSession() as session:
        team_id = slack.workspace.bot.team_id
        connection = await store.connections.ensure(team_id, "default", "http://clust.invalid/api", "token")
        fence = (await store.shares.take("bench", [connection.id], clock(), clock()))[connection.id]
        await fill(store, slack, connection.id, fence, notifications, clock())
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        pacing = MethodLimiter(team_id, store.methods, clock)
        notifier = SlackNotifier(client, Workspace(team_id, None, "U0"), pacing)
        timing = Timing(timedelta(seconds=30), timedelta(seconds=15))
        workspace = WorkspaceDispatcher(team_id, "bench", store, notifier, timing, clock)

        async def opened(_team_id: str) -> WorkspaceDispatcher:
            return workspace

        dispatcher, stop = Dispatcher(store, opened, clock), asyncio.Event()
        await store.cycles.tick(connection.id, fence, notifications, clock())
        start = loop.time()
        sending = asyncio.create_task(dispatcher.run(stop))
        posted = 0
        while posted < notifications:
            await asyncio.sleep(0.5)
            posted = sum(len(slack.messages(f"bench-{number}")) for number in range(CHANNELS))
        taken = loop.time() - start
        refused = sum(call.status == TOO_MANY for call in slack.calls)
        stop.set()
        await sending
        async with store.database.read() as tx:
            unsent = sa.select(sa.func.count()).where(deliveries.c.state != "sent")
            assert (await tx.execute(unsent)).scalar_one() == 0
            assert posted == notifications
    await store.database.close()
    return taken, refused
