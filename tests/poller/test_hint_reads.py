"""What webhooks name is read between two polls, at most 20 a minute, with the same detection as a poll's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import TRIGGERS
from bot.core.applications.webhook_ids import WebhookIds
from bot.poller import PollSchedule
from bot.poller.cycle import Memory
from bot.poller.hint_reads import MAX_READS_A_MINUTE, HintReads
from bot.poller.loop import PollTiming
from bot.sandbox.clust.stand_in import ClustFaults, SandboxClust
from bot.store import Store
from bot.store.clust.connections import ANSWER_BASELINE
from bot.store.engine.tables import applications, audit, connections, deliveries, events, polls
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.audit import AuditEntry, AuditOutcome
from tests.conftest import Clock
from tests.polling import BASE_URL, account_of, client_of, poll_schedule

INTERVAL = 600.0


@dataclass
class Hinted:
    """An account whose baseline was read, and the process that polls it every ten minutes."""

    store: Store
    account: SandboxClust
    clock: Clock
    connection_id: int
    schedule: PollSchedule
    client: ClustClient

    async def hint(self, *ids: str) -> None:
        """Let a webhook name applications, a second later."""
        self.clock.forward(1)
        await self.store.hints.queue(self.connection_id, WebhookIds(ids), self.clock())

    async def read(self, after_seconds: float = 1) -> list[str]:
        """Let the process work for a moment. Returns which applications were read singly for it."""
        before = len(self.account.requests)
        self.clock.forward(after_seconds)
        await self.schedule.step()
        paths = [request.path for request in list(self.account.requests)[before:]]
        return [path.rpartition("/")[2] for path in paths if not path.endswith("/dossiers")]

    async def waiting(self) -> list[str]:
        """Return what waits to be read."""
        return [one.application_id for one in await self.store.hints.waiting(self.connection_id, 1000)]

    async def events(self) -> list[tuple[str, str]]:
        """Return every event: application and trigger."""
        async with self.store.database.read() as tx:
            rows = await tx.execute(sa.select(events.c.application_id, events.c.trigger).order_by(events.c.id))
            return [(row[0], row[1]) for row in rows]

    async def states(self) -> list[str]:
        """Return the state of every delivery."""
        async with self.store.database.read() as tx:
            return list((await tx.execute(sa.select(deliveries.c.state).order_by(deliveries.c.id))).scalars())

    async def count(self, table: sa.Table) -> int:
        """Return how many rows a table has."""
        async with self.store.database.read() as tx:
            return int((await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())

    async def subscribe(self, limit: int | None = None) -> None:
        """Subscribe a channel to everything."""
        wish = SubscriptionRequest("T1", "C1", self.connection_id, "", tuple(TRIGGERS), limit, "U1", "UTC")
        await self.store.subscriptions.save(wish, self.clock())


@pytest.fixture
async def hinted(store: Store, clock: Clock) -> AsyncIterator[Hinted]:
    """An account with three applications."""
    account = account_of(clock, 3)
    connection = await store.connections.ensure("T1", "default", BASE_URL, account.token)
    async with client_of(account) as client:
        timing = PollTiming(INTERVAL, lease_seconds=86_400, limit=20)
        schedule = poll_schedule("me", "T1", client, store, clock, timing)
        await schedule.step()
        # A poll of its own is far away.
        await store.connections.note(connection.id, poll_at=clock() + timedelta(hours=9))
        yield Hinted(store, account, clock, connection.id, schedule, client)


async def test_a_change_is_announced_at_once(hinted: Hinted) -> None:
    """The application alone is read, the event is a poll's, and the next poll announces nothing again."""
    await hinted.subscribe()
    polled = await hinted.count(polls)
    hinted.account.submit(2)
    await hinted.hint("2")
    assert await hinted.read() == ["2"]
    assert await hinted.events() == [("2", "submitted")]
    assert await hinted.states() == ["pending"]
    assert await hinted.waiting() == []
    assert await hinted.count(polls) == polled + 1
    await hinted.store.connections.note(hinted.connection_id, poll_at=None)
    await hinted.read()
    assert await hinted.events() == [("2", "submitted")]


