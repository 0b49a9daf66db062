"""The core of the bot in this process: a poller, a store and a dispatcher on a clock that tests move."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import httpx
from slack_sdk.web.async_client import AsyncWebClient

from bot.clust import ClustClient
from bot.clust.rate_limiter import RateLimiter
from bot.core.applications.triggers import TRIGGERS
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.core.permissions import Workspace
from bot.delivery import Dispatcher, WorkspaceDispatcher
from bot.delivery.sender import Timing
from bot.poller import PollSchedule
from bot.poller.loop import PollTiming
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.web_api.notifier import SlackNotifier
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import Clock
from tests.polling import poll_schedule

INTERVAL, LEASE, UNCLEAR_WAIT = 60.0, 30.0, 15.0


EVENT_AND_TITLE = re.compile(r"\*([^*]+)\* · (?:<[^|]*\|)?([^>·\n]+)")
"""The event and the title in the text of a notification."""


@dataclass
class Unwaited:
    """Time that passes by being waited for, at once."""

    passed: float = 0.0

    def seconds(self) -> float:
        """Return the time."""
        return self.passed

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds


@dataclass
class Core:
    """The parts of one process, and what they work with."""

    store: Store
    account: SandboxClust
    slack: SandboxSlack
    clust: ClustClient
    connection: Connection
    clock: Callable[[], datetime]
    poller: PollSchedule
    dispatcher: WorkspaceDispatcher

    def process(self) -> Dispatcher:
        """Return the dispatcher of a process that works for this workspace."""

        async def opened(_team_id: str) -> WorkspaceDispatcher:
            return self.dispatcher

        return Dispatcher(self.store, opened, self.clock)

    def channel(self, name: str) -> str:
        """Return the id of a channel that the bot is in, made if need be."""
        existing = [one.id for one in self.slack.workspace.channels.values() if one.name == name]
        return (
            existing[0]
            if existing
            else self.slack.workspace.add_channel(name, members={self.slack.workspace.bot.id}).id
        )

    async def subscribe(self, channel: str, *triggers: str, filter_text: str = "") -> None:
        """Let a channel want these events, or all, as many as come."""
        team_id, mei, now = self.connection.team_id, self.slack.workspace.member.id, self.clock()
        where, events = self.channel(channel), triggers or tuple(TRIGGERS)
        wish = SubscriptionRequest(team_id, where, self.connection.id, filter_text, events, None, mei, "UTC")
        await self.store.subscriptions.save(wish, now)
        await self.store.channel_settings.save(team_id, where, MessageStyle(gate=None), Schedule(), mei, now)

    async def poll(self) -> None:
        """Do what the poll clock has to do now."""
        await self.poller.step()

    async def send(self) -> None:
        """Do what the outbox has to do now."""
        await self.dispatcher.claim()
        await self.dispatcher.settled()

    async def live(self, seconds: int, step: int = 5) -> None:
        """Let time pass on a clock that can be moved, some seconds at a time, as for a process that runs."""
        assert isinstance(self.clock, Clock)
        for _ in range(0, seconds, step):
            self.clock.forward(step)
            await self.poll()
            await self.send()

    def posted_events(self, channel: str) -> list[str]:
        """Return the event's word and the application's title of each message in a channel."""
        texts = [message.text for message in self.slack.messages(self.channel(channel))]
        return [" ".join(match.groups()) for text in texts if (match := EVENT_AND_TITLE.search(text))]


@asynccontextmanager
async def core(
    store: Store,
    clock: Callable[[], datetime],
    account: SandboxClust,
    slack: SandboxSlack,
    *,
    clust_url: str = "http://clust/api",
    transport: httpx.AsyncBaseTransport | None = None,
    slack_url: str = "",
    patience: float = 10,
    client: AsyncWebClient | None = None,
    owner: str = "process",
    interval: float = INTERVAL,
) -> AsyncIterator[Core]:
    """Open a core. Slack is reached at `slack_url`, and has `patience` seconds to answer, or by a `client`."""
    bot = slack.workspace.bot
    connection = await store.connections.ensure(bot.team_id, "default", clust_url, account.token)
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(total=patience)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        time = Unwaited()
        rate_limiter = RateLimiter(time.seconds, time.sleep)
        clust = await stack.enter_async_context(
            ClustClient(clust_url, account.token, transport=transport, rate_limiter=rate_limiter, sleep=time.sleep)
        )
        client = client or AsyncWebClient(
            token=slack.bot_token, base_url=slack_url or slack.api_url, session=session, retry_handlers=[]
        )
        workspace = Workspace(bot.team_id, None, "U0")
        notifier = SlackNotifier(client, workspace, MethodLimiter(bot.team_id, store.rate_limits, clock))
        polling = PollTiming(interval, LEASE, limit=1000)
        timing = Timing(timedelta(seconds=LEASE), timedelta(seconds=UNCLEAR_WAIT))
        poller = poll_schedule(owner, bot.team_id, clust, store, clock, polling)
        dispatcher = WorkspaceDispatcher(bot.team_id, owner, store, notifier, timing, clock)
        yield Core(store, account, slack, clust, connection, clock, poller, dispatcher)
