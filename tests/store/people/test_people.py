"""People who have used the bot: what is remembered of them, each workspace by itself."""

from __future__ import annotations

from bot.store import Store
from bot.store.people.people import Person
from tests.conftest import Clock


async def test_what_slack_said_last_counts(store: Store, clock: Clock) -> None:
    """W4: an admin who is demoted is none of the admins any more. Other workspaces are left alone."""
    assert not await store.people.is_known("T1", "U1")
    for team_id, user_id, is_admin in (("T1", "U2", True), ("T1", "U1", True), ("T2", "U1", True), ("T1", "U3", False)):
        await store.people.remember(Person(team_id, user_id, is_admin, "UTC"), clock())
    assert await store.people.is_known("T1", "U1")
    assert await store.people.admins("T1") == ["U1", "U2"]
    await store.people.remember(Person("T1", "U1", is_admin=False, zone="Europe/Lisbon"), clock.forward(60))
    assert await store.people.admins("T1") == ["U2"]
    assert await store.people.admins("T2") == ["U1"]


async def test_mentions_are_wanted_until_someone_says_no(store: Store, clock: Clock) -> None:
    """Also by someone who has never used the bot, and Slack's next answer doesn't undo the choice."""
    assert await store.people.wants_mentions("T1", "U1")
    await store.people.remember(Person("T1", "U1", is_admin=False, zone="UTC"), clock())
    await store.people.set_mentions("T1", "U1", is_on=False)
    await store.people.remember(Person("T1", "U1", is_admin=True, zone="UTC"), clock())
    assert not await store.people.wants_mentions("T1", "U1")
    assert await store.people.wants_mentions("T2", "U1")
