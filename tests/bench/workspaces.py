"""What many workspaces cost workers on PostgreSQL, next to a plain program that makes the same polls or posts."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.bench import crowd_commands, crowd_posting, crowd_sharing
from tests.bench.crowd import channel_of, token_of
from tests.bench.crowd_server import crowd_server
from tests.bench.crowd_stage import Stage, Usage, all_baselines, postgresql_server, stage, usage, worker
from tests.bench.figures import Figure, Size
from tests.bench.running import resident

WORKSPACES = 1000
INTERVAL = 60.0
LEASE = 30.0
MIN_LEASE = 10.0
"""What takes longer counts as lost: a post has its ten seconds in a smaller run too."""

CHANGES = 60
MIB = 1024 * 1024


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure one workspace, a tenth of them, and all: idle, shared by two workers, posting, and commanded."""
    number = size.of(WORKSPACES)
    # So that polls a second stay the same.
    interval, lease = INTERVAL * number / WORKSPACES, max(MIN_LEASE, LEASE * number / WORKSPACES)
    async with (
        postgresql_server() as host,
        crowd_server() as server,
        stage(host, server, folder, 1, interval, lease) as one,
        stage(host, server, folder, number // 10, interval, lease) as few,
        stage(host, server, folder, number, interval, lease) as place,
    ):
        # What they use is counted, so it doesn't matter that they run at the same time.
        (_, alone), (tenth, _), floor = await asyncio.gather(
            _idle(one, 1), _idle(few, number // 10), _floor(place, number)
        )
        async for figure in _crowd(place, number, floor, tenth, alone):
            yield figure
        async for figure in crowd_posting.figures(place, number, size):
            yield figure
        async for figure in crowd_commands.figures(place, number, size):
            yield figure


async def _idle(place: Stage, number: int) -> tuple[Usage, int]:
    """Return what a worker uses that reads so many workspaces, and its memory."""
    async with worker(place) as process:
        await all_baselines(place, number)
        await asyncio.sleep(place.interval)
        return await usage(place, process.pid), resident(process.pid)


async def _floor(place: Stage, number: int) -> Usage:
    """Return what the plain program uses."""
    async with place.plain("crowd_floor", place.server.clust_url, place.url, number, place.interval) as process:
        await asyncio.sleep(place.interval)
        return await usage(place, process.pid)


async def _crowd(place: Stage, number: int, floor: Usage, tenth: Usage, alone: int) -> AsyncIterator[Figure]:
    began = time.perf_counter()
    async with place.plain("crowd_floor", place.server.clust_url, place.url, number, 0) as process:
        await process.wait()
    flat_out = time.perf_counter() - began
    began = time.perf_counter()
    async with worker(place) as process:
        await all_baselines(place, number)
        baselines = time.perf_counter() - began
        await asyncio.sleep(place.interval)
        used = await usage(place, process.pid)
        memory = resident(process.pid)
        idle = f"a worker with {number:,} idle workspaces, a poll each {place.interval:g} s"
        yield Figure(f"CPU of {idle}", used.cores, floor.cores, "cores", 2.0)
        most = 3 * used.polls + 5
        yield Figure(f"transactions of {idle}, above which is too much", used.transactions, most, "a second", 1.0)
        yield Figure("CPU of it, against ten times a tenth of them", used.cores, 10 * tenth.cores, "cores", 1.1)
        yield Figure(
            "transactions of it, against the same", used.transactions, 10 * tenth.transactions, "a second", 1.1
        )
        yield Figure(f"from start to the last of {number:,} baselines", baselines, flat_out, "s", 3.0)
        yield Figure("memory of it, above one with one workspace", (memory - alone) / MIB, None, "MiB", 150)
        waits = await _changes(place, number)
        half, last = statistics.median(waits), max(waits)
        yield Figure("from a change in Clust to its notification, half of all", half, place.interval, "s", 0.6)
        yield Figure("the same, the last of all", last, place.interval + 3, "s", 1.0)
        async for figure in crowd_sharing.figures(place, number, process, used.cores):
            yield figure


async def _changes(place: Stage, number: int) -> list[float]:
    """Let accounts change at moments spread over an interval, and return the seconds until each stands in Slack."""
    numbers = random.Random(17).sample(range(number), min(CHANGES, number))
    before, added = len(await place.server.posted()), dict[str, float]()
    for one in numbers:
        added[channel_of(one)] = time.time()
        await place.server.add(token_of(one))
        await asyncio.sleep(place.interval / len(numbers))
    posted: list[tuple[str, float]] = []
    async with asyncio.timeout(10 * place.interval + 60):
        while len(posted) < len(numbers):
            await asyncio.sleep(0.2)
            posted = (await place.server.posted())[before:]
    return [at - added[channel] for channel, at in posted]
