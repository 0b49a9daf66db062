"""An account and what polls it in one process, as tests need them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.dialect import ApiDialect
from bot.poller import Polled, PollSchedule
from bot.poller.loop import Poller, PollTiming
from bot.sandbox.clust.serving import SandboxClustTransport
from bot.sandbox.clust.stand_in import SandboxClust
from bot.store import Store
from bot.store.clust.connections import Connection

BASE_URL = "http://clust/api"
"""Where the accounts are said to be. Nothing is sent there."""


def account_of(clock: Callable[[], datetime], applications: int) -> SandboxClust:
    """Return an account with so many applications."""
    account = SandboxClust(clock=clock)
    for _ in range(applications):
        account.add()
    return account


def client_of(account: SandboxClust, dialect: ApiDialect | None = None) -> ClustClient:
    """Return a client of an account that retries without a pause."""

    async def no_wait(_seconds: float) -> None:
        return

    transport = SandboxClustTransport(account)
    return ClustClient(BASE_URL, account.token, transport=transport, sleep=no_wait, dialect=dialect)


def poll_schedule(
    owner: str,
    workspace: str,
    client: ClustClient,
    store: Store,
    clock: Callable[[], datetime],
    timing: PollTiming,
    *,
    rules: str = "",
    polled: Callable[[Polled], None] = lambda _: None,
) -> PollSchedule:
    """Return the schedule of the process `owner`, in which every account is read by `client`."""

    async def open_client(_connection: Connection) -> ClustClient:
        return client

    def poller(connection_id: int) -> Poller:
        parsed = StatusRules.parse(rules)
        return Poller(connection_id, store, parsed, rules, timing, clock, lambda _: None, polled)

    return PollSchedule(owner, workspace, store, open_client, poller, timing, clock)
