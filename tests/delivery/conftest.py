"""An outbox, a sandbox Slack on the test's clock, and a dispatcher between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import TRIGGERS, Event, Snapshot
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.core.permissions import Workspace
from bot.delivery import Dispatcher, PeriodicChecks, WorkspaceChecks, WorkspaceDispatcher
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.independent_work import run_independently
from bot.delivery.sender import Timing
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.request.access import Access
from bot.slack.web_api.notifier import SlackNotifier
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.store import Store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.due_work import WorkKind
from bot.store.engine.tables import deliveries
from bot.store.notifications.subscriptions import SubscriptionRequest, SubscriptionRow
from tests.conftest import Clock

Fault = Callable[..., Awaitable[Any]]
AWAY = sa.exc.OperationalError("SELECT", None, Exception("the database is away"))
LEASE, UNCLEAR_WAIT = timedelta(seconds=30), timedelta(seconds=15)


@dataclass
class Outbox:
    """What the tests of delivery do and see."""

    store: Store
    slack: SandboxSlack
    notifier: SlackNotifier
    dispatcher: WorkspaceDispatcher
    checks: WorkspaceChecks
    access: Access
    clock: Clock
    team_id: str
    connection_id: int
    fence: int
    occurrences: dict[tuple[str, str], int] = field(default_factory=dict)

    def channel(self, name: str) -> str:
        """Return the id of a channel that the bot is in, made if need be."""
        matching = [one for one in self.slack.workspace.channels.values() if one.name == name]
        made = matching or [self.slack.workspace.add_channel(name, members={self.slack.workspace.bot.id})]
        return made[0].id

    async def subscribe(self, channel: str, **wish: Any) -> SubscriptionRow:
        """Subscribe a channel to everything, or to what `wish` says, in the name of Mei."""
        mei = self.slack.workspace.member.id
        values: dict[str, Any] = {"events": tuple(TRIGGERS), "filter": "", "limit": None, "created_by": mei, **wish}
        row, _ = await self.store.subscriptions.save(
            SubscriptionRequest(self.team_id, self.channel(channel), self.connection_id, zone="UTC", **values),
            self.clock(),
        )
        return row

    async def style(self, channel: str, **switches: Any) -> None:
        """Give a channel a message style that isn't the default."""
        mei, now = self.slack.workspace.member.id, self.clock()
        await self.store.channel_settings.save(
            self.team_id, self.channel(channel), MessageStyle(**switches), Schedule(), mei, now
        )

    async def happen(self, *events: tuple[str, str]) -> None:
        """Let events (application, trigger) be detected by one poll."""
        now = self.clock()
        answers = []
        for key, trigger in events:
            number = self.occurrences[key, trigger] = self.occurrences.get((key, trigger), 0) + 1
            application = Application(id=key, title=f"File {key}")
            answers.append(Event(trigger, number, application, StatusClass.OPEN))
        seen = [PolledApplication(Snapshot(event.application, event.status_class), 1) for event in answers]
        poll = PollRow(now, now, 1, len(seen), len(seen))
        cycle = PollResult(poll, seen, [], [], [], answers, "default", {"read_at": now})
        await self.store.polls.keep(self.connection_id, self.fence, cycle)

    async def lose(self, *ids: str) -> None:
        """Let a poll find that applications are gone in Clust."""
        now = self.clock()
        cycle = PollResult(PollRow(now, now, 1, 0, 0), [], [], [], ids, [], "default", {"read_at": now})
        await self.store.polls.keep(self.connection_id, self.fence, cycle)

    async def tick(self, limit: int = 20) -> None:
        """Let the poll clock tick."""
        await self.store.polls.tick(self.connection_id, self.fence, limit, self.clock())

    async def send(self, seconds: float = 0, step: float = 1) -> None:
        """Let the dispatcher do what is due, now and until so much time has passed, at most once in each `step`."""
        end = self.clock() + timedelta(seconds=seconds)
        while True:
            await self.dispatcher.claim()
            await self.dispatcher.settled()
            now, due = self.clock(), await self.dispatcher.next_due()
            if now >= end:
                return
            self.clock.now = min(end, max(due or end, now + timedelta(seconds=step)))

    async def posted_about(self, *events: tuple[str, str]) -> PostedMessage:
        """Let events happen, and return the last message about them in #onboarding."""
        await self.happen(*events)
        await self.tick()
        await self.send(3)
        return self.slack.messages("onboarding")[-1]

    def text_of(self, message: PostedMessage) -> str:
        """Return the present text of a message."""
        now = self.slack.state.messages.get(message.channel, message.ts)
        assert now
        return now.text

    def process(self) -> Dispatcher:
        """Return the dispatcher of a process that works for this workspace."""

        async def opened(_team_id: str) -> WorkspaceDispatcher:
            return self.dispatcher

        return Dispatcher(self.store, opened, self.clock)

    async def watch(self) -> None:
        """Run the checks of channels, people and reminders that are due."""
        await self.store.check_schedule.enrol(self.clock())
        kinds = (WorkKind.CHANNELS, WorkKind.PEOPLE, WorkKind.REMINDERS)
        await run_independently((partial(self.checks.begin, kind) for kind in kinds), "checks")

    async def notify(self) -> None:
        """Send the notifications that are due."""
        await run_independently(
            (partial(self.checks.begin, kind) for kind in (WorkKind.PROBLEM, WorkKind.NOTIFY)), "notifying people"
        )

    def periodic_checks(self, owner: str = "me") -> PeriodicChecks:
        """Return what checks in a process that works for this workspace."""

        async def opened(_team_id: str) -> WorkspaceChecks:
            return self.checks

        return PeriodicChecks(owner, self.store, opened, self.clock)

    async def look(self, process: PeriodicChecks) -> None:
        """Let a process do what is due, and what is due once that is done."""
        for due in (process.due_checks, process.due_problems, process.due_problems):
            now = self.clock()
            units = {(work.team_id, work.kind): work for work in await due() if work.due_at <= now}
            await run_independently((partial(process.begin, work) for work in units.values()), "a look")

    async def states(self) -> list[str]:
        """Return the state of every delivery, in order."""
        return [row["state"] for row in await self.rows()]

    async def rows(self) -> Sequence[sa.RowMapping]:
        """Return every delivery, in order."""
        async with self.store.database.read() as tx:
            return (await tx.execute(sa.select(deliveries).order_by(deliveries.c.id))).mappings().all()

    def posted(self, channel: str) -> list[str]:
        """Return the first lines of what stands in a channel."""
        return [message.text.splitlines()[0] for message in self.slack.messages(self.channel(channel))]


