"""How near delivering 1,000 notifications over 20 channels comes to what Slack allows, on a clock that runs faster.

Once more with cards that read their items from a Clust whose single reads hang: delivery must not become slower.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts import Accounts
from bot.clust import ClustClient
from bot.core.permissions import Workspace
from bot.delivery import Dispatcher, WorkspaceDispatcher
from bot.delivery.item_reads import ItemReads
from bot.delivery.sender import Timing
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
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

INTERVAL = timedelta(seconds=60)
HANGS_SECONDS = 3600.0


class _Selector(selectors.DefaultSelector):
    """Waits as much shorter as the loop's clock runs faster."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / SPEED)


class _FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock runs faster: every sleep and every time limit is as much shorter."""

    def time(self) -> float:
        return time.monotonic() * SPEED


@dataclass(frozen=True, slots=True)
class Delivered:
    """The seconds until all was posted, how often Slack refused, and how many single reads of Clust were begun."""

    seconds: float
    refused: int
    reads: int


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Deliver once while nothing asks Clust, and once while Clust's single reads hang."""
    notifications = size.of(1000)
    floor = max(notifications / CHANNELS - 1, notifications / A_MINUTE * 60)
    subject = f"delivering {notifications:,} notifications over {CHANNELS} channels (a clock {SPEED:g} times as fast)"
    usual = await _in_a_thread(notifications, folder / "usual.db", is_clust_hanging=False)
    yield Figure(subject, usual.seconds, floor, "s", 1.05)
    refused = "429s meanwhile, from a Slack that enforces a message a second and its budget"
    yield Figure(refused, usual.refused, None, "", 0)
    hanging = await _in_a_thread(notifications, folder / "hanging.db", is_clust_hanging=True)
    assert hanging.reads, "no card asked Clust for its items"
    yield Figure(
        "the same of late applications, also while Clust's single reads hang", hanging.seconds, floor, "s", 1.05
    )
    yield Figure("429s meanwhile", hanging.refused, None, "", 0)


async def _in_a_thread(notifications: int, file: Path, *, is_clust_hanging: bool) -> Delivered:
    """Deliver once, on a loop of its own in a thread of its own."""
    rounds: list[Delivered] = []

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: _FastLoop(_Selector())) as runner:
            rounds.append(runner.run(_deliver(notifications, file, is_clust_hanging=is_clust_hanging)))

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.1)
    (delivered,) = rounds
    return delivered


async def _deliver(notifications: int, file: Path, *, is_clust_hanging: bool) -> Delivered:
    """Deliver so many notifications to 20 channels. Those of late applications read their items from Clust."""
    loop = asyncio.get_running_loop()
    began_at, began = datetime.now(UTC), loop.time()

    def clock() -> datetime:
        return began_at + timedelta(seconds=loop.time() - began)

    store = open_store(f"sqlite+aiosqlite:///{file}", posts_per_minute=A_MINUTE)
    await migrate(store.database)
    clust = SandboxClust(clock=clock, token="token")
    clust.faults.delay_seconds = HANGS_SECONDS

    def client(base_url: str, token: str, **given: Any) -> ClustClient:
        return ClustClient(base_url, token, transport=SandboxClustTransport(clust), **given)

    async with (
        SandboxSlack(clock=lambda: clock().timestamp()) as slack,
        aiohttp.ClientSession() as session,
        Accounts(store, "token", client) as accounts,
    ):
        team_id = slack.workspace.bot.team_id
        connection = await store.connections.ensure(team_id, "default", "http://clust.invalid/api", "token")
        fence = (await store.account_shares.take("bench", [connection.id], clock(), clock()))[connection.id]
        await fill(
            store, slack, connection.id, fence, notifications, clock(), "late" if is_clust_hanging else "created"
        )
        web = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        pacing = MethodLimiter(team_id, store.rate_limits, clock)
        notifier = SlackNotifier(web, Workspace(team_id, None, "U0"), pacing)
        timing = Timing(timedelta(seconds=30), timedelta(seconds=15))
        workspace = WorkspaceDispatcher(
            team_id, "bench", store, notifier, timing, clock, ItemReads(store, accounts, INTERVAL, clock)
        )

        async def opened(_team_id: str) -> WorkspaceDispatcher:
            return workspace

        dispatcher, stop = Dispatcher(store, opened, clock), asyncio.Event()
        await store.polls.tick(connection.id, fence, notifications, clock())
        start = loop.time()
        sending = asyncio.create_task(dispatcher.run(stop))
        posted = 0
        while posted < notifications:
            await asyncio.sleep(0.5)
            posted = sum(len(slack.messages(f"bench-{number}")) for number in range(CHANNELS))
        elapsed = loop.time() - start
        refused = sum(call.status == TOO_MANY for call in slack.calls)
        stop.set()
        await sending
        async with store.database.read() as tx:
            unsent = sa.select(sa.func.count()).where(deliveries.c.state != "sent")
            assert (await tx.execute(unsent)).scalar_one() == 0
            assert posted == notifications
    await store.database.close()
    return Delivered(elapsed, refused, len(clust.requests))
