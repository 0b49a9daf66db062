"""A second connection to the database of a running bot."""

from __future__ import annotations

import asyncio
import sqlite3

from tests.slack.conftest import RunningBot


def opened(url: str) -> sqlite3.Connection:
    """Open the bot's database in a second connection."""
    return sqlite3.connect(url.partition("///")[2], timeout=60, isolation_level=None, check_same_thread=False)


def database(bot: RunningBot) -> sqlite3.Connection:
    """Open the database of a running bot."""
    return opened(bot.settings.database_url)


async def execute(other: sqlite3.Connection, statement: str) -> None:
    """Run a statement off the event loop, because the bot in this loop may hold the lock it waits for."""
    await asyncio.to_thread(other.execute, statement)
