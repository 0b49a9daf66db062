"""A workspace, an account and a database for bots that things go wrong for, and what must come of it all.

Every event that is made to happen here is one that no poll can miss: whatever else is seen with it, each application
is created, late and submitted once. So what has to stand in the channels is known without asking the bot.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import sqlalchemy as sa

from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.core.notifications.states import UNSENT, State
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.messages import Change
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.workspace import Channel
from bot.store import Store, open_store
from bot.store.clust.connections import Connection
from bot.store.engine.tables import connections, deliveries, events
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.faults.proxy import Proxy, proxy
from tests.processes import environment

STEPS = ("created", "late", "submitted")
"""What happens to each application, one after the other."""

UPDATED = 2
"""Channels whose cards are updated: Slack takes 50 updates in a minute, and each is counted by the bot."""

PostedEvent = tuple[str, str, str]
"""A channel's id, an application's id, and a trigger: what a message is about."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """An event that was posted twice: which, and when the first time and again, in Unix seconds."""

    event: PostedEvent
    first: float
    again: float


@dataclass(frozen=True, slots=True)
class Count:
    """What came of it: messages that were wanted and did not come, that came again, or before an earlier one."""

    expected: int
    lost: Sequence[PostedEvent]
    repeated: Sequence[Repeat]
    misplaced: Sequence[PostedEvent]
    waiting: int = 0
    """Messages that are still to be sent, where they are too many to wait for."""

    def __str__(self) -> str:
        return (
            f"{self.expected} expected, {len(self.lost)} lost, {len(self.repeated)} repeated, "
            f"{len(self.misplaced)} out of order, {self.waiting} waiting"
        )

    @property
    def is_right(self) -> bool:
        """Whether each came, once and in its order."""
        return not (self.lost or self.repeated or self.misplaced)


def together(counts: Sequence[Count]) -> Count:
    """Return the count of several workspaces."""
    return Count(
        sum(one.expected for one in counts),
        [event for one in counts for event in one.lost],
        [again for one in counts for again in one.repeated],
        [event for one in counts for event in one.misplaced],
        sum(one.waiting for one in counts),
    )


@dataclass
class Deployment:
    """Where bots work. `settings` are theirs. `posted` counts messages, and `tried` attempts to post one."""

    slack: SandboxSlack
    account: SandboxClust
    store: Store
    connection: Connection
    settings: dict[str, str]
    channels: list[Channel]
    random: Random
    proxies: list[Proxy] = field(default_factory=list)
    steps_taken: set[tuple[str, str]] = field(default_factory=set)
    posted: int = 0
    tried: int = 0

    def count(self, change: Change) -> None:
        """Count messages in Slack, and attempts."""
        self.tried += change.kind == "call" and change.subject.method == "chat.postMessage"
        self.posted += change.kind == "posted" and not change.subject.is_ephemeral

    async def subscribe(self) -> None:
        """Let every channel want every event, as many as come. Cards, which Slack slows most, are updated in a few."""
        now, mei = datetime.now(UTC), self.slack.workspace.member.id
        for number, channel in enumerate(self.channels):
            style = MessageStyle(gate=None, update=number < UPDATED)
            wish = SubscriptionRequest(
                channel.team_id, channel.id, self.connection.id, "", tuple(TRIGGERS), None, mei, "UTC"
            )
            await self.store.subscriptions.save(wish, now)
            await self.store.channel_settings.save(channel.team_id, channel.id, style, Schedule(), mei, now)

    def happen(self) -> None:
        """Let the next thing happen to some application, or to a new one."""
        began = {key for key, step in self.steps_taken if step == STEPS[0]}
        open_ones = sorted(key for key in began if (key, STEPS[-1]) not in self.steps_taken)
        if not open_ones or self.random.random() < 1 / len(STEPS):
            self._want(str(self.account.add(done=0)["id"]), STEPS[0])
            return
        key = self.random.choice(open_ones)
        if (key, "late") in self.steps_taken:
            self.account.submit(int(key))
            self._want(key, "submitted")
        else:
            self.account.make_late(int(key))
            self._want(key, "late")

    def create(self, number: int) -> None:
        """Let so many applications be created at once."""
        for _ in range(number):
            self._want(str(self.account.add(done=0)["id"]), STEPS[0])

    def _want(self, key: str, step: str) -> None:
        self.steps_taken.add((key, step))

    @property
    def expected(self) -> int:
        """How many messages have to come of what has happened so far."""
        return len(self.steps_taken) * len(self.channels)

    async def events(self, number: int, *, waiting: int, timeout: float = 120) -> None:
        """Let so many events happen, each as soon as fewer than `waiting` messages are still to come."""
        for _ in range(number):
            await self.slack.wait_for(lambda: self.expected - self.posted < waiting, timeout)
            self.happen()

    async def posts(self, more: int, timeout: float = 60) -> None:
        """Wait until so many more messages were posted, or tried."""
        target = self.tried + more
        await self.slack.wait_for(lambda: self.tried >= target, timeout)

    async def detected(self, timeout: float = 180) -> bool:
        """Wait until all that has happened is in the outbox. Returns False if that never comes."""
        return await self._comes(self._is_detected, timeout)

    async def quiet(self, timeout: float = 180) -> bool:
        """Wait until it is, and nothing waits there. Returns False if that never comes."""
        return await self._comes(self._is_quiet, timeout)

    async def _comes(self, condition: Callable[[], Awaitable[bool]], timeout: float) -> bool:
        try:
            async with asyncio.timeout(timeout):
                while not await condition():  # noqa: ASYNC110  other processes write it
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return False
        return True

    async def _is_detected(self) -> bool:
        return len(await self._names()) >= self.expected

    async def _is_quiet(self) -> bool:
        return await self._is_detected() and not await self._names(UNSENT)

    async def _names(self, states: Collection[State] = tuple(State)) -> dict[str, PostedEvent]:
        """Return the event of each delivery in one of these states, by the delivery's token."""
        columns = (deliveries.c.token, deliveries.c.channel_id, events.c.application_id, events.c.trigger)
        async with self.store.database.read() as tx:
            own = sa.select(*columns).where(
                deliveries.c.team_id == self.connection.team_id, deliveries.c.state.in_(states)
            )
            rows = await tx.execute(own.join(events, events.c.id == deliveries.c.event_id))
            return {row[0]: (row[1], row[2], row[3]) for row in rows}

    async def tally(self, *, is_over: bool = True) -> Count:
        """Compare what stands in the channels with what has happened. Nothing may wait any more if it `is_over`."""
        waiting = set() if is_over else set((await self._names(UNSENT)).values())
        names = await self._names()
        expected = {(channel.id, *one) for channel in self.channels for one in self.steps_taken}
        first: dict[PostedEvent, float] = {}
        repeated, misplaced = [], []
        for channel in self.channels:
            for message in self.slack.messages(channel):
                token = message.metadata["event_payload"]["delivery"] if message.metadata else ""
                event = names.get(token, (channel.id, "", message.text))
                if event in first or event not in expected:
                    repeated.append(Repeat(event, first.get(event, 0.0), float(message.ts)))
                elif any((*event[:2], step) in first for step in STEPS[STEPS.index(event[2]) + 1 :]):
                    misplaced.append(event)
                first.setdefault(event, float(message.ts))
        waiting -= first.keys()
        return Count(len(expected), sorted(expected - first.keys() - waiting), repeated, misplaced, len(waiting))

    async def leader(self) -> str:
        """Return who polls now, as its lease names it."""
        async with self.store.database.read() as tx:
            return (await tx.execute(sa.select(connections.c.lease_owner))).scalar_one() or ""


