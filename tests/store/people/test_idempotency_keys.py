"""Idempotency keys: what is done once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.store import Store
from tests.conftest import NOON

DAY = timedelta(days=1)


async def test_a_key_is_claimed_once_until_its_time_is_over(store: Store) -> None:
    """Each workspace has its own, and a key whose time is over can be claimed again."""
    assert await store.idempotency_keys.claim("T1", "message C1 1.0", NOON, DAY)
    assert not await store.idempotency_keys.claim("T1", "message C1 1.0", NOON + DAY / 2, DAY)
    assert await store.idempotency_keys.claim("T2", "message C1 1.0", NOON, DAY)
    assert await store.idempotency_keys.claim("T1", "message C1 1.0", NOON + DAY, DAY)
    assert not await store.idempotency_keys.claim("T1", "message C1 1.0", NOON + DAY, DAY)


async def test_one_of_many_claims_an_idempotency_key(store: Store) -> None:
    """Several deliveries of an event may arrive together, at several processes."""
    claims = await asyncio.gather(*(store.idempotency_keys.claim("T1", "k", NOON, DAY) for _number in range(8)))
    assert claims.count(True) == 1


async def test_old_keys_are_removed(store: Store) -> None:
    """Those that are still needed stay."""
    await store.idempotency_keys.claim("T1", "old", NOON, DAY)
    await store.idempotency_keys.claim("T1", "new", NOON, DAY * 2)
    assert await store.idempotency_keys.remove_expired(NOON + DAY) == 1
    assert not await store.idempotency_keys.claim("T1", "new", NOON + DAY, DAY)
