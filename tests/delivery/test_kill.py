"""`kill -9` in the middle of 200 notifications, again and again: all arrive, none twice (rules T1 to T3)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store
from bot.store.engine.tables import deliveries
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.processes import baseline_read, environment, killed_at_the_end

CHANNELS, APPLICATIONS, KILLS = 20, 10, 8
ALL = CHANNELS * APPLICATIONS

FASTER = {"SLACK_POSTS_PER_MINUTE": "6000"}
"""Than Slack takes messages, as it is in the sandbox here."""


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_kill_9_loses_nothing_and_repeats_nothing(store: Store, url: str, tmp_path: Path) -> None:
    """Workers are killed while they send, and Slack cuts connections after accepting: each message is there once."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    for _ in range(APPLICATIONS):
        account.add()
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        settings = environment(slack, clust_url, account.token, url, LEASE="1", UNCLEAR_WAIT="0.2", **FASTER)
        slack.state.rate_limits.posts_a_minute = 12_000
        channels = [
            slack.workspace.add_channel(f"c{number}", members={slack.workspace.bot.id}) for number in range(CHANNELS)
        ]

        def posted() -> int:
            return sum(len(slack.messages(channel)) for channel in channels)

        async with killed_at_the_end("worker", settings, tmp_path):
            await baseline_read(store)
            for channel in channels:
                wish = SubscriptionRequest(
                    "T0SANDBOX", channel.id, 1, "", ("late",), None, slack.workspace.member.id, "UTC"
                )
                await store.subscriptions.save(wish, datetime.now(UTC))
        slack.faults.chance_after_accept = 0.05
        slack.faults.chance_before_accept = 0.02
        for number in range(1, APPLICATIONS + 1):
            account.make_late(number)
        for kill in range(1, KILLS + 1):
            enough = kill * ALL // (KILLS + 2)
            async with killed_at_the_end("worker", settings, tmp_path):
                await slack.wait_for(partial(_reached, posted, enough))
        async with killed_at_the_end("worker", settings, tmp_path):
            async with asyncio.timeout(120):
                while await _unsent(store):  # noqa: ASYNC110  another process writes it
                    await asyncio.sleep(0.2)
        counts = Counter(
            (channel.name, message.metadata["event_payload"]["delivery"] if message.metadata else "")
            for channel in channels
            for message in slack.messages(channel)
        )
        assert (len(counts), max(counts.values())) == (ALL, 1)


def _reached(count: Callable[[], int], enough: int) -> bool:
    return count() >= enough


async def _unsent(store: Store) -> int:
    async with store.database.read() as tx:
        done = sa.select(sa.func.count()).where(deliveries.c.state == "sent")
        return ALL - int((await tx.execute(done)).scalar_one())
