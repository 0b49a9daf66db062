"""A cycle reads a connection once, on a sandbox account and a real database: rules R1 to R4 and B1 to B5."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.applications.model import StatusClass
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import ClustBroken, ClustError
from bot.poller.cycle import reclassify
from bot.store.clust.applications import QUIET, SHOWN
from bot.store.clust.connections import LeaseLost
from bot.store.engine.tables import applications, deliveries
from tests.poller.conftest import World


async def test_the_first_complete_sweep_announces_nothing(world: World) -> None:
    """B1: what stands there at first is the baseline."""
    await world.subscribe("C1")
    outcome = await world.poll()
    assert (outcome.seen, outcome.events) == (3, 0)
    connection = await world.store.connections.get(world.connection_id)
    assert connection.baseline_at is not None
    assert connection.read_at == world.clock()


@pytest.mark.parametrize(
    ("change", "trigger"),
    [
        ("make_late", "late"),
        ("complete", "pending"),
        ("submit", "submitted"),
        ("approve", "approved"),
    ],
)
async def test_each_change_is_one_event(world: World, change: str, trigger: str) -> None:
    """A change in Clust is announced by the next poll, once, to the channel that subscribed."""
    await world.poll()
    await world.subscribe("C1")
    getattr(world.account, change)(2)
    assert (await world.poll()).deliveries == 1
    assert (await world.poll()).deliveries == 0
    assert await world.events() == [("2", trigger)]


async def test_a_new_application_is_created_and_whatever_else_it_is(world: World) -> None:
    """B2: an application first seen late and submitted is created, late and submitted."""
    await world.poll()
    world.account.add(status="3_submitted", status_string="Submitted", is_late=True)
    await world.poll()
    assert await world.events() == [("4", "created"), ("4", "late"), ("4", "submitted")]


async def test_an_application_older_than_the_baseline_is_discovered_quietly(world: World) -> None:
    """B2: a token with wider rights shows old applications; they are no news, but later changes of them are."""
    await world.poll()
    world.account.add(created_at=(world.clock() - timedelta(days=3)).isoformat())
    await world.poll()
    assert await world.events() == []
    world.account.make_late(4)
    await world.poll()
    assert await world.events() == [("4", "late")]


async def test_pending_submission_is_seen_by_a_single_read(world: World) -> None:
    """R2: where the list row carries no counts and no progress, the changed application is read singly."""
    world.account.change(1, progress_percentage=None)
    await world.poll()
    await world.poll()
    world.account.complete(1)
    world.account.change(1, progress_percentage=None)
    await world.poll()
    assert await world.events() == [("1", "pending")]


async def test_single_reads_are_spread_over_cycles(world: World) -> None:
    """R2: at most 20 single reads in a cycle; the rest follow, and what was so at the baseline stays quiet."""
    for number in range(4, 54):
        world.account.add(progress_percentage=None, count_missing_items=0, count_eligible_items=3)
        assert number in world.account.dossiers
    counts = []
    for _ in range(4):
        world.account.requests.clear()
        await world.poll()
        counts.append(sum(one.path.startswith("/dossiers/") for one in world.account.requests))
    assert max(counts) == 20
    assert sum(counts) == 50
    assert await world.events() == []


async def test_an_empty_list_is_a_baseline_only_when_read_twice(world: World) -> None:
    """B1: the first read of an empty list is not believed alone."""
    world.account.faults.empty_list = True
    await world.poll()
    lists = [one for one in world.account.requests if one.path == "/dossiers"]
    assert len(lists) == 2


async def test_a_failed_page_keeps_nothing(world: World) -> None:
    """R4: a half-read list is no list; the next cycle starts where this one did."""
    world.account.populate(300)
    await world.poll()
    await world.subscribe("C1")
    world.account.make_late(2)
    world.account.faults.cut_page = 3
    with pytest.raises(ClustError):
        await world.poll()
    assert await world.events() == []
    world.account.faults.cut_page = 0
    await world.poll()
    assert await world.events() == [("2", "late")]


async def test_absence_is_not_deletion(world: World) -> None:
    """B5: gone after two complete sweeps without it and a 404; back again, it is not created again."""
    await world.poll()
    kept = world.account.dossiers[2]
    world.account.remove(2)
    await world.poll()
    assert not await world.is_gone("2")
    await world.poll()
    assert await world.is_gone("2")
    world.account.dossiers[2] = kept
    world.account.make_late(2)
    await world.poll()
    assert not await world.is_gone("2")
    assert await world.events() == [("2", "late")]


async def test_half_of_the_account_missing_suspends_detection(world: World) -> None:
    """B4: fewer than half of the known ids suspends detection; a sweep that holds them again resumes by itself."""
    await world.poll()
    world.account.faults.empty_list = True
    outcome = await world.poll()
    assert outcome.suspended == "The last list had only 0 of 3 known applications."
    world.account.faults.empty_list = False
    world.account.make_late(1)
    world.account.add()
    assert (await world.poll()).suspended is None
    assert await world.events() == [("1", "late"), ("4", "created")]
    assert (await world.store.connections.get(world.connection_id)).suspended is None


async def test_an_admin_can_make_a_new_baseline(world: World) -> None:
    """B4: after "new baseline" the other account's applications are where the bot starts, without announcements."""
    await world.poll()
    for number in (1, 2, 3):
        world.account.remove(number)
    for _ in range(4):
        world.account.add()
    assert (await world.poll()).suspended
    assert await world.store.connections.answer(world.connection_id, "baseline")
    await world.poll()
    assert await world.events() == []
    world.account.make_late(5)
    assert (await world.poll()).suspended is None
    assert await world.events() == [("5", "late")]


