"""The poll clock: one process polls, failures back off, ticks go on, a refused token is not hammered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.clust import ClustClient
from bot.core.applications.links import link_keys
from bot.core.applications.model import Application
from bot.core.applications.triggers import TRIGGERS
from bot.core.backoff import MAX_BACKOFF_SECONDS
from bot.core.errors import Way
from bot.poller import Polled, PollSchedule
from bot.poller.loop import PollTiming
from bot.poller.poll_times import next_poll_at
from bot.poller.schedule import LOOK_EVERY
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import ClustFaults, SandboxClust
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.engine.tables import deliveries, polls
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import Clock
from tests.polling import BASE_URL, account_of, client_of, poll_schedule

INTERVAL = 60.0


@dataclass
class Polling:
    """An account, and what one process needs to poll it."""

    store: Store
    account: SandboxClust
    client: ClustClient
    clock: Clock
    connection_id: int

    def poller(self, owner: str = "me", rules: str = "") -> PollSchedule:
        """Return what polls in one process."""
        timing = PollTiming(INTERVAL, lease_seconds=30, limit=2)
        return poll_schedule(owner, "T1", self.client, self.store, self.clock, timing, rules=rules)

    async def connection(self) -> Connection:
        """Return the connection as it stands."""
        return await self.store.connections.get(self.connection_id)

    async def polls(self) -> int:
        """Return how many polls there were."""
        async with self.store.database.read() as tx:
            return int((await tx.execute(sa.select(sa.func.count()).select_from(polls))).scalar_one())

    async def waiting(self) -> int:
        """Return how many deliveries the limit holds."""
        async with self.store.database.read() as tx:
            held = sa.select(sa.func.count()).where(deliveries.c.state == "held")
            return int((await tx.execute(held)).scalar_one())


@pytest.fixture
async def polling(store: Store, clock: Clock) -> AsyncIterator[Polling]:
    """An account with six applications."""
    account = account_of(clock, 6)
    connection = await store.connections.ensure("T1", "default", BASE_URL, account.token)
    async with client_of(account) as client:
        yield Polling(store, account, client, clock, connection.id)


class Erasing(SandboxClustTransport):
    """Clust, with someone who erases application 1 when a poll has read a path. `erased`: whether anything was."""

    def __init__(self, polling: Polling, path: str) -> None:
        super().__init__(polling.account)
        self.polling, self.path = polling, path
        self.erased = list[bool]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and erase."""
        answer = await super().handle_async_request(request)
        if request.url.path.endswith(self.path):
            self.erased.append(await self.polling.store.applications.erase(self.polling.connection_id, "1"))
        return answer


async def test_what_is_erased_during_a_poll_does_not_come_back_with_it(polling: Polling) -> None:
    """T3: nothing that it read is saved. If Clust still lists the application, the next poll reads it again."""
    polling.account.change(1, progress_percentage=None)
    poller, applications = polling.poller(), polling.store.applications
    await poller.step()
    stored = await applications.get(polling.connection_id, "1")
    assert stored
    links = link_keys(stored.application.secured_list_url or "")
    polling.account.change(1, title="Changed")
    erasing = Erasing(polling, "/dossiers/1")  # after what is stored of it was read
    async with ClustClient(BASE_URL, polling.account.token, transport=erasing) as polling.client:
        polling.clock.forward(INTERVAL)
        await polling.poller().step()
    assert erasing.erased == [True]
    erased = await applications.get(polling.connection_id, "1")
    assert erased
    assert erased.application == Application(id="1", is_late=False)
    assert await polling.store.pasted_links.matching("T1", links, ()) == []
    await poller.step()
    (again,) = await polling.store.pasted_links.matching("T1", links, ())
    assert again.application.title == "Changed"
    assert await applications.history(polling.connection_id, "1") == []


async def test_what_is_erased_during_a_first_poll_is_not_saved_by_it(polling: Polling) -> None:
    """T3: nothing is stored about it then, but the poll has read it. The next one finds it deleted in Clust."""
    erasing = Erasing(polling, "/dossiers")
    async with ClustClient(BASE_URL, polling.account.token, transport=erasing) as polling.client:
        await polling.poller().step()
    assert erasing.erased[0] is False
    assert await polling.store.applications.get(polling.connection_id, "1") is None
    polling.account.remove(1)
    async with client_of(polling.account) as polling.client:
        await polling.poller().step()
    assert await polling.store.applications.fingerprints(polling.connection_id)
    assert await polling.store.applications.get(polling.connection_id, "1") is None


