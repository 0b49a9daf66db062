"""Subscriptions in the database: by whose clock they reckon."""

from __future__ import annotations

from dataclasses import replace

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.schedule import Schedule
from bot.store import Store
from bot.store.notifications.subscriptions import SubscriptionRequest, routable
from tests.conftest import Clock


async def test_days_in_a_filter_begin_by_the_clock_of_the_channel(store: Store, clock: Clock) -> None:
    """F2: that of who subscribed counts only as long as the channel has set none."""
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    for channel_id in ("C1", "C2"):
        wish = SubscriptionRequest(
            "T1", channel_id, connection.id, "created:today", ("late",), None, "U1", "Europe/Lisbon"
        )
        await store.subscriptions.save(wish, clock())
    await store.channel_settings.save("T1", "C2", MessageStyle(), Schedule(zone="Asia/Tokyo"), "U1", clock())
    async with store.database.read() as tx:
        zones = {one.channel_id: str(one.zone) for one in await routable(tx, connection.id)}
    assert zones == {"C1": "Europe/Lisbon", "C2": "Asia/Tokyo"}


async def test_a_filter_that_was_stored_in_another_spelling_is_the_same_subscription(
    store: Store, clock: Clock
) -> None:
    """A12, S1: what an older version stored as `title:søren` is what `title:soren` asks for today."""
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    old = SubscriptionRequest("T1", "C1", connection.id, "title:søren", ("late",), None, "U1", "UTC")
    before, _ = await store.subscriptions.save(old, clock())
    after, was = await store.subscriptions.save(replace(old, filter="title:soren", events=("created",)), clock())
    assert (after.id, was) == (before.id, before)
    assert after.events == ["created", "late"]
    other, _ = await store.subscriptions.save(replace(old, filter="title:soeren"), clock())
    assert other.id != before.id


async def test_a_moved_subscription_joins_the_one_with_the_same_filter(store: Store, clock: Clock) -> None:
    """A12, S1: also where that was stored in another spelling."""
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    wish = SubscriptionRequest("T1", "C1", connection.id, "title:søren", ("late",), None, "U1", "UTC")
    moved, _ = await store.subscriptions.save(wish, clock())
    there, _ = await store.subscriptions.save(replace(wish, channel_id="C2", filter="title:soren"), clock())
    await store.orphans.move("T1", "C1", [moved.id], "C2", clock())
    assert [row.id for row in await store.subscriptions.of_channel("T1", "C2")] == [there.id]
