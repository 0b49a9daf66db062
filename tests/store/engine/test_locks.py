"""Several processes that do the same at once: each sees what those before it have kept (`Database.lock`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from bot.core.applications.model import Application
from bot.core.applications.triggers import Snapshot
from bot.core.applications.understanding import ContactState, Understanding
from bot.core.notifications.admin_notifications import ClustAway, FirstContact
from bot.core.notifications.mutes import Mute
from bot.store import Store, open_store
from bot.store.clust.connections import LeaseLost, check_fence
from bot.store.clust.polls import PollResult, PollRow
from bot.store.engine.tables import admin_notifications, applications, connections, drafts
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import NOON
from tests.store.notifications.test_disconnect_and_uninstall import remove_ended
from tests.store.people.test_installations import KEYS, ONE

TIMES = 10
"""That each is tried: which of several comes first is not ours to choose."""

EVENTS = ("created", "late", "submitted", "pending", "approved")


@pytest.fixture
async def processes(url: str) -> AsyncIterator[list[Store]]:
    """Five processes with one database, each with open connections, so that they can begin at once."""
    async with AsyncExitStack() as stack:
        stores = []
        for _ in EVENTS:
            opened = open_store(url, posts_per_minute=300, secret_keys=KEYS[:1])
            stack.push_async_callback(opened.database.close)
            async with opened.database.read():
                stores.append(opened)
        yield stores


async def connected(store: Store, team_id: str = "T1") -> int:
    """Return the connection that the settings name."""
    return (await store.connections.ensure(team_id, "default", "http://clust", "token")).id


async def test_processes_that_start_at_once_make_one_connection(processes: list[Store]) -> None:
    """As `web` and its workers do, on a database that is new: none fails, and all mean the same account."""
    for number in range(TIMES):
        made = await asyncio.gather(*(connected(store, f"T{number}") for store in processes))
        assert len(set(made)) == 1


async def test_who_subscribe_at_once_all_get_their_events(processes: list[Store]) -> None:
    """S1: events are added to a subscription with the same filter, by whichever process takes the command."""
    connection_id = await connected(processes[0])
    for number in range(TIMES):
        wishes = [
            SubscriptionRequest("T1", f"C{number}", connection_id, "", (event,), None, "U1", "UTC") for event in EVENTS
        ]
        both = zip(processes, wishes, strict=True)
        await asyncio.gather(*(store.subscriptions.save(wish, NOON) for store, wish in both))
        (row,) = await processes[0].subscriptions.of_channel("T1", f"C{number}")
        assert set(row.events) == set(EVENTS)


async def test_what_is_ended_at_once_has_ended(processes: list[Store]) -> None:
    """S2: of one subscription, different events, in different processes."""
    connection_id = await connected(processes[0])
    for number in range(TIMES):
        wish = SubscriptionRequest("T1", f"C{number}", connection_id, "", EVENTS, None, "U1", "UTC")
        row, _ = await processes[0].subscriptions.save(wish, NOON)
        both = zip(processes, EVENTS, strict=True)
        await asyncio.gather(*(store.subscriptions.end("T1", [row.id], [event], "U1") for store, event in both))
        assert await processes[0].subscriptions.of_channel("T1", f"C{number}") == []


async def test_classes_that_are_chosen_at_once_are_all_kept(processes: list[Store]) -> None:
    """Of different status codes, by different people."""
    connection_id = await connected(processes[0])
    await asyncio.gather(
        *(
            store.connections.choose_status(connection_id, f"{place}-{number}", "open")
            for place, store in enumerate(processes)
            for number in range(TIMES)
        )
    )
    chosen = (await processes[0].connections.get(connection_id)).chosen_status
    assert chosen is not None
    assert len(chosen) == len(processes) * TIMES


async def test_a_mute_that_many_set_at_once_is_one(processes: list[Store]) -> None:
    """The last one counts, and no one gets an error."""
    for number in range(TIMES):
        await asyncio.gather(
            *(store.channel_settings.mute("T1", f"C{number}", [Mute()], "U1", NOON) for store in processes)
        )
        assert await processes[0].channel_settings.mutes("T1", f"C{number}", NOON) == [Mute()]


async def test_an_installation_that_is_kept_at_once_is_one(processes: list[Store]) -> None:
    """Each of its tokens has a version of its own: two are never taken for one."""
    await asyncio.gather(*(store.installations.save(ONE, NOON) for store in processes))
    kept = await processes[0].installations.of(ONE.id)
    assert kept is not None
    assert kept.version == len(processes)


async def test_a_method_is_called_as_often_as_its_limit_allows(processes: list[Store]) -> None:
    """P1: also by those who take it for the first time, when nothing is known of it yet."""
    method, calls = "chat.update", processes * 5
    alone = [await processes[0].rate_limits.take("T-alone", method, NOON) for _ in calls].count(None)
    for number in range(TIMES):
        granted = await asyncio.gather(*(store.rate_limits.take(f"T{number}", method, NOON) for store in calls))
        assert granted.count(None) == alone < len(calls)


async def test_a_lease_is_one_process_s(processes: list[Store]) -> None:
    """The process that takes it first keeps it until it lapses, or is given back, and no one else gives it back."""
    later = NOON + timedelta(minutes=1)

    async def granted(now: datetime) -> list[bool]:
        takes = (
            store.leases.take("T1", "work", str(place), now, now + timedelta(minutes=1))
            for place, store in enumerate(processes)
        )
        return await asyncio.gather(*takes)

    first = await granted(NOON)
    assert sum(first) == 1
    assert await granted(NOON) == first
    for place, store in enumerate(processes):
        if not first[place]:
            await store.leases.give_back("T1", "work", str(place))
    assert await granted(later - timedelta(seconds=1)) == first
    owner = first.index(True)
    await processes[owner].leases.give_back("T1", "work", str(owner))
    second = await granted(later)
    assert sum(second) == 1
    other = (second.index(True) + 1) % len(processes)
    assert not await processes[other].leases.take("T1", "work", str(other), later, later)
    lapsed = later + timedelta(minutes=1)
    assert await processes[other].leases.take("T1", "work", str(other), lapsed, lapsed)


async def test_an_account_that_is_connected_again_is_not_deleted_as_ended(processes: list[Store]) -> None:
    """Its data goes before that, or stays: the account that the form names exists."""
    first, second = processes[:2]
    for number in range(TIMES):
        team_id = f"T{number}"
        await connected(first, team_id)
        await first.connections.end(team_id, "default", "U1", NOON)
        later = NOON + timedelta(days=31)
        again = second.connections.connect(team_id, "default", "https://clust.invalid/api", "token", "U1", later)
        connection, _ = await asyncio.gather(again, remove_ended(first, NOON + timedelta(days=1)))
        assert [each.id for each in await first.connections.of_team(team_id)] == [connection.id]


async def test_what_is_erased_while_status_rules_change_stays_erased(processes: list[Store]) -> None:
    """T3: neither waits for the other in a circle, and no class or status code comes back."""
    first, second = processes[:2]
    connection_id = await connected(first)
    fences = await first.account_shares.take("me", [connection_id], NOON, NOON + timedelta(days=1))
    row = {"connection_id": connection_id, "id": "1", "fingerprint": 1, "snapshot": "{}", "unknown_status": "7_signed"}
    flags = {"late": False, "occurrences": {}, "absent": 0, "gone": False, "discovered": False}
    async with first.database.write() as tx:
        await tx.execute(applications.insert(), {**row, **flags})
    is_raised = asyncio.Event()

    def erase_first(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE connections"):
            await_only(is_raised.wait())

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE"):  # in the transaction that erases, which raised the fence before
            is_raised.set()

    if not first.database.is_sqlite:  # which lets only one of them begin
        sa.event.listen(first.database.engine.sync_engine, "before_cursor_execute", erase_first)
        sa.event.listen(second.database.engine.sync_engine, "before_cursor_execute", note)
    changed = [(Snapshot(Application(id="1")), "7_signed")]
    reclassified, erased = await asyncio.gather(
        first.applications.reclassify(connection_id, fences[connection_id], changed, "rules"),
        second.applications.erase(connection_id, "1"),
        return_exceptions=True,
    )
    assert (isinstance(reclassified, LeaseLost) or first.database.is_sqlite, erased) == (True, True)
    assert await first.applications.counts(connection_id) == ({None: 1}, {})


async def test_erasing_waits_for_a_poll_that_is_saved_without_the_workspace_s_lock(processes: list[Store]) -> None:
    """Commands and notifications need that lock. They go on while the erasing waits."""
    saving, erasing = processes[:2]
    connection_id = await connected(saving)
    wants_account = asyncio.Event()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE connections"):
            wants_account.set()

    if saving.database.is_sqlite:  # which lets only one of them begin
        wants_account.set()
    else:
        sa.event.listen(erasing.database.engine.sync_engine, "before_cursor_execute", note)
    async with saving.database.write() as tx:
        fences = sa.select(connections.c.fence).where(connections.c.id == connection_id)
        fence = (await tx.execute(fences)).scalar_one()
        await check_fence(tx, connection_id, fence)
        erased = asyncio.create_task(erasing.applications.erase(connection_id, "1"))
        await wants_account.wait()
        _, free = await saving.database.lock_free(tx, ["T1"])
    assert (await erased, [*free]) == (False, ["T1"])


async def test_an_outage_is_noted_while_a_first_contact_is_saved(processes: list[Store]) -> None:
    """A4: neither waits for the other in a circle, and admins are notified of both."""
    first, second = processes[:2]
    connection_id = await connected(first)
    fences = await first.account_shares.take("me", [connection_id], NOON, NOON + timedelta(days=1))
    await first.connections.note(connection_id, first_contact=ContactState.BY_SETTINGS)
    contact = FirstContact(connection_id, "default", Understanding(), is_held=True)
    poll = PollRow(NOON, NOON, 1, 0, 0)
    result = PollResult(poll, [], [], [], [], [], "default", {}, (), contact, ContactState.HELD)
    has_account, wants_account = asyncio.Event(), asyncio.Event()

    def wait_for_other(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "pg_advisory_xact_lock" in statement:
            has_account.set()
            await_only(wants_account.wait())

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE connections"):
            wants_account.set()

    if first.database.is_sqlite:  # which lets only one of them begin
        has_account.set()
    else:
        sa.event.listen(first.database.engine.sync_engine, "before_cursor_execute", wait_for_other)
        sa.event.listen(second.database.engine.sync_engine, "before_cursor_execute", note)
    saving = asyncio.create_task(first.polls.keep(connection_id, fences[connection_id], result))
    await has_account.wait()
    away = ClustAway(NOON, "Clust answered 503.")
    assert await second.admin_notifications.about_connection(connection_id, "outage_told_at", NOON, away, NOON)
    assert await saving == 0
    subjects = sa.select(admin_notifications.c.subject).order_by(admin_notifications.c.subject)
    async with second.database.read() as tx:
        kept = (await tx.execute(subjects)).scalars().all()
    assert kept == [f"first_contact {connection_id}", f"outage_told_at {connection_id}"]


async def test_windows_that_open_at_once_leave_no_more_drafts_than_allowed(processes: list[Store]) -> None:
    """M1: the oldest go, however many windows of one person open at the same time."""
    connection_id = await connected(processes[0])
    for number in range(TIMES):
        opening = (
            store.form_drafts.open("T1", f"U{number}", "application.create", connection_id, NOON, most=2)
            for store in processes
        )
        await asyncio.gather(*opening)
        of_person = sa.select(sa.func.count()).where(drafts.c.user_id == f"U{number}")
        async with processes[0].database.read() as tx:
            assert (await tx.execute(of_person)).scalar_one() == 2
