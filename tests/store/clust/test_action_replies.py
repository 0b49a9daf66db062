"""Who used a saved action stands in the threads of the application's cards, where a channel wants that."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.delivery_plan import LIVING
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Schedule
from bot.store import Store
from bot.store.engine.tables import cards, deliveries
from tests.conftest import NOON


async def account_with_card(store: Store, **different: object) -> int:
    """Return the id of an account with a card of application 1 in a channel."""
    connection = await store.connections.ensure("T1", "default", "http://clust", "token")
    row = {
        "team_id": "T1",
        "channel_id": "C1",
        "connection_id": connection.id,
        "application_id": "1",
        "message_ts": "1.1",
        "token": "x",
        "trigger": "late",
        "posted_at": NOON,
        "shown": "",
    }
    async with store.database.write() as tx:
        await tx.execute(cards.insert().values(**{**row, **different}))
    return connection.id


async def queue(store: Store, connection_id: int) -> int:
    """Queue the replies about an action on application 1."""
    return await store.action_replies.queue("T1", connection_id, "1", "U1", "Close", NOON)


async def test_a_reply_is_queued_for_the_thread_of_a_card(store: Store) -> None:
    """It names who and which action, and nothing else."""
    assert await queue(store, await account_with_card(store)) == 1
    async with store.database.read() as tx:
        (row,) = (await tx.execute(sa.select(deliveries))).mappings()
    assert (row["kind"], row["about"], row["application_id"]) == ("action", ["U1", "Close"], "1")


@pytest.mark.parametrize("different", [{"application_id": "2"}, {"lost": "gone"}, {"posted_at": NOON - LIVING}])
async def test_without_a_current_card_there_is_no_reply(store: Store, different: dict[str, object]) -> None:
    """Another application's card, a lost one and one that is too old."""
    assert await queue(store, await account_with_card(store, **different)) == 0


async def test_a_channel_can_switch_replies_about_actions_off(store: Store) -> None:
    """By a switch, or while the application is muted."""
    connection_id = await account_with_card(store)
    await store.channel_settings.save("T1", "C1", MessageStyle(action_replies=False), Schedule(), "U1", NOON)
    assert await queue(store, connection_id) == 0
    await store.channel_settings.save("T1", "C1", MessageStyle(), Schedule(), "U1", NOON)
    await store.channel_settings.mute("T1", "C1", [Mute("1", until=NOON + timedelta(hours=1))], "U1", NOON)
    assert await queue(store, connection_id) == 0
