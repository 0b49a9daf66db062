"""Receives notifications of work that other processes add.

On PostgreSQL it uses LISTEN on a connection of its own. On SQLite a connection that never writes checks `PRAGMA
data_version` for commits of others. Where neither works, for example behind a pooler, the loops query every second.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import structlog

from bot.core.backoff import backoff
from bot.store.engine.database import Database
from bot.store.engine.periodic import pause
from bot.store.engine.wakeups import CHANNEL

log = structlog.get_logger(__name__)

MAX_ECHO_SECONDS = 5.0
"""Seconds that a notification to itself may take. A pooler accepts LISTEN, but nothing ever arrives."""

CHECK_EVERY_SECONDS = 60.0
"""Seconds between two notifications to itself, since a broken connection reports nothing."""

DATA_VERSION_SECONDS = 0.25
"""Seconds between two checks for commits of other SQLite connections."""


class WorkNotHeardError(Exception):
    """A notification to itself didn't arrive in time."""


class WorkListener:
    """Wakes the loops of a process when another process has added work."""

    def __init__(self, database: Database) -> None:
        self._database, self._wakeups = database, database.wakeups

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set. A failure is logged once."""
        failures = 0
        while not stop.is_set():
            engine = self._database.engine_apart()
            try:
                async with engine.connect() as connection:
                    driver = (await connection.get_raw_connection()).driver_connection
                    hear = self._watch if self._database.is_sqlite else self._hear
                    await hear(driver, stop, failures)
            except Exception as error:  # noqa: BLE001  the drivers raise errors of their own. After any, the loops look
                failures = 1 if self._wakeups.listening.is_set() else failures + 1
                if failures == 1:
                    log.warning("added work is not heard of; it is looked for every second", error=repr(error))
            finally:
                self._wakeups.listening.clear()
                await engine.dispose()
            self._wakeups.wake()
            await pause(stop, 0 if stop.is_set() else backoff(failures, random.random()))

    async def _hear(self, driver: Any, stop: asyncio.Event, failures: int) -> None:
        """Listen on asyncpg's connection, and check regularly that notifications arrive."""
        heard, lost = asyncio.Event(), asyncio.Event()

        def on_notification(*_: object) -> None:
            heard.set()
            self._wakeups.wake()

        driver.add_termination_listener(lambda _: lost.set())
        await driver.add_listener(CHANNEL, on_notification)
        stopping = asyncio.create_task(_either(stop, lost))
        try:
            while not stopping.done():
                heard.clear()
                await driver.execute(f"NOTIFY {CHANNEL}")
                await pause(heard, MAX_ECHO_SECONDS)
                if not heard.is_set():
                    raise WorkNotHeardError("LISTEN is accepted, and nothing comes")
                self._works(failures)
                await asyncio.wait({stopping}, timeout=CHECK_EVERY_SECONDS)
            if lost.is_set():
                raise WorkNotHeardError("the connection was closed")
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)

    async def _watch(self, driver: Any, stop: asyncio.Event, failures: int) -> None:
        """Check regularly, on aiosqlite's connection, whether another connection has committed."""
        version = None
        while not stop.is_set():
            async with driver.execute("PRAGMA data_version") as cursor:
                (present,) = await cursor.fetchone()
            if version is not None and present != version:
                self._wakeups.wake()
            version = present
            self._works(failures)
            await pause(stop, DATA_VERSION_SECONDS)

    def _works(self, failures: int) -> None:
        if self._wakeups.listening.is_set():
            return
        if failures:
            log.info("added work is heard of again", after_failures=failures)
        self._wakeups.listening.set()
        self._wakeups.wake()  # what was added before is not heard of


async def _either(*events: asyncio.Event) -> None:
    """Wait for the first of several events."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
