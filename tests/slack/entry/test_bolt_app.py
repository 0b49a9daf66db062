"""The app as a whole: acknowledgements wait for nothing, and the database may fail at startup."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing

import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.accounts import OWN
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import Store, open_store
from bot.store.engine.tables import connections, metadata
from tests.slack.conftest import RunningBot, Start
from tests.slack.second_connection import database, execute, opened


@asynccontextmanager
async def closing_store(url: str) -> AsyncIterator[Store]:
    """Open a store in which new accounts have a first contact, and close it."""
    store = open_store(url, posts_per_minute=300, first_contact=True)
    try:
        yield store
    finally:
        await store.database.close()


def rename_tables(other: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Rename tables in one transaction."""
    other.execute("BEGIN IMMEDIATE")
    for before, after in names.items():
        other.execute(f"ALTER TABLE {before} RENAME TO {after}")
    other.execute("COMMIT")


async def test_an_acknowledgement_waits_for_no_network(start: Start, slack: SandboxSlack) -> None:
    """K1, W5: `/healthz` and acknowledgements do not wait for auth.test. The answer follows."""
    slack.faults.down = True
    bot = await start(poll_interval=3600)
    exchange = await bot.ask("help")
    assert exchange.answers == []
    slack.faults.down = False
    assert "Clust for Slack" in (await exchange.answer()).text


async def test_an_acknowledgement_waits_for_no_database(idle_bot: RunningBot) -> None:
    """K1: a command is acknowledged while another process locks the database, and answered afterwards."""
    with closing(database(idle_bot)) as other:
        await execute(other, "BEGIN IMMEDIATE")
        exchange = await idle_bot.ask("subscribe late", user="bruno")
        assert exchange.answers == []
        await execute(other, "ROLLBACK")
    assert "This channel is now subscribed to *late*" in (await exchange.answer()).text


async def test_a_database_that_fails_at_startup_is_retried(start: Start, slack: SandboxSlack, sqlite_url: str) -> None:
    """No statement between the migration and the loops ends the process, whichever table it is about.

    When the database works again, requests are answered and the first contacts from before are ended.
    """
    held = sa.select(connections.c.id).where(connections.c.first_contact.is_not(None))
    async with closing_store(sqlite_url) as store:
        team_id = slack.workspace.bot.team_id
        assert (await store.connections.ensure(team_id, OWN, "http://clust/api", "another token")).first_contact
    with closing(opened(sqlite_url)) as other:
        await asyncio.to_thread(rename_tables, other, {name: f"lost_{name}" for name in metadata.tables})
        with capture_logs() as logs:
            bot = await start()
            exchange = await bot.ask("help")
            await slack.wait_for(lambda: len(slack.called("auth.test")) > 1)
        await asyncio.to_thread(rename_tables, other, {f"lost_{name}": name for name in metadata.tables})
    assert "Clust for Slack" in (await exchange.answer()).text
    assert {entry["event"] for entry in logs if entry["log_level"] == "warning"} == {
        "the database does not take the account of the settings",
        "first contacts can't be ended",
    }
    await bot.baseline()
    async with asyncio.timeout(60):
        while await bot.rows(held):
            await bot.account.read(1)
