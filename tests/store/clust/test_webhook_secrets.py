"""A webhook's secret is kept as a hash and encrypted, and one that was replaced lasts for seven more days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.core.errors import UsageError
from bot.store import Store, open_store
from bot.store.engine.tables import webhooks
from tests.conftest import NOON

WEEK = timedelta(days=7)


@pytest.fixture
async def sealing(url: str) -> AsyncIterator[Store]:
    """A store with a SECRET_KEY."""
    store = open_store(url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])
    yield store
    await store.database.close()


async def account(store: Store, name: str = "default") -> int:
    """Return the id of an account."""
    return (await store.connections.ensure("T1", name, "http://clust", "token")).id


async def test_each_account_has_one_secret(store: Store, sealing: Store) -> None:
    """It is made when it is first needed, stays the same, and is stored nowhere in the clear."""
    first, other = await account(sealing), await account(sealing, "other")
    secrets = sealing.webhook_secrets
    secret = await secrets.current(first, "T1", "U1", NOON)
    assert await secrets.current(first, "T1", "U2", NOON) == secret
    assert await secrets.current(other, "T1", "U1", NOON) != secret
    assert await secrets.connection_of(secret, NOON) == first
    assert await secrets.connection_of(secret[:-1], NOON) is None
    async with store.database.read() as tx:
        assert secret not in str((await tx.execute(sa.select(webhooks))).all())


async def test_a_replaced_secret_lasts_a_week(store: Store, sealing: Store) -> None:
    """Applications in Clust keep calling the old address until then, but after a second one it is removed."""
    key, secrets = await account(sealing), sealing.webhook_secrets
    old = await secrets.current(key, "T1", "U1", NOON)
    await secrets.rotate(key, "T1", "U1", NOON)
    new = await secrets.current(key, "T1", "U1", NOON)
    assert new != old
    assert await secrets.connection_of(old, NOON + WEEK - timedelta(seconds=1)) == key
    assert await secrets.connection_of(old, NOON + WEEK) is None
    assert await secrets.connection_of(new, NOON + 2 * WEEK) == key
    await secrets.rotate(key, "T1", "U1", NOON + WEEK)
    async with store.database.read() as tx:
        assert len((await tx.execute(sa.select(webhooks.c.id))).all()) == 2


async def test_without_a_key_none_is_made(store: Store, sealing: Store) -> None:
    """The sentence names SECRET_KEY. One that no key decrypts is replaced as by an admin."""
    key = await account(sealing)
    with pytest.raises(UsageError, match="SECRET_KEY"):
        await store.webhook_secrets.current(key, "T1", "U1", NOON)
    old = await sealing.webhook_secrets.current(key, "T1", "U1", NOON)
    async with store.database.write() as tx:
        await tx.execute(webhooks.update().values(sealed="?"))
    assert await sealing.webhook_secrets.current(key, "T1", "U1", NOON) != old
    assert await sealing.webhook_secrets.connection_of(old, NOON) == key


async def test_a_disconnected_account_takes_no_webhooks(sealing: Store) -> None:
    """Its secret is wrong from then on."""
    key = await account(sealing)
    secret = await sealing.webhook_secrets.current(key, "T1", "U1", NOON)
    await sealing.connections.end("T1", "default", "U1", NOON)
    assert await sealing.webhook_secrets.connection_of(secret, NOON) is None
