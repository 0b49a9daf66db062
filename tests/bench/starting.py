"""From start to ready, and memory idle, against a process that imports the same libraries and does nothing."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.store import open_store
from bot.store.engine.migrate import migrate
from tests.bench.figures import Figure, Size
from tests.bench.running import healthy, resident, running
from tests.processes import environment, held

LIBRARIES = (
    "aiohttp",
    "aiosqlite",
    "cryptography.fernet",
    "httpx",
    "prometheus_client",
    "pydantic_settings",
    "slack_bolt.async_app",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.ext.asyncio",
    "starlette.applications",
    "structlog",
    "uvicorn.protocols.http.auto",
    "uvicorn.loops.auto",
)
"""What the bot imports on SQLite, with Alembic only where there is something to migrate."""

IDLE = f"import {', '.join(LIBRARIES)}, time; print('ready', flush=True); time.sleep(600)"

REST = 1.0
"""Seconds after which a process counts as idle."""


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Start both by turns."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    account.populate(10)
    url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    store = open_store(url, posts_per_minute=300)
    await migrate(store.database)
    await store.database.close()
    seconds: list[list[float]] = [[], []]
    memory: list[list[float]] = [[], []]
    async with SandboxSlack() as slack, serve_clust(account) as clust:
        settings = environment(slack, clust, account.token, url, POLL_INTERVAL="60", LOG_LEVEL="WARNING")
        for turn in range(size.rounds + 1):
            for place, start in enumerate((_libraries, _bot)):
                elapsed, used = await start(settings, folder)
                if turn:
                    seconds[place].append(elapsed)
                    memory[place].append(used / 1_000_000)
    floor, measured = map(statistics.median, seconds)
    yield Figure("from start to ready, the database up to date", measured, floor, "s", 1.3)
    floor, measured = map(statistics.median, memory)
    yield Figure("memory idle", measured, floor, "MB", 1.3)


async def _libraries(settings: Mapping[str, str], folder: Path) -> tuple[float, int]:
    began = time.perf_counter()
    async with running("-c", IDLE, settings=settings, folder=folder) as process:
        assert process.stdout
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError("A library can't be imported: see bench.log.")
        elapsed = time.perf_counter() - began
        await asyncio.sleep(REST)
        return elapsed, resident(process.pid)


async def _bot(settings: Mapping[str, str], folder: Path) -> tuple[float, int]:
    with held() as listening:
        began = time.perf_counter()
        async with running("-m", "bot", "run", settings=settings, folder=folder, listening=listening) as process:
            await healthy(listening.port)
            elapsed = time.perf_counter() - began
            await asyncio.sleep(REST)
            return elapsed, resident(process.pid)
