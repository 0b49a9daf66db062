"""What many idle workspaces cost a worker on PostgreSQL, next to a plain program that makes the same polls."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import open_store
from bot.store.engine.database import database_url
from bot.store.engine.tables import connections, polls
from tests.bench.crowd import Crowd, channel_of, token_of
from tests.bench.crowd_server import CrowdServer, crowd_server
from tests.bench.figures import Figure, Size
from tests.bench.running import resident, running
from tests.databases import address, create, postgresql

WORKSPACES = 1000
INTERVAL = 60.0
LEASE = 30.0
INTERVALS = 5
"""Over which idle processes are measured."""

CHANGES = 60
MIB = 1024 * 1024
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
    async def floor(self, number: int, interval: float) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run the plain program."""
        words = ("-m", "tests.bench.crowd_floor", self.server.clust_url, self.url, str(number), str(interval))
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

    async def count(self, statement: sa.Select[int]) -> int:
        """Return what a statement counts."""
        async with self.crowd.store.database.read() as tx:
            return int((await tx.execute(statement)).scalar_one())

    async def baselines(self) -> int:
        """Return how many accounts have a baseline."""
        return await self.count(
            sa.select(sa.func.count()).select_from(connections).where(connections.c.baseline_at.is_not(None))
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes used over some intervals, by the second."""

    cores: float
    transactions: float
    polls: float


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure the floor, a tenth of the workspaces, and all of them."""
    number = size.of(WORKSPACES)
    # So that polls a second stay the same.
    interval, lease = INTERVAL * number / WORKSPACES, LEASE * number / WORKSPACES
    async with _postgresql() as host, crowd_server() as server:
        async with _stage(host, server, folder, 1, interval, lease) as stage, _worker(stage) as worker:
            await _all_baselines(stage, 1)
            await asyncio.sleep(interval)
            alone = resident(worker.pid)
        async with _stage(host, server, folder, number // 10, interval, lease) as stage, _worker(stage) as worker:
            await _all_baselines(stage, number // 10)
            await asyncio.sleep(interval)
            tenth = await _usage(stage, worker.pid)
        async with _stage(host, server, folder, number, interval, lease) as stage:
            async for figure in _crowd(stage, number, tenth, alone):
                yield figure


@asynccontextmanager
async def _postgresql() -> AsyncIterator[str]:
    """Run a server; it is started by a thread, since what starts it has an event loop of its own."""
    server = postgresql()
    host = await asyncio.to_thread(server.__enter__)
    try:
        yield host
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


async def _crowd(stage: Stage, number: int, tenth: Usage, alone: int) -> AsyncIterator[Figure]:
    began = time.perf_counter()
    async with stage.floor(number, 0) as process:
        await process.wait()
    flat_out = time.perf_counter() - began
    async with stage.floor(number, stage.interval) as process:
        await asyncio.sleep(stage.interval)
        floor = await _usage(stage, process.pid)
    began = time.perf_counter()
    async with _worker(stage) as worker:
        await _all_baselines(stage, number)
        baselines = time.perf_counter() - began
        await asyncio.sleep(stage.interval)
        usage = await _usage(stage, worker.pid)
        memory = resident(worker.pid)
        idle = f"a worker with {number:,} idle workspaces, a poll each {stage.interval:g} s"
        yield Figure(f"CPU of {idle}", usage.cores, floor.cores, "cores", 2.0)
        most = 3 * usage.polls + 5
        yield Figure(f"transactions of {idle}, above which is too much", usage.transactions, most, "a second", 1.0)
        yield Figure("CPU of it, against ten times a tenth of them", usage.cores, 10 * tenth.cores, "cores", 1.1)
        yield Figure(
            "transactions of it, against the same", usage.transactions, 10 * tenth.transactions, "a second", 1.1
        )
        yield Figure(f"from start to the last of {number:,} baselines", baselines, flat_out, "s", 3.0)
        yield Figure("memory of it, above one with one workspace", (memory - alone) / MIB, None, "MiB", 150)
        waits = await _changes(stage, number)
        half, last = statistics.median(waits), max(waits)
        yield Figure("from a change in Clust to its notification, half of all", half, stage.interval, "s", 0.6)
        yield Figure("the same, the last of all", last, stage.interval + 3, "s", 1.0)


@asynccontextmanager
async def _stage(
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
async def _worker(stage: Stage) -> AsyncIterator[asyncio.subprocess.Process]:
    async with running("-m", "bot", "worker", settings=stage.settings, folder=stage.folder) as process:
        yield process


async def _all_baselines(stage: Stage, number: int) -> None:
    async with asyncio.timeout(600):
        while await stage.baselines() < number:
            await asyncio.sleep(0.1)


async def _usage(stage: Stage, *pids: int) -> Usage:
    """Measure idle processes over some intervals."""
    seconds, at = INTERVALS * stage.interval, datetime.now(UTC)
    cpu, transactions, began = sum(map(_cpu_seconds, pids)), await stage.transactions(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    used, made = sum(map(_cpu_seconds, pids)) - cpu, await stage.transactions() - transactions
    polled = await stage.count(sa.select(sa.func.count()).select_from(polls).where(polls.c.ended_at > at))
    return Usage(used / took, made / took, polled / took)


def _cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far (Linux: proc_pid_stat, utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _changes(stage: Stage, number: int) -> list[float]:
    """Let accounts change at moments spread over an interval; return the seconds until each stands in Slack."""
    numbers = random.Random(17).sample(range(number), min(CHANGES, number))
    before, added = len(await stage.server.posted()), dict[str, float]()
    for one in numbers:
        added[channel_of(one)] = time.time()
        await stage.server.add(token_of(one))
        await asyncio.sleep(stage.interval / len(numbers))
    posted: list[tuple[str, float]] = []
    async with asyncio.timeout(10 * stage.interval + 60):
        while len(posted) < len(numbers):
            await asyncio.sleep(0.2)
            posted = (await stage.server.posted())[before:]
    return [at - added[channel] for channel, at in posted]