async def test_one_of_two_processes_polls(polling: Polling) -> None:
    """D4: the lease decides in the database. The other process takes over once it lapses."""
    first, second = polling.poller("first"), polling.poller("second")
    await first.step()
    await second.step()
    assert await polling.polls() == 1
    polling.clock.forward(INTERVAL)
    await second.step()
    assert await polling.polls() == 2


async def test_a_failure_is_logged_once_and_its_end_once(polling: Polling) -> None:
    """Transient trouble is one line when it starts and one when it ends, however long it takes."""
    poller = polling.poller()
    with capture_logs() as lines:
        polling.account.faults.down = True
        for _ in range(5):
            await poller.step()
            polling.clock.forward(2 * MAX_BACKOFF_SECONDS)
        polling.account.faults.down = False
        await poller.step()
    log_events = [line["event"] for line in lines]
    assert sum("can't be read" in line for line in log_events) == 1
    assert sum("can be read again" in line for line in log_events) == 1


async def test_what_is_wrong_stands_in_the_connection_until_it_is_over(polling: Polling) -> None:
    """`status` can say since when Clust can't be read and why. A good read ends it."""
    poller = polling.poller()
    polling.account.faults.html = True
    await poller.step()
    began = polling.clock()
    polling.clock.forward(2 * MAX_BACKOFF_SECONDS)
    await poller.step()
    broken = await polling.connection()
    assert (broken.failing_since, broken.error is not None) == (began, True)
    polling.account.faults.html = False
    polling.clock.forward(2 * MAX_BACKOFF_SECONDS)
    await poller.step()
    mended = await polling.connection()
    assert (mended.failing_since, mended.error) == (None, None)


async def test_back_off_is_at_most_a_minute_and_ends_with_the_first_good_read(polling: Polling) -> None:
    """R6: after many failures the next try comes within a minute. After a good read the interval holds again."""
    poller = polling.poller()
    polling.account.faults.down = True
    for _ in range(12):
        await poller.step()
        polling.clock.forward(MAX_BACKOFF_SECONDS)
    assert await polling.polls() == 12
    polling.account.faults.down = False
    await poller.step()
    before = await polling.polls()
    turn = next_poll_at(polling.connection_id, polling.clock(), timedelta(seconds=INTERVAL)) - polling.clock()
    polling.clock.forward(turn.total_seconds() - 1)
    await poller.step()
    assert await polling.polls() == before
    polling.clock.forward(1)
    await poller.step()
    assert await polling.polls() == before + 1


async def test_a_refused_token_is_probed_every_15_minutes(polling: Polling) -> None:
    """R3: after a 401 the poll waits a quarter of an hour, unless someone's call succeeds before."""
    poller = polling.poller()
    polling.account.faults.refuse_token = True
    await poller.step()
    for _ in range(14):
        polling.clock.forward(60)
        await poller.step()
    assert await polling.polls() == 1
    polling.clock.forward(61)
    await poller.step()
    assert await polling.polls() == 2
    polling.account.faults.refuse_token = False
    await polling.store.connections.note(polling.connection_id, paused_until=None)
    polling.clock.forward(60)
    await poller.step()
    assert (await polling.connection()).read_at == polling.clock()


