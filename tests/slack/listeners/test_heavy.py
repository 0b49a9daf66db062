"""One person's expensive requests delay no one else (issue 14, B3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.core.filters.language import MAX_LENGTH
from bot.store import Store, open_store
from bot.store.clust.connections import Connection
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import applications
from tests.slack.conftest import RunningBot

MANY = 2_000
"""Applications: enough that a slow list takes much longer than another command."""
HEAVIEST = " ".join(f"-x{number}" for number in range(90))
"""A filter with about as many excluded words as it can have. Each is searched for in every application."""


@asynccontextmanager
async def stored(bot: RunningBot) -> AsyncIterator[tuple[Store, Connection]]:
    """Open the bot's database beside it, and yield it with the account's connection."""
    store = open_store(bot.settings.database_url, posts_per_minute=300)
    (connection,) = await store.connections.of_team(bot.slack.workspace.bot.team_id)
    yield store, connection
    await store.database.close()


@pytest.fixture
async def busy(idle_bot: RunningBot) -> RunningBot:
    """A bot with many stored applications."""
    now = datetime.now(UTC)
    usual = {"fingerprint": 0, "late": False, "occurrences": {}, "absent": 0, "gone": False, "discovered": False}
    async with stored(idle_bot) as (store, connection), store.database.write() as tx:
        stored_applications = [Application(id=str(10**6 + number), title=f"Client {number}") for number in range(MANY)]
        rows = [
            {
                **usual,
                "connection_id": connection.id,
                "id": one.id,
                "snapshot": one.model_dump_json(exclude_none=True),
                "updated_at": now,
            }
            for one in stored_applications
        ]
        await tx.execute(applications.insert(), rows)
    return idle_bot


async def happens(bot: RunningBot) -> None:
    """Let a poll find a new application."""
    now = datetime.now(UTC)
    new = Application(id="99", title="Newcomer", created_at=now, updated_at=now)
    seen = [PolledApplication(Snapshot(new, StatusClass.OPEN), 1)]
    events = [Event("created", 1, new, StatusClass.OPEN)]
    async with stored(bot) as (store, connection):
        cycle = PollResult(PollRow(now, now, 1, 1, 1), seen, [], [], [], events, connection.name, {"read_at": now})
        assert await store.polls.keep(connection.id, connection.fence, cycle) == 1
        await store.polls.tick(connection.id, connection.fence, 20, now)


async def test_heavy_lists_hold_nobody_else_up(busy: RunningBot) -> None:
    """B3: during one person's 12 slow lists, others get answers and notifications are posted."""
    assert len(f"{HEAVIEST} -y11") <= MAX_LENGTH
    await busy.say("subscribe created", user="adrien", channel="general")
    lists = [await busy.ask(f"list {HEAVIEST} -y{number}", user="mei") for number in range(12)]
    answers = [asyncio.create_task(one.answer(timeout=300)) for one in lists]
    assert "/clust list" in (await busy.say("help", user="adrien")).text
    await happens(busy)
    await busy.posted("general", "Newcomer")
    assert not answers[-1].done()
    # One after the other, in the order of asking: the first is not delayed by those behind it.
    assert "applications match" in (await answers[0]).text
    assert not answers[6].done()
    for one in answers:
        one.cancel()