async def test_an_admin_can_go_on(world: World) -> None:
    """B4: after "go on" what is new is announced, and what is missing is looked for before it counts as gone."""
    await world.poll()
    for number in (1, 2, 3):
        world.account.remove(number)
    world.account.add()
    assert (await world.poll()).suspended
    await world.store.connections.answer(world.connection_id, "go_on")
    await world.poll()
    assert await world.events() == [("4", "created")]
    await world.poll()
    assert await world.is_gone("1")


async def test_another_process_that_took_over_keeps_the_commit_out(world: World) -> None:
    """T3: a process whose lease was taken over can't commit, and nothing of its cycle is kept."""
    await world.poll()
    world.account.make_late(1)
    taken = world.clock.forward(2 * 86400)
    await world.store.shares.take("other", [world.connection_id], taken, taken + timedelta(days=9))
    with pytest.raises(LeaseLost):
        await world.poll()
    assert await world.events() == []


async def test_changed_status_rules_reclassify_quietly(world: World) -> None:
    """B3: a rule for an unknown code sorts what is stored, in one go and without events."""
    world.account.change(1, status="7_signed", status_string="Signed")
    await world.poll()
    classes, unknown = await world.store.applications.counts(world.connection_id)
    assert (classes[None], unknown) == (1, {"7_signed": 1})
    world.rules = StatusRules.parse("7_signed=submitted")
    connection = await world.store.connections.get(world.connection_id)
    await reclassify(connection, world.store, world.rules, "7_signed=submitted")
    classes, unknown = await world.store.applications.counts(world.connection_id)
    assert (classes[StatusClass.SUBMITTED], unknown) == (1, {})
    await world.poll()
    assert await world.events() == []


async def test_a_server_that_repeats_its_first_page_is_not_believed(world: World) -> None:
    """A list that never ends fails the cycle with a sentence that says so."""
    world.account.populate(250)
    world.account.faults.repeat_first_page = True
    with pytest.raises(ClustBroken, match=r"repeats|brought"):
        await world.poll()


