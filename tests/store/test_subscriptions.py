"""Subscriptions in the database: by whose clock they reckon."""

from __future__ import annotations

from bot.core.schedule import Schedule
from bot.core.style import Style
from bot.store import Store
from bot.store.subscriptions import Wish, routable
from tests.conftest import Clock


async def test_days_in_a_filter_begin_by_the_clock_of_the_channel(store: Store, clock: Clock) -> None:
    """F2: that of who subscribed counts only as long as the channel has set none."""
    connection = await store.connections.ensure("T1", "default", "http://clust/api", "token")
    for channel_id in ("C1", "C2"):
        wish = Wish("T1", channel_id, connection.id, "created:today", ("late",), None, "U1", "Europe/Lisbon")
        await store.subscriptions.save(wish, clock())
    await store.channels.save("T1", "C2", Style(), Schedule(zone="Asia/Tokyo"), "U1", clock())
    async with store.database.read() as tx:
        found = {one.channel_id: str(one.zone) for one in await routable(tx, connection.id)}
    assert found == {"C1": "Europe/Lisbon", "C2": "Asia/Tokyo"}
