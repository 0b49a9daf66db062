"""`kill -9` in the middle of 200 notifications, again and again: all arrive, none twice (rules T1 to T3)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.sandbox.clust import SandboxClust, serve_clust
from bot.sandbox.slack import SandboxSlack
from bot.store import Store
from bot.store.subscriptions import Wish
from bot.store.tables import deliveries

CHANNELS, APPLICATIONS, KILLS = 20, 10, 8
ALL = CHANNELS * APPLICATIONS


@pytest.mark.timeout(240)
async def test_kill_9_loses_nothing_and_repeats_nothing(store: Store, url: str, tmp_path: Path) -> None:
    """Workers are killed while they send, and Slack cuts connections after accepting: each message is there once."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    for _ in range(APPLICATIONS):
        account.add()
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        environment = _environment(slack, clust_url, account.token, url)
        channels = [
            slack.workspace.add_channel(f"c{number}", members={slack.workspace.bot.id}) for number in range(CHANNELS)
        ]

        def posted() -> int:
            return sum(len(slack.messages(channel)) for channel in channels)

        async with _worker(environment, tmp_path):
            await _baseline(store)
            for channel in channels:
                wish = Wish("T0SANDBOX", channel.id, 1, "", ("late",), None, slack.workspace.member.id, "UTC")
                await store.subscriptions.save(wish, datetime.now(UTC))
        slack.knobs.chance_after_accept = 0.05
        slack.knobs.chance_before_accept = 0.02
        for number in range(1, APPLICATIONS + 1):
            account.make_late(number)
        for kill in range(1, KILLS + 1):
            wanted = kill * ALL // (KILLS + 2)
            async with _worker(environment, tmp_path):
                await slack.wait_for(partial(_reached, posted, wanted), timeout=60)
        async with _worker(environment, tmp_path):
            async with asyncio.timeout(120):
                while await _unsent(store):  # noqa: ASYNC110  another process writes it
                    await asyncio.sleep(0.2)
        told = Counter(
            (channel.name, message.metadata["event_payload"]["delivery"] if message.metadata else "")
            for channel in channels
            for message in slack.messages(channel)
        )
        assert (len(told), max(told.values())) == (ALL, 1)


def _reached(count: Callable[[], int], wanted: int) -> bool:
    return count() >= wanted


@asynccontextmanager
async def _worker(environment: dict[str, str], folder: Path) -> AsyncIterator[None]:
    """Run a worker, and kill it in the middle of whatever it does."""
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "worker", env=environment, cwd=folder, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()


def _environment(slack: SandboxSlack, clust_url: str, clust_token: str, url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "CLUST_API_TOKEN": clust_token,
        "CLUST_API_URL": clust_url,
        "DATABASE_URL": url,
        "POLL_INTERVAL": "0.3",
        "LEASE": "1",
        "UNCLEAR_WAIT": "0.2",
    }


async def _baseline(store: Store) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await store.connections.get(1)).baseline_at:
                    return
            except sa.exc.NoResultFound:
                pass  # the worker has not made its connection yet
            await asyncio.sleep(0.1)


async def _unsent(store: Store) -> int:
    async with store.database.read() as tx:
        done = sa.select(sa.func.count()).where(deliveries.c.state == "sent")
        return ALL - int((await tx.execute(done)).scalar_one())