async def test_a_new_application_is_created(hinted: Hinted) -> None:
    """One that no poll has seen. One from before the baseline is only recorded (B2). The poll sees both as they are."""
    new = hinted.account.add()["id"]
    old = hinted.account.add(created_at="2020-01-01T00:00:00Z")["id"]
    await hinted.hint(str(new), str(old))
    await hinted.read()
    assert await hinted.events() == [(str(new), "created")]
    await hinted.store.connections.note(hinted.connection_id, poll_at=None)
    await hinted.read()
    assert await hinted.events() == [(str(new), "created")]


async def test_what_did_not_change_is_not_kept(hinted: Hinted) -> None:
    """A webhook about nothing leaves no row of a poll, and the age of the data is a poll's."""
    before = await hinted.count(polls), (await hinted.store.connections.get(hinted.connection_id)).read_at
    await hinted.hint("2")
    await hinted.read()
    await hinted.hint("2")
    assert await hinted.read() == ["2"]
    after = await hinted.count(polls), (await hinted.store.connections.get(hinted.connection_id)).read_at
    assert (after[1], await hinted.events(), await hinted.waiting()) == (before[1], [], [])
    assert after[0] <= before[0] + 1  # the first single read may add what the list leaves out


async def test_at_most_twenty_are_read_in_a_minute(hinted: Hinted) -> None:
    """Known ones first, and the others follow as soon as the minute allows."""
    await hinted.hint(*(str(number) for number in range(100, 100 + MAX_READS_A_MINUTE)), "2", "3")
    first = await hinted.read()
    assert len(first) == MAX_READS_A_MINUTE
    assert {"2", "3"} <= set(first)
    assert await hinted.read() == []
    assert len(await hinted.waiting()) == 2
    assert len(await hinted.read(60)) == 2
    assert await hinted.waiting() == []


async def test_an_unknown_one_is_asked_for_once_an_hour(hinted: Hinted) -> None:
    """However often webhooks name it."""
    for _ in range(3):
        await hinted.hint("99")
        await hinted.read()
    reads = [request.path for request in hinted.account.requests if request.path.endswith("/99")]
    assert len(reads) == 1
    hinted.clock.forward(3600)
    await hinted.hint("99")
    assert await hinted.read() == ["99"]


async def test_what_can_not_be_read_now_waits_for_a_minute(hinted: Hinted) -> None:
    """A failure of Clust loses nothing: it is tried again, or the next poll sees it."""
    hinted.account.submit(2)
    await hinted.hint("2")
    hinted.account.faults = ClustFaults(unreadable=frozenset({2}))
    await hinted.read()
    assert await hinted.waiting() == ["2"]
    hinted.account.faults = ClustFaults()
    assert await hinted.read() == []
    assert await hinted.read(60) == ["2"]
    assert await hinted.events() == [("2", "submitted")]


@pytest.mark.parametrize("column", ["suspended", "failing_since", "baseline_at", "answer"])
async def test_an_account_that_is_not_read_waits(hinted: Hinted, column: str) -> None:
    """Before a baseline, the first one or a new one, while detection is suspended, and while polls fail (B1, B4)."""
    values = {"suspended": "why", "failing_since": hinted.clock(), "baseline_at": None, "answer": ANSWER_BASELINE}
    await hinted.store.connections.note(hinted.connection_id, **{column: values[column]})
    await hinted.hint("2")
    assert await hinted.read() == []
    assert await hinted.waiting() == ["2"]


async def test_a_new_baseline_is_left_to_a_poll(hinted: Hinted) -> None:
    """B4: one application that is read singly says nothing of the others, and the wish for a baseline stays."""
    await hinted.store.connections.note(hinted.connection_id, answer=ANSWER_BASELINE)
    hinted.account.submit(2)
    await hinted.hint("2")
    connection = await hinted.store.connections.get(hinted.connection_id)
    memory = Memory(timedelta(seconds=INTERVAL), {"1": 1, "2": 2, "3": 3})
    await HintReads(hinted.store).read(connection, hinted.client, StatusRules(), memory, hinted.clock)
    async with hinted.store.database.read() as tx:
        gone = (await tx.execute(sa.select(applications.c.id).where(applications.c.gone))).all()
    answer = (await hinted.store.connections.get(hinted.connection_id)).answer
    assert (gone, await hinted.events(), answer) == ([], [("2", "submitted")], ANSWER_BASELINE)