@asynccontextmanager
async def deployment(
    url: str, *, channels: int, seed: int = 1, proxied: bool = False, **settings: str
) -> AsyncIterator[Deployment]:
    """Deploy bots on the migrated database `url`. Slack and the bots are faster than in life. `settings` win.

    `proxied` puts a proxy before Slack and one before Clust.
    """
    account = SandboxClust(clock=lambda: datetime.now(UTC), seed=seed)
    account.add()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SandboxSlack(seed=seed))
        clust_url = await stack.enter_async_context(serve_clust(account))
        environ = {"LEASE": "3", "UNCLEAR_WAIT": "0.2", "POLL_LIMIT": "1000", "SLACK_POSTS_PER_MINUTE": "6000"}
        proxies = []
        if proxied:
            to_clust = await stack.enter_async_context(proxy(clust_url.removesuffix("/api"), seed=seed))
            to_slack = await stack.enter_async_context(proxy(slack.state.base_url, seed=seed + 1))
            clust_url, proxies = f"{to_clust.url}/api", [to_slack, to_clust]
            environ["SLACK_API_URL"] = f"{to_slack.url}/api"
        slack.state.rate_limits.posts_a_minute = 12_000
        bot = slack.workspace.bot
        made = [slack.workspace.add_channel(f"c{number}", members={bot.id}) for number in range(channels)]
        store = open_store(url, posts_per_minute=6000)
        stack.push_async_callback(store.database.close)
        connection = await store.connections.ensure(bot.team_id, "default", clust_url, account.token)
        environ = environment(slack, clust_url, account.token, url, **{**environ, **settings})
        set_up = Deployment(slack, account, store, connection, environ, made, Random(seed), proxies)
        slack.on_change.append(set_up.count)
        await set_up.subscribe()
        yield set_up
