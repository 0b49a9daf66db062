"""What two workers use for the accounts of many workspaces, and how soon one of them polls those of the other."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.store.engine.tables import connections, polls
from tests.bench.crowd_stage import Stage, usage, worker
from tests.bench.figures import Figure


async def figures(place: Stage, number: int, first: Process, alone: float) -> AsyncIterator[Figure]:
    """Let a second worker join the `first`, which used so many cores `alone`, and then kill it."""
    async with worker(place) as second:
        async with asyncio.timeout(4 * place.lease + 60):
            while len(await place.accounts_of(second.pid)) < number // 2:
                await asyncio.sleep(0.1)
        await asyncio.sleep(place.interval)
        since = datetime.now(UTC)
        both = await usage(place, first.pid, second.pid)
        yield Figure("CPU of two such workers together, against one", both.cores, alone, "cores", 1.25)
        most = max(await _polls_of_each(place, since))
        yield Figure("polls made by the busier of the two", 100 * most, None, "%", 60)
        orphaned = await place.accounts_of(second.pid)
        second.kill()
        since = datetime.now(UTC)
        await second.wait()
        seconds = await polled_again(place, orphaned, since)
    subject = "one of the two is killed: until its last account is polled again, against `LEASE` and an interval"
    yield Figure(subject, seconds, place.lease + place.interval, "s", 1.2)


async def _polls_of_each(place: Stage, since: datetime) -> list[float]:
    """Return the part of the polls that each worker made."""
    own = polls.c.connection_id == connections.c.id
    of_each = sa.select(sa.func.count()).where(own, polls.c.ended_at > since).group_by(connections.c.lease_owner)
    made = await place.numbers(of_each)
    return [one / sum(made) for one in made]


async def polled_again(place: Stage, accounts: Sequence[int], since: datetime) -> float:
    """Return the seconds until each of the accounts was polled."""
    polled = sa.and_(polls.c.connection_id.in_(accounts), polls.c.started_at > since)
    waits = sa.select(sa.func.extract("epoch", sa.func.min(polls.c.ended_at) - since)).where(polled)
    async with asyncio.timeout(10 * timedelta(seconds=place.lease + place.interval).total_seconds()):
        while len(seconds := await place.numbers(waits.group_by(polls.c.connection_id))) < len(accounts):
            await asyncio.sleep(0.1)
    return float(max(seconds))