async def workspaces(outbox: Outbox, number: int) -> list[Outbox]:
    """Return so many workspaces, each with a channel of its own, in one Slack."""
    made = []
    for one in range(number):
        team_id = f"T{one}"
        connection = await outbox.store.connections.ensure(team_id, "default", "http://clust/api", "token")
        until = outbox.clock() + timedelta(days=99)
        fences = await outbox.store.account_shares.take("poller", [connection.id], outbox.clock(), until)
        client = AsyncWebClient(token=outbox.slack.bot_token, base_url=outbox.slack.api_url, retry_handlers=[])
        limiter = MethodLimiter(team_id, outbox.store.rate_limits, outbox.clock)
        notifier = SlackNotifier(client, Workspace(outbox.team_id, None, "U0"), limiter)
        timing = Timing(LEASE, UNCLEAR_WAIT)
        made.append(
            replace(
                outbox,
                notifier=notifier,
                dispatcher=WorkspaceDispatcher(team_id, "me", outbox.store, notifier, timing, outbox.clock),
                team_id=team_id,
                connection_id=connection.id,
                fence=fences[connection.id],
            )
        )
        await made[-1].subscribe(f"channel-{one}")
    return made


class Hanging:
    """A call of Slack's that hangs until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()
        self.calls = 0

    async def __call__(self, *_: object) -> str:
        """Hang."""
        self.calls += 1
        self.begun.set()
        await self.let_go.wait()
        return "1.0"


def failing(error: Exception) -> Fault:
    """Fail with an error each time."""

    async def call(*_: Any) -> Any:
        raise error

    return call


def once(error: Exception, then: Fault) -> Fault:
    """Fail with an error the first time, and then work."""
    left = [error]

    async def call(*given: Any) -> Any:
        if left:
            raise left.pop()
        return await then(*given)

    return call


def logged(logs: list[Any], *events: str) -> list[str]:
    """Return the log lines of these events."""
    return [line["event"] for line in logs if line["event"] in events]


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[SandboxSlack]:
    """A sandbox Slack whose time is the test's."""
    async with SandboxSlack(clock=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
async def outbox(store: Store, slack: SandboxSlack, clock: Clock) -> AsyncIterator[Outbox]:
    """An empty outbox."""
    team_id = slack.workspace.bot.team_id
    connection = await store.connections.ensure(team_id, "default", "http://clust/api", "token")
    fence = (await store.account_shares.take("poller", [connection.id], clock(), clock() + timedelta(days=99)))[
        connection.id
    ]
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        workspace = Workspace(team_id, None, "U0", url="https://example.slack.com/")
        notifier = SlackNotifier(client, workspace, MethodLimiter(team_id, store.rate_limits, clock))
        dispatcher = WorkspaceDispatcher(team_id, "me", store, notifier, Timing(LEASE, UNCLEAR_WAIT), clock)
        access = Access(client, workspace, (), store.people, store.roles, clock)
        admin_sender = AdminNotificationSender(team_id, store, notifier, (), access.is_admin, clock)
        checks = WorkspaceChecks(team_id, store, notifier, admin_sender, clock, timedelta(days=90))
        parts = (dispatcher, checks, access)
        yield Outbox(store, slack, notifier, *parts, clock, team_id, connection.id, fence)


@pytest.fixture
async def card(outbox: Outbox) -> PostedMessage:
    """The card of application 1, which became late, in #onboarding."""
    await outbox.subscribe("onboarding")
    return await outbox.posted_about(("1", "late"))
