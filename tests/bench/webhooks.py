"""How soon a webhook's notification is in Slack, and what 1,000 webhooks a minute cost who types a command."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from cryptography.fernet import Fernet

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.bench.figures import Figure, Size
from tests.bench.running import healthy, running
from tests.bench.slack_load import Load, answers_arrive
from tests.processes import baseline_read, environment, held

INTERVAL_SECONDS = 60
APPLICATIONS = 1000
NOTIFICATIONS = 15
"""Fewer than the 20 applications that are read for webhooks in a minute."""

GAP_SECONDS = 1.0
"""Between two messages in a channel (rule P1), which isn't what is measured."""

REQUESTS = 60
A_MINUTE = 1000


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure one bot: first its notifications, then its acknowledgements by turns, quiet and flooded."""
    url, key = f"sqlite+aiosqlite:///{folder / 'bot.db'}", Fernet.generate_key().decode()
    clust = SandboxClust(clock=lambda: datetime.now(UTC))
    clust.populate(size.of(APPLICATIONS))
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(held())
        slack = await stack.enter_async_context(SandboxSlack())
        clust_url = await stack.enter_async_context(serve_clust(clust))
        public_url = f"http://127.0.0.1:{listening.port}"
        more = {"POLL_INTERVAL": str(INTERVAL_SECONDS), "PUBLIC_URL": public_url, "SECRET_KEY": key}
        settings = environment(slack, clust_url, clust.token, url, LOG_LEVEL="ERROR", **more)
        bot = running("-m", "bot", "run", settings=settings, folder=folder, listening=listening)
        await stack.enter_async_context(bot)
        await healthy(listening.port)
        address = f"{public_url}/clust/hook/{await _prepared(url, key, slack)}"
        session = await stack.enter_async_context(aiohttp.ClientSession())
        seconds = [await _notified(slack, clust, session, address, number) for number in range(NOTIFICATIONS + 1)]
        yield Figure(
            f"from a webhook to its notification, at an interval of {INTERVAL_SECONDS} s, half of all within",
            statistics.median(seconds[1:]),
            None,
            "s",
            2.0,
        )
        load = Load(slack, listening.port, await stack.enter_async_context(answers_arrive()))
        timings: list[list[float]] = [[], []]
        for turn in range(size.rounds + 1):
            quiet = statistics.median(await load.alone(REQUESTS))
            async with _flooded(session, address):
                flooded = statistics.median(await load.alone(REQUESTS))
            if turn:
                timings[0].append(quiet * 1000)
                timings[1].append(flooded * 1000)
    yield Figure(
        f"acknowledging `/clust list`, alone, half of all within, while {A_MINUTE:,} webhooks a minute come",
        statistics.median(timings[1]),
        statistics.median(timings[0]),
        "ms",
        2.0,
    )


async def _prepared(url: str, key: str, slack: SandboxSlack) -> str:
    """Subscribe a channel once the baseline is read. Returns the secret of the account's webhook."""
    store = open_store(url, posts_per_minute=300, secret_keys=[key])
    await baseline_read(store)
    now, team_id, person = datetime.now(UTC), slack.workspace.bot.team_id, slack.workspace.member.id
    (connection,) = await store.connections.of_team(team_id)
    channel = slack.workspace.add_channel("bench", members={slack.workspace.bot.id})
    wish = SubscriptionRequest(team_id, channel.id, connection.id, "", ("created",), None, person, "UTC")
    await store.subscriptions.save(wish, now)
    secret = await store.webhook_secrets.current(connection.id, team_id, person, now)
    await store.database.close()
    return secret


async def _notified(
    slack: SandboxSlack, clust: SandboxClust, session: aiohttp.ClientSession, address: str, number: int
) -> float:
    """Return the seconds from a webhook about a new application to its message."""
    application = clust.add(title=f"Webhook {number}.")
    began = time.perf_counter()
    await _call(session, address, application["id"])
    await slack.wait_for(lambda: any(f"Webhook {number}." in one.text for one in slack.messages("bench")), 90)
    seconds = time.perf_counter() - began
    await asyncio.sleep(GAP_SECONDS)
    return seconds


@asynccontextmanager
async def _flooded(session: aiohttp.ClientSession, address: str) -> AsyncIterator[None]:
    """Call the webhook 1,000 times a minute, about known and unknown applications."""
    calls = set[asyncio.Task[None]]()

    async def flood() -> None:
        for number in itertools.count(1):
            call = asyncio.create_task(_call(session, address, number % (2 * APPLICATIONS) + 1))
            calls.add(call)
            call.add_done_callback(calls.discard)
            await asyncio.sleep(60 / A_MINUTE)

    flooding = asyncio.create_task(flood())
    try:
        yield
    finally:
        flooding.cancel()
        await asyncio.gather(flooding, *calls, return_exceptions=True)


async def _call(session: aiohttp.ClientSession, address: str, application_id: int) -> None:
    async with session.post(address, json={"event": "created", "data": {"dossier": {"id": application_id}}}) as answer:
        answer.raise_for_status()
