"""The roles that admins gave."""

from __future__ import annotations

from bot.core.permissions import Role
from bot.store import Store
from bot.store.people.people import Person
from tests.conftest import NOON


async def test_a_role_is_given_replaced_and_removed(store: Store) -> None:
    """Each workspace has its own, and a second role replaces the first."""
    await store.roles.set("T1", "U1", Role.VIEWER, "U9", NOON)
    await store.roles.set("T1", "S1", Role.EDITOR, "U9", NOON)
    await store.roles.set("T2", "U1", Role.EDITOR, "U9", NOON)
    await store.roles.set("T1", "U1", Role.ADMIN, "U9", NOON)
    assert await store.roles.all("T1") == {"U1": Role.ADMIN, "S1": Role.EDITOR}
    assert await store.roles.remove("T1", "U1")
    assert await store.roles.all("T1") == {"S1": Role.EDITOR}
    assert await store.roles.all("T2") == {"U1": Role.EDITOR}


async def test_removing_a_role_that_nobody_has_changes_nothing(store: Store) -> None:
    """Removing says whether there was something to remove."""
    assert not await store.roles.remove("T1", "U1")


async def test_admin_notifications_follow_the_role(store: Store) -> None:
    """W4: a new admin gets notifications at once, and a former one gets none."""
    await store.people.remember(Person("T1", "U1", is_admin=False, zone="UTC"), NOON)
    await store.roles.set("T1", "U1", Role.ADMIN, "U9", NOON)
    assert await store.people.admins("T1") == ["U1"]
    await store.roles.remove("T1", "U1")
    assert await store.people.admins("T1") == []
    await store.roles.set("T1", "U2", Role.ADMIN, "U9", NOON)
    assert await store.people.admins("T1") == []