async def test_ten_thousand_applications_are_a_quiet_baseline(world: World) -> None:
    """A large account announces nothing at first, and one change in it is one delivery in each channel."""
    world.account.populate(10_000)
    await world.subscribe("C1")
    await world.subscribe("C2", filter="late:yes")
    assert (await world.poll()).deliveries == 0
    world.account.make_late(5_000)
    assert (await world.poll()).deliveries == 2
    async with world.store.database.read() as tx:
        channels = (await tx.execute(sa.select(deliveries.c.channel_id).order_by(deliveries.c.id))).scalars()
        assert list(channels) == ["C1", "C2"]


async def test_a_contact_that_is_somebody_else_is_kept_whole(world: World) -> None:
    """A7: what a poll keeps of the contact is the new one alone."""
    ana = {"id": 1, "firstname": "Ana", "lastname": "Bell", "email": "ana@example.com", "phone": "+351 1"}
    world.account.change(1, contact=ana)
    await world.poll()
    bob = {"id": 2, "firstname": "Bob", "lastname": "Stone", "full_name": None, "email": "bob@example.com"}
    world.account.change(1, contact={**bob, "phone": None})
    await world.poll()
    kept = await world.store.applications.get(world.connection_id, "1")
    assert kept is not None
    assert kept.application.recipient is not None
    assert kept.application.recipient.model_dump(exclude_none=True) == {
        "id": "2",
        "firstname": "Bob",
        "lastname": "Stone",
        "email": "bob@example.com",
    }


async def test_a_single_read_empties_what_it_tells_as_null(world: World) -> None:
    """R1: what a list leaves out and a single read tells as null is empty, also where both are read in one cycle."""
    world.account.faults.list_without = frozenset({"external_id"})
    world.account.change(1, external_id="A-1", progress_percentage=None)
    await world.poll()
    world.account.change(1, external_id=None, title="New")
    await world.poll()
    kept = await world.store.applications.get(world.connection_id, "1")
    assert kept is not None
    assert (kept.application.title, kept.application.external_id) == ("New", None)


def singly(world: World) -> list[str]:
    """Return what was read singly since the last look at it."""
    paths = [one.path.removeprefix("/dossiers/") for one in world.account.requests if one.path.count("/") > 1]
    world.account.requests.clear()
    return paths


async def test_what_people_were_shown_is_read_when_nothing_is_more_urgent(world: World) -> None:
    """C2, R2: news is read first; what someone was shown follows, at most 20 in a cycle in all, each once."""
    for _ in range(4, 34):
        world.account.add()
    await world.poll()
    singly(world)
    await world.store.applications.read_soon(world.connection_id, [str(number) for number in range(1, 31)])
    world.account.change(33, title="New", progress_percentage=90)
    await world.poll()
    first = singly(world)
    assert (len(first), first.count("33")) == (20, 1)
    await world.poll()
    second = singly(world)
    assert sorted([*first, *second], key=int) == [*map(str, range(1, 31)), "33"]
    await world.poll()
    assert singly(world) == []


@pytest.mark.parametrize(("changed", "events"), [(False, []), (True, [("1", "pending")])])
async def test_what_a_look_brings_to_light_is_news_only_since_the_baseline(
    world: World, changed: bool, events: list[tuple[str, str]]
) -> None:
    """C2, B1: a single read after someone's look announces what came after the baseline, and nothing of before."""
    if not changed:
        world.account.change(1, count_missing_items=0)
    await world.poll()
    if changed:
        world.clock.forward(60)
        world.account.change(1, count_missing_items=0)
        await world.poll()
    await world.store.applications.read_soon(world.connection_id, ["1"])
    await world.poll()
    kept = await world.store.applications.get(world.connection_id, "1")
    assert kept is not None
    assert (kept.application.missing, kept.status_class) == (0, StatusClass.PENDING)
    assert await world.events() == events


UNDATED = frozenset({"updated_at"})


