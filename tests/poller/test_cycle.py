"""A cycle reads a connection once, on a sandbox account and a real database: rules R1 to R4, B1 to B3 and B5."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import ClustBroken, ClustError
from bot.poller import cycle
from bot.poller.cycle import reclassify
from bot.store.clust.applications import QUIET, VIEWED
from bot.store.clust.connections import LeaseLost
from bot.store.engine.tables import applications, deliveries
from tests.poller.conftest import Polling

FULL = 2
"""The generation of the garbage collector that has all objects."""


@contextmanager
def full_collections() -> Iterator[list[int]]:
    """Record the full collections of garbage: the number of objects that each one freed."""
    collected = list[int]()

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == FULL:
            collected.append(info["collected"])

    gc.callbacks.append(note)
    try:
        yield collected
    finally:
        gc.callbacks.remove(note)


async def test_the_first_complete_sweep_announces_nothing(polling: Polling) -> None:
    """B1: what stands there at first is the baseline."""
    await polling.subscribe("C1")
    outcome = await polling.poll()
    assert (outcome.seen, outcome.events) == (3, 0)
    connection = await polling.store.connections.get(polling.connection_id)
    assert connection.baseline_at is not None
    assert connection.read_at == polling.clock()


async def test_others_have_their_turn_while_a_first_poll_lets_go(
    polling: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a large poll saved is freed a part at a time, between turns of the event loop, and all of it remembered."""
    monkeypatch.setattr(cycle, "MAX_AT_ONCE", 1)
    remembered = set[int]()

    async def watch() -> None:
        while True:
            remembered.add(len(polling.memory.fingerprints))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    await polling.poll()
    watching.cancel()
    assert remembered == {0, 1, 2, 3}
    assert (await polling.poll()).changed == 0


