"""How fast a worker posts to many workspaces at once, and to one while another has much waiting."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.states import State
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import deliveries
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.notifications.transitions import transition
from tests.bench.crowd import channel_of, team_of, token_of
from tests.bench.crowd_server import PERSON
from tests.bench.crowd_sharing import polled_again
from tests.bench.crowd_stage import Stage, worker
from tests.bench.figures import Figure, Size

AT_ONCE = 8
ALL = 1_000_000
"""More than ever waits: the Limit is not what is measured."""

CHANNELS = 20
WAITING = 10_000
SINGLES = 7
LONG = "60"
"""Seconds of a lease: what is saved here in a worker's name depends on it."""

NEVER = "86400"
"""Seconds between two polls: these would miss the applications that only the database has."""


async def figures(place: Stage, number: int, size: Size) -> AsyncIterator[Figure]:
    """Post one to each workspace, then one at a time, alone, and while a workspace and an account are slow."""
    async with place.plain("crowd_posting_floor", place.server.slack_url, place.url, number) as process:
        began = time.time()
        await process.wait()
    floor = (await place.server.posted())[-1][1] - began
    since = datetime.now(UTC)
    async with worker(place, POLL_INTERVAL=NEVER, LEASE=LONG) as process, asyncio.timeout(600):
        while len(await place.accounts_of(process.pid)) < number:
            await asyncio.sleep(0.1)
        # Each is polled once more when its turn of the shorter interval comes.
        await polled_again(place, await place.accounts_of(process.pid), since)
        await _each_has_one(place, number)
        before, began = len(await place.server.posted()), time.time()
        await _release(place)
        posted = await _posted(place, before, number)
        subject = f"{number:,} notifications at once, one for each workspace"
        yield Figure(f"{subject}: until the last stands in Slack", posted[-1][1] - began, floor, "s", 3.0)
        times = Counter(channel for channel, _ in posted)
        wrong = sum(times[channel_of(one)] != 1 for one in range(number))
        yield Figure("of these lost, or posted twice", wrong, None, "", 0)
        alone = await _singles(place, range(1, 1 + SINGLES))
        waiting = size.of(WAITING)
        await _much_waits(place, waiting)
        await place.server.hang(token_of(number))
        await place.crowd.install(number)
        busy = await _singles(place, range(1 + SINGLES, 1 + 2 * SINGLES))
        subject = (
            f"another workspace's notification while one has {waiting:,} waiting and an account hangs, half of all"
        )
        yield Figure(f"{subject} within", busy, alone, "ms", 2.0)


async def _each_has_one(place: Stage, number: int) -> None:
    """Let each workspace have an event whose notification waits for its release."""
    numbers = iter(range(number))

    async def some() -> None:
        for one in numbers:
            await _created(place, one, range(1))

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _created(place: Stage, number: int, keys: Iterable[int], *, tick: bool = False) -> None:
    """Save a poll that found new applications. With `tick` their notifications are released."""
    store, now = place.crowd.store, datetime.now(UTC)
    (connection,) = await store.connections.of_team(team_of(number))
    new = [Application(id=str(10**9 + key), title=f"Number {key}", created_at=now, updated_at=now) for key in keys]
    seen = [PolledApplication(Snapshot(one, StatusClass.OPEN), 1) for one in new]
    events = [Event("created", 1, one, StatusClass.OPEN) for one in new]
    poll = PollRow(now, now, 1, len(new), len(new))
    result = PollResult(poll, seen, [], [], [], events, connection.name, {"read_at": now})
    await store.polls.keep(connection.id, connection.fence, result)
    if tick:
        await store.polls.tick(connection.id, connection.fence, ALL, now)


async def _release(place: Stage) -> None:
    """Release all that waits, in one transaction."""
    async with place.crowd.store.database.write() as tx:
        held = deliveries.c.state == State.HELD
        await tx.execute(transition(State.PENDING, held, hold=None, due_at=datetime.now(UTC)))


async def _posted(place: Stage, before: int, number: int) -> list[tuple[str, float]]:
    """Return what was posted after the first `before`, once there are so many, and some time to repeat one."""
    async with asyncio.timeout(600):
        while len(await place.server.posted()) < before + number:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    return (await place.server.posted())[before:]


async def _singles(place: Stage, numbers: Iterable[int]) -> float:
    """Return the milliseconds from an event of a workspace to its notification, one after the other: the median."""
    timings = []
    for one in numbers:
        before, began = len(await place.server.posted()), time.time()
        await _created(place, one, range(1, 2), tick=True)
        async with asyncio.timeout(120):
            while not (own := await _own(place, one, before)):
                await asyncio.sleep(0.02)
        timings.append((own[0] - began) * 1000)
    return statistics.median(timings)


async def _own(place: Stage, number: int, before: int) -> list[float]:
    """Return when a workspace's channel got something after the first `before` messages."""
    return [at for channel, at in (await place.server.posted())[before:] if channel == channel_of(number)]


async def _much_waits(place: Stage, number: int) -> None:
    """Let so many notifications wait in the first workspace, over several channels."""
    store, now, team_id = place.crowd.store, datetime.now(UTC), team_of(0)
    (connection,) = await store.connections.of_team(team_id)
    for one in range(CHANNELS):
        channel_id = f"C1{one:04}"
        await store.channel_settings.save(team_id, channel_id, MessageStyle(gate=None), Schedule(), PERSON, now)
        wish = SubscriptionRequest(team_id, channel_id, connection.id, "", ("created",), ALL, PERSON, "UTC")
        await store.subscriptions.save(wish, now)
    await _created(place, 0, range(2, 2 + number // CHANNELS), tick=True)