@pytest.mark.parametrize("left_out", [frozenset(), UNDATED])
@pytest.mark.parametrize("waits_as", [SHOWN, QUIET])
@pytest.mark.parametrize(("change", "trigger"), [("submit", "submitted"), ("make_late", "late")])
async def test_a_change_between_the_list_and_a_single_read_is_news(
    world: World, change: str, trigger: str, waits_as: str, left_out: frozenset[str]
) -> None:
    """B1, R2: the list is stale, the single read is newer: its event is announced once, dated or not."""
    faults = world.account.faults
    faults.list_without = faults.single_without = left_out
    await world.poll()
    await waits(world, "1", waits_as)
    world.clock.forward(1)
    faults.stale_list = world.account.encoded_rows()
    getattr(world.account, change)(1)
    await world.poll()
    assert await world.events() == [("1", trigger)]
    faults.stale_list = None
    await world.poll()
    assert await world.events() == [("1", trigger)]


async def test_a_step_done_between_the_list_and_a_single_read_is_news(world: World) -> None:
    """B1, R2: a count that an earlier single read brought, and that is another now, is a change since then."""
    world.account.faults.list_without = world.account.faults.single_without = UNDATED
    world.account.change(1, progress_percentage=50)
    await world.poll()
    await waits(world, "1", SHOWN)
    await world.poll()
    await waits(world, "1", SHOWN)
    world.account.change(1, count_missing_items=0)
    await world.poll()
    assert await world.events() == [("1", "pending")]


@pytest.mark.parametrize(("changed", "events"), [(False, []), (True, [("1", "pending")])])
async def test_what_a_look_brings_to_light_of_undated_applications(
    world: World, changed: bool, events: list[tuple[str, str]]
) -> None:
    """C2, B1: where Clust gives no dates, the bot's own memory says whether a row changed since the baseline."""
    world.account.faults.list_without = world.account.faults.single_without = UNDATED
    if not changed:
        world.account.change(1, count_missing_items=0)
    await world.poll()
    if changed:
        world.account.change(1, title="New", count_missing_items=0)
        await world.poll()
    await waits(world, "1", SHOWN)
    await world.poll()
    assert await world.events() == events


async def test_a_look_is_no_change(world: World) -> None:
    """C2: a single read that only adds to what lists tell leaves alone when the application last changed."""
    await world.poll()
    before = await world.store.applications.get(world.connection_id, "1")
    await waits(world, "1", SHOWN)
    await world.poll()
    after = await world.store.applications.get(world.connection_id, "1")
    assert before is not None
    assert after is not None
    assert (before.application.missing is None, after.application.missing is None) == (True, False)
    assert before.changed_at == after.changed_at


async def waits(world: World, key: str, waits_as: str) -> None:
    """Let an application wait for its single read."""
    this = applications.c.id == key
    async with world.store.database.write() as tx:
        await tx.execute(applications.update().where(this).values(unread=waits_as))


async def test_what_can_not_be_read_after_a_look_is_let_go(world: World) -> None:
    """C2: a single read that fails and that only a look asked for is not tried for ever."""
    await world.poll()
    singly(world)
    await world.store.applications.read_soon(world.connection_id, ["1"])
    world.account.faults.forbidden = frozenset({"dossiers/{id}"})
    await world.poll()
    await world.poll()
    assert singly(world) == ["1"]


async def test_single_reads_that_fail_for_ever_keep_nothing_from_being_read(world: World) -> None:
    """A8, P4: twenty applications that can't be read alone stand in the queue, and others are read all the same."""
    for _ in range(4, 26):
        world.account.add()
    await world.poll()
    singly(world)
    world.account.faults.unreadable = frozenset(range(1, 26))
    for number in range(1, 26):
        world.account.change(number, title="New", progress_percentage=90)
    await world.poll()
    first = singly(world)
    world.account.faults.unreadable = frozenset(map(int, first))
    await world.poll()
    assert {*map(str, range(1, 26))} - {*first} <= {*singly(world)}
    world.account.faults.unreadable = frozenset()
    for _ in range(5):
        await world.poll()
    singly(world)
    await world.poll()
    assert singly(world) == []