async def test_a_first_poll_is_looked_through_for_garbage_while_it_is_small(
    polling: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll with many changes has the one full collection early, and one with few has none."""
    monkeypatch.setattr(cycle, "GARBAGE_COLLECTED_AT", 2)
    with full_collections() as collected:
        await polling.poll()
        assert len(collected) == 1
        polling.account.make_late(1)
        await polling.poll()
        assert len(collected) == 1


async def test_rows_that_are_read_again_cause_no_other_look_for_garbage(
    polling: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll with just as many changes as that takes reads its first page twice, and looks once."""
    polling.account.populate(20)
    monkeypatch.setattr(cycle, "GARBAGE_COLLECTED_AT", len(polling.account.dossiers))
    polling.account.faults.cap_per_page = 5
    with full_collections() as collected:
        assert (await polling.poll()).pages > 1
    assert len(collected) == 1


@pytest.mark.parametrize(
    ("change", "trigger"),
    [
        ("make_late", "late"),
        ("complete", "pending"),
        ("submit", "submitted"),
        ("approve", "approved"),
    ],
)
async def test_each_change_is_one_event(polling: Polling, change: str, trigger: str) -> None:
    """A change in Clust is announced by the next poll, once, to the channel that subscribed."""
    await polling.poll()
    await polling.subscribe("C1")
    getattr(polling.account, change)(2)
    assert (await polling.poll()).deliveries == 1
    assert (await polling.poll()).deliveries == 0
    assert await polling.events() == [("2", trigger)]


async def test_a_new_application_is_created_and_whatever_else_it_is(polling: Polling) -> None:
    """B2: an application first seen late and submitted is created, late and submitted."""
    await polling.poll()
    polling.account.add(status="3_submitted", status_string="Submitted", is_late=True)
    await polling.poll()
    assert await polling.events() == [("4", "created"), ("4", "late"), ("4", "submitted")]


async def test_an_application_older_than_the_baseline_is_discovered_quietly(polling: Polling) -> None:
    """B2: a token with wider rights shows old applications. They are no news, but later changes of them are."""
    await polling.poll()
    polling.account.add(created_at=(polling.clock() - timedelta(days=3)).isoformat())
    await polling.poll()
    assert await polling.events() == []
    polling.account.make_late(4)
    await polling.poll()
    assert await polling.events() == [("4", "late")]


async def test_pending_submission_is_seen_by_a_single_read(polling: Polling) -> None:
    """R2: where the list row carries no counts and no progress, the changed application is read singly."""
    polling.account.change(1, progress_percentage=None)
    await polling.poll()
    await polling.poll()
    polling.account.complete(1)
    polling.account.change(1, progress_percentage=None)
    await polling.poll()
    assert await polling.events() == [("1", "pending")]


async def test_single_reads_are_spread_over_cycles(polling: Polling) -> None:
    """R2: at most 20 single reads in a cycle. The rest follow, and what was so at the baseline stays quiet."""
    for number in range(4, 54):
        polling.account.add(progress_percentage=None, count_missing_items=0, count_eligible_items=3)
        assert number in polling.account.dossiers
    counts = []
    for _ in range(4):
        polling.account.requests.clear()
        await polling.poll()
        counts.append(sum(one.path.startswith("/dossiers/") for one in polling.account.requests))
    assert max(counts) == 20
    assert sum(counts) == 50
    assert await polling.events() == []


async def test_an_empty_list_is_a_baseline_only_when_read_twice(polling: Polling) -> None:
    """B1: the first read of an empty list is not believed alone."""
    polling.account.faults.empty_list = True
    await polling.poll()
    lists = [one for one in polling.account.requests if one.path == "/dossiers"]
    assert len(lists) == 2


async def test_a_failed_page_keeps_nothing(polling: Polling) -> None:
    """R4: a half-read list is no list. The next cycle starts where this one did."""
    polling.account.populate(300)
    await polling.poll()
    await polling.subscribe("C1")
    polling.account.make_late(2)
    polling.account.faults.cut_page = 3
    with pytest.raises(ClustError):
        await polling.poll()
    assert await polling.events() == []
    polling.account.faults.cut_page = 0
    await polling.poll()
    assert await polling.events() == [("2", "late")]


async def test_absence_is_not_deletion(polling: Polling) -> None:
    """B5: gone after two complete sweeps without it and a 404. If it comes back, it is not created again."""
    await polling.poll()
    kept = polling.account.dossiers[2]
    polling.account.remove(2)
    await polling.poll()
    assert not await polling.is_gone("2")
    await polling.poll()
    assert await polling.is_gone("2")
    polling.account.dossiers[2] = kept
    polling.account.make_late(2)
    await polling.poll()
    assert not await polling.is_gone("2")
    assert await polling.events() == [("2", "late")]


async def test_a_process_that_lost_its_lease_can_not_commit(polling: Polling) -> None:
    """T3: a process whose lease was taken over can't commit, and nothing of its cycle is kept."""
    await polling.poll()
    polling.account.make_late(1)
    moved = polling.clock.forward(2 * 86400)
    await polling.store.account_shares.take("other", [polling.connection_id], moved, moved + timedelta(days=9))
    with pytest.raises(LeaseLost):
        await polling.poll()
    assert await polling.events() == []


async def test_changed_status_rules_reclassify_quietly(polling: Polling) -> None:
    """B3: a rule for an unknown code sorts what is stored, in one go and without events."""
    polling.account.change(1, status="7_signed", status_string="Signed")
    await polling.poll()
    classes, unknown = await polling.store.applications.counts(polling.connection_id)
    assert (classes[None], unknown) == (1, {"7_signed": 1})
    polling.rules = StatusRules.parse("7_signed=submitted")
    connection = await polling.store.connections.get(polling.connection_id)
    await reclassify(connection, polling.store, polling.rules, "7_signed=submitted")
    classes, unknown = await polling.store.applications.counts(polling.connection_id)
    assert (classes[StatusClass.SUBMITTED], unknown) == (1, {})
    await polling.poll()
    assert await polling.events() == []


async def test_a_server_that_repeats_its_first_page_is_not_believed(polling: Polling) -> None:
    """A list that never ends fails the cycle with a sentence that says so."""
    polling.account.populate(250)
    polling.account.faults.repeat_first_page = True
    with pytest.raises(ClustBroken, match="is 253, but it listed"):
        await polling.poll()


async def test_thousands_of_applications_are_a_quiet_baseline(polling: Polling) -> None:
    """A large account announces nothing at first, and one change in it is one delivery in each channel."""
    polling.account.populate(2_000)
    await polling.subscribe("C1")
    await polling.subscribe("C2", filter="late:yes")
    assert (await polling.poll()).deliveries == 0
    polling.account.make_late(1_000)
    assert (await polling.poll()).deliveries == 2
    async with polling.store.database.read() as tx:
        channels = (await tx.execute(sa.select(deliveries.c.channel_id).order_by(deliveries.c.id))).scalars()
        assert list(channels) == ["C1", "C2"]


async def test_another_contact_replaces_the_stored_one_entirely(polling: Polling) -> None:
    """A7: what a poll keeps of the contact is the new one alone."""
    ana = {"id": 1, "firstname": "Ana", "lastname": "Bell", "email": "ana@example.com", "phone": "+351 1"}
    polling.account.change(1, contact=ana)
    await polling.poll()
    bob = {"id": 2, "firstname": "Bob", "lastname": "Stone", "full_name": None, "email": "bob@example.com"}
    polling.account.change(1, contact={**bob, "phone": None})
    await polling.poll()
    kept = await polling.store.applications.get(polling.connection_id, "1")
    assert kept is not None
    assert kept.application.recipient is not None
    assert kept.application.recipient.model_dump(exclude_none=True) == {
        "id": "2",
        "firstname": "Bob",
        "lastname": "Stone",
        "email": "bob@example.com",
    }


async def test_a_null_in_a_single_read_empties_the_field(polling: Polling) -> None:
    """R1: a key that a list leaves out and a single read returns as null is empty, also within one cycle."""
    polling.account.faults.list_without = frozenset({"external_id"})
    polling.account.change(1, external_id="A-1", progress_percentage=None)
    await polling.poll()
    polling.account.change(1, external_id=None, title="New")
    await polling.poll()
    kept = await polling.store.applications.get(polling.connection_id, "1")
    assert kept is not None
    assert (kept.application.title, kept.application.external_id) == ("New", None)


def singly(polling: Polling) -> list[str]:
    """Return what was read singly since the last look at it."""
    paths = [one.path.removeprefix("/dossiers/") for one in polling.account.requests if one.path.count("/") > 1]
    polling.account.requests.clear()
    return paths


async def test_what_people_were_shown_is_read_when_nothing_is_more_urgent(polling: Polling) -> None:
    """C2, R2: news is read first. What someone was shown follows, at most 20 in a cycle in all, each once."""
    for _ in range(4, 34):
        polling.account.add()
    await polling.poll()
    singly(polling)
    await polling.store.applications.read_soon(polling.connection_id, [str(number) for number in range(1, 31)])
    polling.account.change(33, title="New", progress_percentage=90)
    await polling.poll()
    first = singly(polling)
    assert (len(first), first.count("33")) == (20, 1)
    await polling.poll()
    second = singly(polling)
    assert sorted([*first, *second], key=int) == [*map(str, range(1, 31)), "33"]
    await polling.poll()
    assert singly(polling) == []


@pytest.mark.parametrize(("changed", "events"), [(False, []), (True, [("1", "pending")])])
async def test_a_single_read_announces_only_what_came_after_the_baseline(
    polling: Polling, changed: bool, events: list[tuple[str, str]]
) -> None:
    """C2, B1: a single read after someone's look announces what came after the baseline, and nothing of before."""
    if not changed:
        polling.account.change(1, count_missing_items=0)
    await polling.poll()
    if changed:
        polling.clock.forward(60)
        polling.account.change(1, count_missing_items=0)
        await polling.poll()
    await polling.store.applications.read_soon(polling.connection_id, ["1"])
    await polling.poll()
    kept = await polling.store.applications.get(polling.connection_id, "1")
    assert kept is not None
    assert (kept.application.missing, kept.status_class) == (0, StatusClass.PENDING)
    assert await polling.events() == events


UNDATED = frozenset({"updated_at"})


@pytest.mark.parametrize("left_out", [frozenset(), UNDATED])
@pytest.mark.parametrize("waits_as", [VIEWED, QUIET])
@pytest.mark.parametrize(("change", "trigger"), [("submit", "submitted"), ("make_late", "late")])
async def test_a_change_between_the_list_and_a_single_read_is_announced(
    polling: Polling, change: str, trigger: str, waits_as: str, left_out: frozenset[str]
) -> None:
    """B1, R2: the list is stale, the single read is newer: its event is announced once, dated or not."""
    faults = polling.account.faults
    faults.list_without = faults.single_without = left_out
    await polling.poll()
    await waits(polling, "1", waits_as)
    polling.clock.forward(1)
    faults.stale_list = polling.account.encoded_rows()
    getattr(polling.account, change)(1)
    await polling.poll()
    assert await polling.events() == [("1", trigger)]
    faults.stale_list = None
    await polling.poll()
    assert await polling.events() == [("1", trigger)]


async def test_a_count_that_changed_since_the_last_single_read_is_announced(polling: Polling) -> None:
    """B1, R2: a count that an earlier single read brought, and that is another now, is a change since then."""
    polling.account.faults.list_without = polling.account.faults.single_without = UNDATED
    polling.account.change(1, progress_percentage=50)
    await polling.poll()
    await waits(polling, "1", VIEWED)
    await polling.poll()
    await waits(polling, "1", VIEWED)
    polling.account.change(1, count_missing_items=0)
    await polling.poll()
    assert await polling.events() == [("1", "pending")]


@pytest.mark.parametrize(("changed", "events"), [(False, []), (True, [("1", "pending")])])
async def test_what_a_look_brings_to_light_of_undated_applications(
    polling: Polling, changed: bool, events: list[tuple[str, str]]
) -> None:
    """C2, B1: where Clust gives no dates, the bot's own memory says whether a row changed since the baseline."""
    polling.account.faults.list_without = polling.account.faults.single_without = UNDATED
    if not changed:
        polling.account.change(1, count_missing_items=0)
    await polling.poll()
    if changed:
        polling.account.change(1, title="New", count_missing_items=0)
        await polling.poll()
    await waits(polling, "1", VIEWED)
    await polling.poll()
    assert await polling.events() == events


async def test_a_single_read_is_not_a_change(polling: Polling) -> None:
    """C2: a single read that only adds to what lists tell leaves alone when the application last changed."""
    await polling.poll()
    before = await polling.store.applications.get(polling.connection_id, "1")
    await waits(polling, "1", VIEWED)
    await polling.poll()
    after = await polling.store.applications.get(polling.connection_id, "1")
    assert before is not None
    assert after is not None
    assert (before.application.missing is None, after.application.missing is None) == (True, False)
    assert before.changed_at == after.changed_at


async def waits(polling: Polling, key: str, waits_as: str) -> None:
    """Let an application wait for its single read."""
    by_id = applications.c.id == key
    async with polling.store.database.write() as tx:
        await tx.execute(applications.update().where(by_id).values(unread=waits_as))


async def test_what_can_not_be_read_after_a_look_is_let_go(polling: Polling) -> None:
    """C2: a single read that fails and that only a look asked for is not tried forever."""
    await polling.poll()
    singly(polling)
    await polling.store.applications.read_soon(polling.connection_id, ["1"])
    polling.account.faults.forbidden = frozenset({"dossiers/{id}"})
    await polling.poll()
    await polling.poll()
    assert singly(polling) == ["1"]


async def test_single_reads_that_keep_failing_delay_no_others(polling: Polling) -> None:
    """A8, P4: twenty applications that can't be read alone stand in the queue, and others are read all the same."""
    for _ in range(4, 26):
        polling.account.add()
    await polling.poll()
    singly(polling)
    polling.account.faults.unreadable = frozenset(range(1, 26))
    for number in range(1, 26):
        polling.account.change(number, title="New", progress_percentage=90)
    await polling.poll()
    first = singly(polling)
    polling.account.faults.unreadable = frozenset(map(int, first))
    await polling.poll()
    assert {*map(str, range(1, 26))} - {*first} <= {*singly(polling)}
    polling.account.faults.unreadable = frozenset()
    for _ in range(5):
        await polling.poll()
    singly(polling)
    await polling.poll()
    assert singly(polling) == []
