"""Databases of many workspaces, workers that serve them, and what these use."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import open_store
from bot.store.engine.database_url import database_url
from bot.store.engine.tables import connections, polls
from tests.bench.crowd import Crowd
from tests.bench.crowd_server import CrowdServer
from tests.bench.running import running
from tests.databases import address, create, postgresql

INTERVALS = 5
"""Over which idle processes are measured."""

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Stage:
    """One database of workspaces, the server of their Clust and Slack, and the time scale."""

    host: str
    name: str
    server: CrowdServer
    crowd: Crowd
    settings: Mapping[str, str]
    folder: Path
    interval: float
    lease: float

    @property
    def url(self) -> str:
        """The `DATABASE_URL`."""
        return address(self.host, self.name)

    @asynccontextmanager
    async def plain(self, module: str, *arguments: object) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run a plain program of this folder, from when it is ready."""
        words = ("-m", f"tests.bench.{module}", *map(str, arguments))
        async with running(*words, settings=self.settings, folder=self.folder) as process:
            assert process.stdout
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError("The floor did not start: see bench.log.")
            yield process

    async def transactions(self) -> int:
        """Return how many transactions there were in the database."""
        engine = create_async_engine(database_url(address(self.host, "postgres")))
        counted = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = :name"
        async with engine.connect() as tx:
            number = (await tx.execute(sa.text(counted), {"name": self.name})).scalar_one()
        await engine.dispose()
        return int(number)

    async def numbers(self, statement: sa.Select[Any]) -> list[Any]:
        """Return the first column of what a statement selects."""
        async with self.crowd.store.database.read() as tx:
            return list((await tx.execute(statement)).scalars())

    async def accounts_of(self, pid: int) -> list[int]:
        """Return the accounts that a worker polls. Its name is of host, process id and something random."""
        return await self.numbers(sa.select(connections.c.id).where(connections.c.lease_owner.contains(f"-{pid}-")))

    async def baselines(self) -> int:
        """Return how many accounts have a baseline."""
        counted = sa.select(sa.func.count()).select_from(connections)
        (number,) = await self.numbers(counted.where(connections.c.baseline_at.is_not(None)))
        return int(number)


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes used over some intervals, by the second."""

    cores: float
    transactions: float
    polls: float


@asynccontextmanager
async def postgresql_server() -> AsyncIterator[str]:
    """Run a server. It is started by a thread, since what starts it has an event loop of its own."""
    server = postgresql()
    host = await asyncio.to_thread(server.__enter__)
    try:
        yield host
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


@asynccontextmanager
async def stage(
    host: str, server: CrowdServer, folder: Path, number: int, interval: float, lease: float
) -> AsyncIterator[Stage]:
    """Make a database with so many workspaces."""
    name, key = f"crowd{number}", Fernet.generate_key().decode()
    url = await create(host, name)
    async with AsyncExitStack() as stack:
        store = open_store(url, posts_per_minute=100_000, secret_keys=[key])
        stack.push_async_callback(store.database.close)
        crowd = Crowd(store, server.clust_url)
        await crowd.fill(number)
        settings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": "client-secret",
            "SLACK_SIGNING_SECRET": "signing-secret",
            "SLACK_API_URL": server.slack_url,
            "SECRET_KEY": key,
            "CLUST_API_URL": server.clust_url,
            "DATABASE_URL": url,
            "PUBLIC_URL": "https://bot.example",
            "POLL_INTERVAL": str(interval),
            "LEASE": str(lease),
            "METRICS_PORT": "0",
            "LOG_LEVEL": "WARNING",
        }
        yield Stage(host, name, server, crowd, settings, folder, interval, lease)


@asynccontextmanager
async def worker(place: Stage, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker. `settings` win over the stage's."""
    environ = {**place.settings, **settings}
    async with running("-m", "bot", "worker", settings=environ, folder=place.folder) as process:
        yield process


async def all_baselines(place: Stage, number: int) -> None:
    """Wait until so many accounts have a baseline."""
    async with asyncio.timeout(600):
        while await place.baselines() < number:
            await asyncio.sleep(0.1)


async def usage(place: Stage, *pids: int) -> Usage:
    """Measure idle processes over some intervals."""
    seconds, at = INTERVALS * place.interval, datetime.now(UTC)
    cpu, transactions, began = sum(map(_cpu_seconds, pids)), await place.transactions(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    used, made = sum(map(_cpu_seconds, pids)) - cpu, await place.transactions() - transactions
    (polled,) = await place.numbers(sa.select(sa.func.count()).select_from(polls).where(polls.c.ended_at > at))
    return Usage(used / took, made / took, polled / took)


def _cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far (Linux: proc_pid_stat, utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
