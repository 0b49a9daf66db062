"""An account and a store, and one poller's cycles between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import TRIGGERS
from bot.core.clust_api.dialect import ApiDialect
from bot.poller.cycle import CycleResult, Memory, read_cycle
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.engine.tables import events
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import Clock
from tests.polling import BASE_URL, account_of, client_of


@dataclass
class Polling:
    """An account, a store that polls it, and what polling remembers."""

    store: Store
    account: SandboxClust
    client: ClustClient
    clock: Clock
    connection_id: int
    fence: int
    rules: StatusRules = field(default_factory=StatusRules)
    memory: Memory = field(default_factory=lambda: Memory(timedelta(seconds=60)))

    async def connection(self) -> Connection:
        """Return the account as it is stored."""
        return await self.store.connections.get(self.connection_id)

    async def poll(self, before: Connection | None = None) -> CycleResult:
        """Let a minute pass and read the account once. `before`: as it was stored when the poll began."""
        self.clock.forward(60)
        connection = before or await self.connection()
        return await read_cycle(connection, self.fence, self.client, self.store, self.rules, self.memory, self.clock)

    async def is_gone(self, key: str) -> bool:
        """Return whether an application counts as gone."""
        snapshot = await self.store.applications.get(self.connection_id, key)
        assert snapshot is not None
        return snapshot.gone

    async def events(self) -> list[tuple[str, str]]:
        """Return every event so far: application and trigger, in order."""
        async with self.store.database.read() as tx:
            rows = await tx.execute(sa.select(events.c.application_id, events.c.trigger).order_by(events.c.id))
            return [(row[0], row[1]) for row in rows]

    async def subscribe(self, channel: str, **wish: Any) -> None:
        """Subscribe a channel."""
        values: dict[str, Any] = {"events": tuple(TRIGGERS), "filter": "", "limit": None, **wish}
        await self.store.subscriptions.save(
            SubscriptionRequest("T1", channel, self.connection_id, created_by="U1", zone="UTC", **values), self.clock()
        )


@asynccontextmanager
async def polling_of(
    account: SandboxClust,
    store: Store,
    clock: Clock,
    dialect: ApiDialect | None = None,
    rules: StatusRules | None = None,
) -> AsyncIterator[Polling]:
    """Connect an account, which is not read yet."""
    connection = await store.connections.ensure("T1", "default", BASE_URL, account.token)
    fence = (await store.account_shares.take("me", [connection.id], clock(), clock() + timedelta(days=1)))[
        connection.id
    ]
    async with client_of(account, dialect) as client:
        yield Polling(store, account, client, clock, connection.id, fence, rules or StatusRules())


@pytest.fixture
async def polling(store: Store, clock: Clock) -> AsyncIterator[Polling]:
    """An account with three applications, not read yet."""
    async with polling_of(account_of(clock, 3), store, clock) as polling:
        yield polling
