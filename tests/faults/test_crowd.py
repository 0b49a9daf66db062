"""A crowd at one outbox: pollers, dispatchers and people in three processes do what they can, all at the same time.

At first Slack takes some messages, refuses others, and leaves others unclear. Then all is well and no one does anything
more: every notification must reach a final state.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS, Event, Snapshot
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.core.notifications.states import OVER, SubscriptionState
from bot.core.notifications.unclear_posts import LookUp, PostsPage
from bot.store import Store, open_store
from bot.store.clust.connections import LeaseLost
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import deliveries, floods
from bot.store.notifications.floods import DIGEST, POST, SEEN
from bot.store.notifications.outbox_messages import Claim
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import Clock

TEAM, CHANNELS, OWNERS, APPLICATIONS = "T1", ("C1", "C2", "C3"), ("U1", "U2"), 12
LEASE = timedelta(seconds=20)

OUTCOMES = ("sent",) * 6 + ("again", "unclear", "held", "silent", "failed")
"""What comes of a message while the weather is bad. `silent`: its process says nothing more of it."""


@dataclass
class Crowd:
    """The processes, by their stores, and what they do. `connections` are two accounts."""

    stores: list[Store]
    connections: list[int]
    clock: Clock
    chance: random.Random
    occurrences: dict[tuple[int, str, str], int] = field(default_factory=dict)
    messages: int = 0

    async def poll(self, store: Store, connection_id: int, times: int) -> None:
        """Find that something happened, and let the poll clock tick. Nothing of it counts if something was erased."""
        for _ in range(times):
            fence = (await store.connections.get(connection_id)).fence
            now, triggered = self.clock(), []
            for _ in range(self.chance.choice([0, 1, 2, 5, 30])):
                key, trigger = str(self.chance.randint(1, APPLICATIONS)), self.chance.choice([*TRIGGERS])
                number = self.occurrences.get((connection_id, key, trigger), 0) + 1
                self.occurrences[connection_id, key, trigger] = number
                triggered.append(Event(trigger, number, Application(id=key, title=f"File {key}"), StatusClass.OPEN))
            seen = {
                one.application.id: PolledApplication(Snapshot(one.application, one.status_class), 1)
                for one in triggered
            }
            row = PollRow(now, now, 1, len(seen), len(seen))
            cycle = PollResult(row, [*seen.values()], [], [], [], triggered, "default", {"read_at": now})
            with contextlib.suppress(LeaseLost):
                await store.polls.keep(connection_id, fence, cycle)
                await store.polls.tick(connection_id, fence, self.chance.choice([2, 20]), now)

    async def dispatch(self, store: Store, name: str, times: int, outcomes: tuple[str, ...]) -> None:
        """Send what can be sent, and settle what is unclear. Time passes when there is nothing to do."""
        for _ in range(times):
            now = self.clock()
            claims = await store.outbox.claim(TEAM, name, now, LEASE, 5)
            wait = timedelta(seconds=5)
            for look_up in await store.unclear_posts.claim(TEAM, now, LEASE, wait, wait):
                claims += await self.look_up(store, name, look_up, lost="silent" in outcomes)
            await asyncio.gather(*(self.send(store, claim, self.chance.choice(outcomes)) for claim in claims))
            stale = await store.card_updates.claim(TEAM, now, LEASE, 5)
            for flood in stale.floods:
                await store.floods.updated(flood, now)
            for card in stale.cards:
                await store.card_updates.updated(card, "shown", now)
            if not claims:
                self.clock.forward(self.chance.choice([1, 3, 30]))
                await asyncio.sleep(0)

    async def look_up(self, store: Store, name: str, look_up: LookUp, *, lost: bool) -> list[Claim]:
        """Read the pages of a look-up, without finding anything. Now and then its process falls silent (`lost`)."""
        if lost and self.chance.random() < 1 / 4:
            return []
        cursor = "" if look_up.is_complete else self.chance.choice(["", "more"])
        after = look_up.after(PostsPage({}, cursor))
        if not await store.unclear_posts.keep(after, self.clock(), self.clock()) or not after.is_complete:
            return []
        claims = await store.unclear_posts.claims(after, name, self.clock(), LEASE)
        if not lost or self.chance.random() < 3 / 4:
            await store.unclear_posts.end(after)
        return claims

    async def send(self, store: Store, claim: Claim, outcome: str) -> None:
        """Let one message have an outcome. An empty one is skipped, as by the dispatcher."""
        outbox, now = store.outbox, self.clock()
        await asyncio.sleep(0)
        if claim.plan.post is None and claim.plan.update is None:
            await outbox.mark_skipped(claim, "Nobody wants it any more.")
        elif outcome == "sent":
            self.messages += 1
            await outbox.mark_sent(claim, f"{self.messages}.0", now)
        elif outcome == "again":
            await outbox.mark_again(claim, "Slack is busy.", now + timedelta(seconds=self.chance.choice([0, 60])))
        elif outcome == "unclear":
            await outbox.mark_unclear(claim, "The connection was lost.", now, now)
        elif outcome == "failed":
            await outbox.mark_failed(claim, "Slack does not take it.")
        elif outcome == "held":
            await outbox.mark_held(claim, "is_archived")
            await store.subscriptions.hold(TEAM, claim.channel_id, "is_archived")

    async def live(self, store: Store, times: int) -> None:
        """Do what people do, and what is done about them."""
        for _ in range(times):
            await self.chance.choice(ACTIONS)(self, store, self.chance.choice(CHANNELS))

    async def open_questions(self, store: Store) -> list[tuple[str, int]]:
        """Return the questions about too much that wait for an answer: channel and number."""
        async with store.database.read() as tx:
            unanswered = sa.select(floods.c.channel_id, floods.c.delivery_id).where(floods.c.answer.is_(None))
            return [(row.channel_id, row.delivery_id) for row in await tx.execute(unanswered)]

    async def left(self, store: Store) -> list[tuple[object, ...]]:
        """Return what has not come to its end."""
        columns = (deliveries.c.id, deliveries.c.kind, deliveries.c.state, deliveries.c.hold)
        async with store.database.read() as tx:
            return [tuple(row) for row in await tx.execute(sa.select(*columns).where(deliveries.c.state.not_in(OVER)))]

    async def calm_down(self, store: Store) -> None:
        """Let all be well: nothing is muted or held, questions are answered, time passes, and everything is sent."""
        for channel_id in CHANNELS:
            await store.channel_settings.unmute(TEAM, channel_id, (), self.clock())
            await store.channel_settings.save(TEAM, channel_id, MessageStyle(), Schedule(), "U1", self.clock())
        for owner in OWNERS:
            await store.orphans.resume(TEAM, owner, self.clock())
        for _ in range(100):
            if not await self.left(store):
                return
            self.clock.forward(120)
            for channel_id in CHANNELS:
                await store.subscriptions.resume(TEAM, channel_id, self.clock())
            for channel_id, number in await self.open_questions(store):
                await store.floods.answer(TEAM, channel_id, number, POST, "U1", self.clock())
            for connection_id in self.connections:
                fence = (await store.connections.get(connection_id)).fence
                await store.polls.tick(connection_id, fence, 1000, self.clock())
            await self.dispatch(store, "calm", 30, ("sent",))


async def _subscribe(crowd: Crowd, store: Store, channel_id: str) -> None:
    chance = crowd.chance
    events = tuple(chance.sample([*TRIGGERS], chance.randint(1, 4)))
    connection_id, limit, owner = chance.choice(crowd.connections), chance.choice([None, 3]), chance.choice(OWNERS)
    wish = SubscriptionRequest(TEAM, channel_id, connection_id, "", events, limit, owner, "UTC")
    await store.subscriptions.save(wish, crowd.clock())


async def _unsubscribe(crowd: Crowd, store: Store, channel_id: str) -> None:
    for row in (await store.subscriptions.of_channel(TEAM, channel_id))[:1]:
        await store.subscriptions.end(TEAM, [row.id], crowd.chance.sample([*TRIGGERS], 2), "U1")


async def _mute(crowd: Crowd, store: Store, channel_id: str) -> None:
    mute = Mute(crowd.chance.choice(["", "1"]), crowd.chance.choice(["", "late"]), crowd.clock() + timedelta(minutes=1))
    await store.channel_settings.mute(TEAM, channel_id, [mute], "U1", crowd.clock())


async def _unmute(crowd: Crowd, store: Store, channel_id: str) -> None:
    await store.channel_settings.unmute(TEAM, channel_id, (), crowd.clock())


async def _resume(crowd: Crowd, store: Store, channel_id: str) -> None:
    await store.subscriptions.resume(TEAM, channel_id, crowd.clock())


async def _move(crowd: Crowd, store: Store, channel_id: str) -> None:
    held = [
        row.id for row in await store.subscriptions.of_channel(TEAM, channel_id) if row.state == SubscriptionState.HELD
    ]
    if held:
        await store.orphans.move(TEAM, channel_id, held, crowd.chance.choice(CHANNELS), crowd.clock())


async def _leave(_crowd: Crowd, store: Store, _channel_id: str) -> None:
    await store.orphans.hold(TEAM, "U2")


async def _come_back(crowd: Crowd, store: Store, _channel_id: str) -> None:
    await store.orphans.resume(TEAM, "U2", crowd.clock())


async def _adopt(crowd: Crowd, store: Store, channel_id: str) -> None:
    rows = await store.subscriptions.of_channel(TEAM, channel_id)
    await store.orphans.adopt(TEAM, [row.id for row in rows], "U1", crowd.clock())


async def _answer(crowd: Crowd, store: Store, _channel_id: str) -> None:
    for channel_id, number in await crowd.open_questions(store):
        how = crowd.chance.choice([POST, DIGEST, SEEN])
        await store.floods.answer(TEAM, channel_id, number, how, "U1", crowd.clock())


async def _set(crowd: Crowd, store: Store, channel_id: str) -> None:
    rhythm = crowd.chance.choice([*Rhythm])
    await store.channel_settings.save(TEAM, channel_id, MessageStyle(), Schedule(rhythm=rhythm), "U1", crowd.clock())


async def _erase(crowd: Crowd, store: Store, _channel_id: str) -> None:
    connection_id = crowd.chance.choice(crowd.connections)
    await store.applications.erase(connection_id, str(crowd.chance.randint(1, APPLICATIONS)))


ACTIONS: tuple[Callable[[Crowd, Store, str], Awaitable[None]], ...] = (
    *(_subscribe, _subscribe, _subscribe, _unsubscribe, _mute, _unmute, _resume, _move),
    *(_leave, _come_back, _adopt, _answer, _set, _erase),
)


@pytest.fixture(params=[1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
async def crowd(request: pytest.FixtureRequest, url: str, clock: Clock) -> AsyncIterator[Crowd]:
    """Three processes with two accounts."""
    async with AsyncExitStack() as stack:
        stores, connections = [open_store(url, posts_per_minute=6000) for _ in range(3)], []
        for store in stores:
            stack.push_async_callback(store.database.close)
        for name in ("default", "emea"):
            connection = await stores[0].connections.ensure(TEAM, name, "http://clust/api", name)
            await stores[0].account_shares.take("it", [connection.id], clock(), clock() + timedelta(days=99))
            connections.append(connection.id)
        yield Crowd(stores, connections, clock, random.Random(request.param))


async def test_everything_comes_to_its_end(crowd: Crowd) -> None:
    """Nothing waits forever, and no process meets an error of the database."""
    first, second, third = crowd.stores
    await asyncio.gather(
        crowd.poll(first, crowd.connections[0], 10),
        crowd.poll(second, crowd.connections[1], 10),
        crowd.dispatch(first, "first", 20, OUTCOMES),
        crowd.dispatch(second, "second", 20, OUTCOMES),
        *(crowd.live(store, 15) for store in (first, second, third)),
    )
    await crowd.calm_down(third)
    assert await crowd.left(third) == []
    assert crowd.messages