async def test_a_poll_reads_what_waits(hinted: Hinted) -> None:
    """Nothing is read singly that the list has just returned, but what comes later is."""
    hinted.account.submit(2)
    await hinted.hint("2")
    await hinted.store.connections.note(hinted.connection_id, poll_at=None)
    await hinted.read()
    assert await hinted.waiting() == []
    assert await hinted.events() == [("2", "submitted")]


async def test_webhooks_share_the_limit_of_a_tick(hinted: Hinted) -> None:
    """S3: however many webhooks come one by one, a subscription posts no more than its limit until the next tick."""
    await hinted.subscribe(limit=2)
    for key in ("1", "2", "3"):
        hinted.account.submit(int(key))
        await hinted.hint(key)
        await hinted.read()
    assert await hinted.states() == ["pending", "pending", "held"]
    hinted.clock.forward(INTERVAL)
    await hinted.store.connections.note(hinted.connection_id, poll_at=None)
    await hinted.read()
    assert await hinted.states() == ["pending", "pending", "pending"]


async def test_a_read_is_no_sweep_for_who_wrote(hinted: Hinted) -> None:
    """Who changed another application before a webhook's read is still known as the actor at the next poll."""
    await hinted.subscribe()
    hinted.clock.forward(1)
    hinted.account.submit(3)
    await hinted.store.audit.write("T1", AuditEntry(hinted.clock(), "U7", "update", AuditOutcome.OK, "3"))
    hinted.account.submit(2)
    await hinted.hint("2")
    await hinted.read()
    await hinted.store.connections.note(hinted.connection_id, poll_at=None)
    await hinted.read()
    async with hinted.store.database.read() as tx:
        rows = (await tx.execute(sa.select(events.c.application_id, events.c.actor))).all()
    assert {row.application_id: row.actor for row in rows} == {"2": None, "3": "U7"}
    assert await hinted.count(audit) == 1


async def test_a_gone_application_that_answers_is_back(hinted: Hinted) -> None:
    """B5: it isn't created again."""
    async with hinted.store.database.write() as tx:
        await tx.execute(applications.update().where(applications.c.id == "2").values(gone=True))
    await hinted.hint("2")
    await hinted.read()
    snapshot = await hinted.store.applications.get(hinted.connection_id, "2")
    assert snapshot is not None
    assert (snapshot.gone, await hinted.events()) == (False, [])


async def test_a_process_that_lost_the_account_reads_nothing(hinted: Hinted) -> None:
    """T3: under its fence, another process's account isn't due here, and what waits stays."""
    async with hinted.store.database.write() as tx:
        await tx.execute(connections.update().values(lease_owner="other", fence=7))
    await hinted.hint("2")
    assert await hinted.read() == []
    assert await hinted.waiting() == ["2"]


async def test_a_webhook_wakes_the_worker(hinted: Hinted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that would look again in an hour reads it now: all processes hear of what a web process commits."""
    monkeypatch.setattr("bot.poller.schedule.LOOK_EVERY", timedelta(hours=1))
    monkeypatch.setattr("bot.poller.schedule.REDISTRIBUTE_SECONDS", 3600.0)
    has_polled, stop, timing = asyncio.Event(), asyncio.Event(), PollTiming(INTERVAL, lease_seconds=86_400, limit=20)
    schedule = poll_schedule(
        "me", "T1", hinted.client, hinted.store, hinted.clock, timing, polled=lambda _polled: has_polled.set()
    )
    await hinted.store.connections.note(hinted.connection_id, poll_at=None)
    running = asyncio.create_task(schedule.run(stop))
    async with asyncio.timeout(60):
        await has_polled.wait()
        hinted.account.submit(2)
        await hinted.hint("2")
        while await hinted.events() != [("2", "submitted")]:  # noqa: ASYNC110  nothing tells when a read was kept
            await asyncio.sleep(0.02)
    stop.set()
    await running