@pytest.mark.parametrize("retry_after", ["86400", "9" * 40, "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_a_long_429_is_probed_every_15_minutes(polling: Polling, retry_after: str) -> None:
    """A15: whatever `Retry-After` says, and however far off a reset is, Clust is asked again after 15 minutes."""
    poller = polling.poller()
    polling.account.faults.throttle = {"retry-after": retry_after, "x-ratelimit-reset": "99999999999"}
    await poller.step()
    for _ in range(14):
        polling.clock.forward(60)
        await poller.step()
    assert (await polling.polls(), len(polling.account.requests)) == (1, 1)
    polling.account.faults.throttle = None
    polling.clock.forward(61)
    await poller.step()
    assert (await polling.connection()).read_at == polling.clock()


@pytest.mark.parametrize("trouble", [{"refuse_token": True}, {"throttle": {"retry-after": "86400"}}])
async def test_a_call_in_another_process_ends_the_pause(polling: Polling, trouble: dict[str, Any]) -> None:
    """A15, C1: a call that succeeds in another process is known within seconds, and what was wrong is over."""
    poller = polling.poller()
    polling.account.faults = ClustFaults(**trouble)
    await poller.step()
    failed = await polling.connection()
    assert (failed.error is None, failed.paused_until is None) == (False, False)
    polling.account.faults = ClustFaults()
    assert await polling.store.connections.worked(polling.connection_id)
    mended = await polling.connection()
    assert (mended.error, mended.failing_since, mended.paused_until) == (None, None, None)
    polling.clock.forward(LOOK_EVERY.total_seconds())
    await poller.step()
    assert (await polling.connection()).read_at == polling.clock()
    assert not await polling.store.connections.worked(polling.connection_id)


async def test_a_call_that_succeeds_says_nothing_of_a_list_that_fails(polling: Polling) -> None:
    """C1: where Clust answers, though not with a list, what is wrong stays until a poll finds otherwise."""
    polling.account.faults.hidden = frozenset({1})
    await polling.poller().step()
    assert not await polling.store.connections.worked(polling.connection_id)
    assert "but it listed 5" in ((await polling.connection()).error or "")


async def test_a_poller_that_is_woken_tries_again_at_once(polling: Polling) -> None:
    """C1: who wakes a poller whose last poll failed need not wait for its back-off."""
    poller = polling.poller()
    polling.account.faults.down = True
    await poller.step()
    polling.account.faults.down = False
    assert await polling.store.connections.worked(polling.connection_id)
    await poller.step()
    assert (await polling.connection()).error is None


async def test_how_long_polls_have_failed_alike_is_kept(polling: Polling) -> None:
    """A10: the database knows in which way polls fail, and since when in that way alone, and a good one ends it."""
    poller = polling.poller()
    polling.account.faults.hidden = frozenset({1})
    await poller.step()
    began = polling.clock()
    for _ in range(3):
        polling.clock.forward(2 * MAX_BACKOFF_SECONDS)
        await polling.poller().step()
    kept = await polling.connection()
    assert (kept.failing_way, kept.failing_alike_since) == (Way.COUNT, began)
    polling.account.faults.down = True
    polling.clock.forward(2 * MAX_BACKOFF_SECONDS)
    await poller.step()
    kept = await polling.connection()
    assert (kept.failing_way, kept.failing_since, kept.failing_alike_since) == (Way.DOWN, began, polling.clock())
    polling.account.faults = ClustFaults()
    polling.clock.forward(2 * MAX_BACKOFF_SECONDS)
    await poller.step()
    kept = await polling.connection()
    assert (kept.failing_way, kept.failing_since, kept.failing_alike_since) == (None, None, None)


async def test_a_doubled_row_does_not_keep_the_baseline_away(polling: Polling) -> None:
    """A10: a total that counts rows is met by as many rows: the baseline is read, and polls go on."""
    polling.account.faults.doubled = frozenset({2})
    await polling.poller().step()
    read = await polling.connection()
    assert (read.baseline_at, read.error) == (polling.clock(), None)


async def test_a_changed_token_ends_the_pause(polling: Polling) -> None:
    """R3: a new token is tried at once."""
    poller = polling.poller()
    polling.account.faults.refuse_token = True
    await poller.step()
    assert (await polling.connection()).paused_until is not None
    changed = await polling.store.connections.ensure("T1", "default", "http://clust/api", "another token")
    assert changed.paused_until is None


async def test_ticks_release_what_the_limit_holds_also_when_polls_fail(polling: Polling) -> None:
    """S3: the limit is two a cycle. The rest follows with each tick, whether Clust can be read or not."""
    poller = polling.poller()
    await poller.step()
    wish = SubscriptionRequest("T1", "C1", polling.connection_id, "", tuple(TRIGGERS), None, "U1", "UTC")
    await polling.store.subscriptions.save(wish, polling.clock())
    for number in range(1, 7):
        polling.account.make_late(number)
    waiting = []
    for _ in range(3):
        polling.clock.forward(INTERVAL)
        await poller.step()
        waiting.append(await polling.waiting())
        polling.account.faults.down = True
    assert waiting == [4, 2, 0]


async def test_changed_status_rules_are_applied_at_the_next_step(polling: Polling) -> None:
    """B3: a process with other rules reclassifies what is stored, and the rules are remembered."""
    await polling.poller().step()
    polling.clock.forward(INTERVAL)
    await polling.poller(rules="7_signed=submitted").step()
    assert (await polling.connection()).status_rules == "7_signed=submitted"


async def test_a_process_that_gets_its_lease_back_reads_the_fingerprints_again(polling: Polling) -> None:
    """What a process remembers of the account counts only as long as it is the one that polls."""
    first, second = polling.poller("first"), polling.poller("second")
    await first.step()
    polling.clock.forward(INTERVAL)
    polling.account.make_late(1)
    await second.step()
    polling.clock.forward(INTERVAL)
    await first.step()
    async with polling.store.database.read() as tx:
        changed = (await tx.execute(sa.select(polls.c.changed).order_by(polls.c.id))).scalars().all()
    assert list(changed) == [6, 1, 0]


async def test_stopping_cuts_a_long_read_short_and_gives_the_lease_back(
    polling: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked to stop in the middle of a read, a poller ends, keeps nothing half, and lets another one take over."""
    monkeypatch.setattr("bot.poller.schedule.STOP_SECONDS", 0.1)
    polling.account.faults.delay_seconds = 3600
    poller, stop = polling.poller(), asyncio.Event()
    running = asyncio.create_task(poller.run(stop))
    async with asyncio.timeout(60):
        while not polling.account.requests:  # noqa: ASYNC110  the account is asked by the poller
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert await polling.polls() == 0
    now = polling.clock()
    assert await polling.store.account_shares.take("other", [polling.connection_id], now, now + timedelta(seconds=1))


async def test_the_rate_limit_that_slows_the_poll_is_stored_for_status(polling: Polling) -> None:
    """R3: `status` can say how Clust's rate limit is kept."""
    polling.account.faults.rate_limit = 60
    await polling.poller().step()
    note = (await polling.connection()).pace_note
    assert note is not None
    assert note == "share_of_limit:42/60"


async def test_the_process_with_the_lease_keeps_polling(store: Store) -> None:
    """D4: the lease is kept between two polls too: processes don't poll in turn, each a lease after the other."""
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    account.add()
    await store.connections.ensure("T1", "default", "http://clust/api", account.token)
    timing, stop = PollTiming(interval_seconds=1.5, lease_seconds=1, limit=2), asyncio.Event()
    polled: list[str] = []
    enough = asyncio.Event()

    def note(owner: str, _polled: Polled) -> None:
        polled.append(owner)
        if len(polled) == 3:
            enough.set()

    async with ClustClient("http://clust/api", account.token, transport=SandboxClustTransport(account)) as client:

        def poller(owner: str) -> PollSchedule:
            noted = partial(note, owner)
            return poll_schedule(owner, "T1", client, store, lambda: datetime.now(UTC), timing, polled=noted)

        running = [asyncio.create_task(poller(owner).run(stop)) for owner in ("first", "second")]
        async with asyncio.timeout(60):
            await enough.wait()
        stop.set()
        await asyncio.gather(*running)
    assert len(set(polled)) == 1


async def test_a_database_failure_is_logged_by_a_waiting_process_too(polling: Polling, clock: Clock) -> None:
    """Each outage is one line when it begins and one when it ends, in a process that only waits for its turn too."""
    leading, waiting = polling.poller("first"), polling.poller("second")
    await leading.step()
    with capture_logs() as lines:
        for _ in range(2):
            with taken_away(polling.store):
                for _ in range(3):
                    await waiting.step()
                    clock.forward(1)
            await waiting.step()
    log_events = [line["event"] for line in lines]
    assert log_events == ["the database does not answer", "the database answers again"] * 2


@contextmanager
def taken_away(store: Store) -> Iterator[None]:
    """Let no transaction begin."""

    def refuse(_connection: sa.Connection) -> None:
        raise ConnectionRefusedError

    sa.event.listen(store.database.engine.sync_engine, "begin", refuse)
    try:
        yield
    finally:
        sa.event.remove(store.database.engine.sync_engine, "begin", refuse)
