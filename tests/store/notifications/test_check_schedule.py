"""Turns are kept in the database: who takes part follows from what stands there."""

from __future__ import annotations

from datetime import timedelta

from bot.core.check_schedule import MAX_NEW_AT_ONCE, CheckOutcome, after
from bot.store import Store
from bot.store.notifications.check_schedule import CHANNEL, PERSON, Observation
from bot.store.notifications.subscriptions import SubscriptionRequest
from bot.store.people.people import Person
from tests.conftest import Clock

TEAM, REST = "T1", timedelta(minutes=10)


async def _subscribe(store: Store, clock: Clock, channel_id: str, user_id: str = "U1") -> int:
    """Make a channel want something, in someone's name."""
    connection = await store.connections.ensure(TEAM, "default", "http://clust/api", "token")
    subscription = SubscriptionRequest(TEAM, channel_id, connection.id, "", ("late",), None, user_id, "UTC")
    row, _ = await store.subscriptions.save(subscription, clock())
    return row.id


async def _due(store: Store, clock: Clock, kind: str = CHANNEL, most: int = 10) -> list[str]:
    await store.check_schedule.enrol(clock())
    return [check.subject_id for check in await store.check_schedule.due(TEAM, kind, clock(), most)]


async def test_what_wants_something_takes_part(store: Store, clock: Clock) -> None:
    """P4: a channel from its first subscription to its last, in its own workspace."""
    number = await _subscribe(store, clock, "C1")
    await _subscribe(store, clock, "C2")
    assert await _due(store, clock) == ["C1", "C2"]
    assert await store.check_schedule.due("T2", CHANNEL, clock(), 10) == []
    await store.subscriptions.end(TEAM, [number], ["late"], "U1")
    assert await _due(store, clock) == ["C2"]


async def test_owners_and_admins_are_checked(store: Store, clock: Clock) -> None:
    """P4: one turn for each person, whatever they are looked at for."""
    await _subscribe(store, clock, "C1", "U1")
    await _subscribe(store, clock, "C2", "U1")
    await store.people.remember(Person(TEAM, "U2", is_admin=True, zone="UTC"), clock())
    await store.people.remember(Person(TEAM, "U3", is_admin=False, zone="UTC"), clock())
    assert await _due(store, clock, PERSON) == ["U1", "U2"]


async def test_the_turn_of_a_check_is_stored(store: Store, clock: Clock) -> None:
    """P4: the next process goes on where this one stopped, and knows what Slack said."""
    for channel_id in ("C1", "C2", "C3"):
        await _subscribe(store, clock, channel_id)
    await store.check_schedule.enrol(clock())
    first, second = await store.check_schedule.due(TEAM, CHANNEL, clock(), 2)
    facts = {"is_shared": True}
    await store.check_schedule.keep(TEAM, CHANNEL, after(first, CheckOutcome.WELL, clock(), REST), clock(), facts)
    await store.check_schedule.keep(TEAM, CHANNEL, after(second, CheckOutcome.FAILED, clock(), REST), clock())
    assert await _due(store, clock) == ["C3"]
    assert await store.check_schedule.observations(TEAM, CHANNEL) == {"C1": Observation(facts, clock())}
    clock.forward(60)
    assert await _due(store, clock) == ["C3", "C2"]
    assert (await store.check_schedule.next_check(TEAM, CHANNEL, "C2", clock())).strikes == 1
    read_at = clock()
    clock.forward(600)
    third = await store.check_schedule.next_check(TEAM, CHANNEL, "C1", clock())
    await store.check_schedule.keep(TEAM, CHANNEL, after(third, CheckOutcome.FAILED, clock(), REST), clock())
    assert (await store.check_schedule.observations(TEAM, CHANNEL, ["C1"]))["C1"].read_at < read_at


async def test_many_new_things_are_spread(store: Store, clock: Clock) -> None:
    """Some take their turn at once, and all within the time between two checks: many installations make no stampede."""
    channels = [f"C{number}" for number in range(MAX_NEW_AT_ONCE + 5)]
    for channel_id in channels:
        await _subscribe(store, clock, channel_id)
    await store.check_schedule.enrol(clock(), {CHANNEL: REST})
    due = [check.subject_id for check in await store.check_schedule.due(TEAM, CHANNEL, clock(), 100)]
    assert len(due) == MAX_NEW_AT_ONCE + 1
    clock.forward(REST.total_seconds())
    due = [check.subject_id for check in await store.check_schedule.due(TEAM, CHANNEL, clock(), 100)]
    assert sorted(due) == sorted(channels)
