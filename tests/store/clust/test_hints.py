"""The queue of hints is bounded, knows what rests, and loses nothing that comes while it is read."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.core.applications.webhook_ids import WebhookIds
from bot.store import Store
from bot.store.clust.connections import LeaseLost
from bot.store.clust.hints import MAX_UNKNOWN_WAITING, MAX_WAITING, Hint
from bot.store.engine.tables import applications
from tests.conftest import Clock

HOUR = timedelta(hours=1)


async def account(store: Store, clock: Clock, known_ids: tuple[str, ...] = ()) -> int:
    """Return the id of a leased account in which these applications are known."""
    connection = await store.connections.ensure("T1", "default", "http://clust", "token")
    await store.account_shares.take("me", [connection.id], clock(), clock() + timedelta(days=1))
    row = {"connection_id": connection.id, "fingerprint": 1, "snapshot": "{}", "late": False, "occurrences": {}}
    rows = [{**row, "id": one, "absent": 0, "gone": False, "discovered": False} for one in known_ids]
    if rows:
        async with store.database.write() as tx:
            await tx.execute(applications.insert(), rows)
    return connection.id


async def done(store: Store, key: int, hints: list[Hint], now: datetime, missing: tuple[str, ...] = ()) -> None:
    """Record hints as read."""
    await store.hints.done(key, 1, hints, missing, now, missing_until=now + HOUR, next_at=now)


async def ids(store: Store, key: int, most: int = 1000) -> list[str]:
    """Return what waits."""
    return [one.application_id for one in await store.hints.waiting(key, most)]


async def test_known_applications_come_first(store: Store, clock: Clock) -> None:
    """Then the longest waiting. Numbers in links count only if they are known."""
    key = await account(store, clock, ("7", "9"))
    await store.hints.queue(key, WebhookIds(("5", "7"), ("8",)), clock())
    clock.forward(1)
    await store.hints.queue(key, WebhookIds(("6",), ("9",)), clock())
    assert await ids(store, key) == ["7", "9", "5", "6"]
    assert await ids(store, key, 2) == ["7", "9"]
    connection = await store.connections.get(key)
    assert connection.webhook_at == clock()
    assert connection.hints_due_at == clock() - timedelta(seconds=1)


async def test_a_webhook_that_names_nothing_came_all_the_same(store: Store, clock: Clock) -> None:
    """`status` says that one came, but no one has anything to read."""
    key = await account(store, clock)
    await store.hints.queue(key, WebhookIds((), ("8",)), clock())
    connection = await store.connections.get(key)
    assert (connection.webhook_at, connection.hints_due_at) == (clock(), None)


async def test_what_comes_while_it_is_read_stays(store: Store, clock: Clock) -> None:
    """The read may have been too early for it. What was read before is removed, and no one waits any more."""
    key = await account(store, clock, ("7", "8"))
    await store.hints.queue(key, WebhookIds(("7", "8")), clock())
    hints = await store.hints.waiting(key, 20)
    now = clock.forward(1)
    await store.hints.queue(key, WebhookIds(("8",)), now)
    await done(store, key, hints, now)
    assert await ids(store, key) == ["8"]
    assert (await store.connections.get(key)).hints_due_at == now
    await done(store, key, await store.hints.waiting(key, 20), now)
    assert (await store.connections.get(key)).hints_due_at is None


async def test_an_unknown_one_that_gave_a_404_rests(store: Store, clock: Clock) -> None:
    """For an hour no webhook queues it again. A known one is left to the poll and may be named again."""
    key = await account(store, clock, ("7",))
    await store.hints.queue(key, WebhookIds(("5", "7")), clock())
    await done(store, key, await store.hints.waiting(key, 20), clock(), missing=("5", "7"))
    clock.forward(3599)
    await store.hints.queue(key, WebhookIds(("5", "7")), clock())
    assert await ids(store, key) == ["7"]
    clock.forward(1)
    await store.hints.queue(key, WebhookIds(("5",)), clock())
    assert await ids(store, key) == ["7", "5"]


async def test_rest_that_is_over_is_removed(store: Store, clock: Clock) -> None:
    """So the table grows with what was asked for within an hour alone."""
    key = await account(store, clock)
    await store.hints.queue(key, WebhookIds(("5",)), clock())
    await done(store, key, await store.hints.waiting(key, 20), clock(), missing=("5",))
    now = clock.forward(3600)
    await done(store, key, [], now)
    await store.hints.queue(key, WebhookIds(("5",)), now)
    assert await ids(store, key) == ["5"]


async def test_a_flood_fills_no_more_than_its_room(store: Store, clock: Clock) -> None:
    """Unknown ones take no room of known ones, and what waits already is renewed where nothing else finds room."""
    known_ids = tuple(str(number) for number in range(1000, 1000 + MAX_WAITING + 5))
    key = await account(store, clock, known_ids)
    unknown = tuple(str(number) for number in range(1, MAX_UNKNOWN_WAITING + 50))
    await store.hints.queue(key, WebhookIds((*unknown, *known_ids)), clock())
    assert len(await ids(store, key)) == MAX_WAITING + MAX_UNKNOWN_WAITING
    now = clock.forward(1)
    await store.hints.queue(key, WebhookIds((known_ids[-1], known_ids[0])), now)
    hints = {one.application_id: one.hinted_at for one in await store.hints.waiting(key, 1000)}
    assert hints[known_ids[0]] == now
    assert known_ids[-1] not in hints


async def test_webhooks_at_the_same_moment_are_all_queued(store: Store, clock: Clock) -> None:
    """They share a transaction, two for one account come one after the other."""
    key = await account(store, clock)
    other = (await store.connections.ensure("T1", "other", "http://clust", "token")).id
    hooks = [(key, "5"), (other, "5"), (key, "6")]
    await asyncio.gather(*(store.hints.queue(one, WebhookIds((id_,)), clock()) for one, id_ in hooks))
    assert (await ids(store, key), await ids(store, other)) == (["5", "6"], ["5"])


async def test_a_poll_settles_what_came_before_it(store: Store, clock: Clock) -> None:
    """It has seen all of that. What has come since then is read next, and what rests goes on resting."""
    key = await account(store, clock)
    await store.hints.queue(key, WebhookIds(("5", "6")), clock())
    await done(
        store, key, [one for one in await store.hints.waiting(key, 9) if one.application_id == "6"], clock(), ("6",)
    )
    started = clock.forward(1)
    await store.hints.queue(key, WebhookIds(("7",)), clock.forward(1))
    await store.hints.settle(key, 1, started)
    assert await ids(store, key) == ["7"]
    assert (await store.connections.get(key)).hints_due_at == started
    await store.hints.settle(key, 1, clock.forward(1))
    await store.hints.queue(key, WebhookIds(("6",)), clock())
    assert await ids(store, key) == []
    assert (await store.connections.get(key)).hints_due_at is None


async def test_a_process_without_the_lease_removes_no_hints(store: Store, clock: Clock) -> None:
    """T3."""
    key = await account(store, clock)
    await store.hints.queue(key, WebhookIds(("5",)), clock())
    hints = await store.hints.waiting(key, 20)
    with pytest.raises(LeaseLost):
        await store.hints.done(key, 0, hints, (), clock(), missing_until=clock(), next_at=clock())
    with pytest.raises(LeaseLost):
        await store.hints.settle(key, 0, clock.forward(1))
    assert await ids(store, key) == ["5"]


async def test_a_queued_webhook_is_never_overlooked(store: Store, clock: Clock) -> None:
    """A web process queues while the worker ends a read: what waits then has a moment at which it is read."""
    key = await account(store, clock)
    for number in range(1, 21):
        await store.hints.queue(key, WebhookIds((str(number),)), clock())
        hints, now = await store.hints.waiting(key, 20), clock.forward(1)
        await asyncio.gather(
            done(store, key, hints, now),
            store.hints.queue(key, WebhookIds((str(1000 + number), str(number))), now),
            store.hints.settle(key, 1, now),
        )
        due_at = (await store.connections.get(key)).hints_due_at
        assert bool(await ids(store, key)) is (due_at is not None)
