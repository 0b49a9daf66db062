"""Saved actions are kept for an account, encrypted, and rest when its address changes (product, Kept calls)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.core.applications.model import StatusClass
from bot.core.errors import UsageError
from bot.core.forms.validation import Mistakes
from bot.core.permissions import Role
from bot.core.quotas import SAVED_ACTIONS
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import ActionState, SavedAction
from bot.store import Store, open_store
from bot.store.engine.tables import saved_actions
from tests.conftest import NOON

CLOSE = SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"))
REMIND = SavedAction(
    "Remind",
    RequestTemplate.parse("POST", "/dossiers/{id}/remind", "by={user}", "X-A: b", '{"text": "{text}"}'),
    frozenset({StatusClass.OPEN, StatusClass.PENDING}),
    Role.ADMIN,
    asks_first=False,
    done="Reminded.",
    is_pinned=True,
)


@pytest.fixture
def sealing(url: str) -> Store:
    """A store with a SECRET_KEY."""
    return open_store(url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])


async def account(store: Store, address: str = "http://clust", name: str = "default") -> int:
    """Return the id of an account at an address."""
    return (await store.connections.ensure("T1", name, address, "token")).id


async def test_an_action_comes_back_as_it_was_saved(store: Store, sealing: Store) -> None:
    """Query, headers and body are encrypted. Another account has none of it, and without the key it is left out."""
    key = await account(sealing)
    await sealing.saved_actions.save("T1", key, REMIND, "U1", NOON)
    (stored,) = await sealing.saved_actions.of(key)
    assert (stored.action, stored.state, stored.revision) == (REMIND, ActionState.READY, 1)
    assert await sealing.saved_actions.of(await account(sealing, name="other")) == []
    async with sealing.database.read() as tx:
        assert "{text}" not in str((await tx.execute(sa.select(saved_actions.c.sealed))).scalar_one())
    assert await store.saved_actions.of(key) == []
    await sealing.database.close()


async def test_without_a_key_only_what_needs_none_is_saved(store: Store) -> None:
    """The sentence names SECRET_KEY. A path alone isn't encrypted."""
    key = await account(store)
    await store.saved_actions.save("T1", key, CLOSE, "U1", NOON)
    with pytest.raises(UsageError, match="SECRET_KEY"):
        await store.saved_actions.save("T1", key, REMIND, "U1", NOON)
    assert [stored.action for stored in await store.saved_actions.of(key)] == [CLOSE]


async def test_a_name_is_given_once(store: Store) -> None:
    """Case and accents don't make another name, and built-in ones are taken."""
    key = await account(store)
    await store.saved_actions.save("T1", key, CLOSE, "U1", NOON)
    for name in ("CLÓSE", "Assign to me"):
        with pytest.raises(Mistakes):
            await store.saved_actions.save("T1", key, replace(CLOSE, name=name), "U1", NOON)


async def test_what_was_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    """A change, a removal and a confirmation name the revision that was seen."""
    key = await account(store)
    await store.saved_actions.save("T1", key, CLOSE, "U1", NOON)
    (stored,) = await store.saved_actions.of(key)
    seen = (stored.id, stored.revision)
    await store.saved_actions.save("T1", key, replace(CLOSE, name="Close it"), "U1", NOON, replaces=seen)
    with pytest.raises(UsageError, match="changed or removed"):
        await store.saved_actions.save("T1", key, CLOSE, "U1", NOON, replaces=seen)
    with pytest.raises(UsageError, match="changed or removed"):
        await store.saved_actions.remove(key, seen, NOON)
    with pytest.raises(UsageError, match="changed or removed"):
        await store.saved_actions.confirm(key, seen, NOON)
    with pytest.raises(UsageError, match="changed or removed"):
        await store.saved_actions.get(key, *seen)
    (stored,) = await store.saved_actions.of(key)
    assert (stored.action.name, stored.revision) == ("Close it", 2)
    await store.saved_actions.remove(key, (stored.id, 2), NOON)
    assert await store.saved_actions.of(key) == []


async def test_actions_rest_when_the_address_changes(store: Store) -> None:
    """They are sent to no other address until an admin confirms each."""
    key = await account(store)
    await store.saved_actions.save("T1", key, CLOSE, "U1", NOON)
    await account(store, "http://elsewhere")
    (stored,) = await store.saved_actions.of(key)
    assert stored.state is ActionState.RESTING
    await store.saved_actions.confirm(key, (stored.id, stored.revision), NOON)
    assert (await store.saved_actions.get(key, stored.id)).is_ready


async def test_what_is_imported_is_tried_first(store: Store) -> None:
    """All or none: imported actions ask first, and are ready once one of them worked."""
    key = await account(store)
    await store.saved_actions.save("T1", key, CLOSE, "U1", NOON)
    others = [replace(CLOSE, name=name, asks_first=False) for name in ("Approve", "Close")]
    with pytest.raises(Mistakes):
        await store.saved_actions.add_imported("T1", key, others, "U1", NOON)
    await store.saved_actions.add_imported("T1", key, others[:1], "U1", NOON)
    approve, close = await store.saved_actions.of(key)
    assert (approve.state, approve.action.asks_first) == (ActionState.UNTRIED, True)
    await store.saved_actions.tried(key, approve.id, NOON)
    assert [stored.is_ready for stored in await store.saved_actions.of(key)] == [True, True]
    assert close.is_ready


async def test_an_account_has_so_many_actions(store: Store) -> None:
    """An import of ten thousand is refused with a sentence."""
    key = await account(store)
    many = [replace(CLOSE, name=f"Close {number}") for number in range(10_000)]
    with pytest.raises(UsageError, match=f"{SAVED_ACTIONS.most}"):
        await store.saved_actions.add_imported("T1", key, many, "U1", NOON)
    assert await store.saved_actions.of(key) == []
