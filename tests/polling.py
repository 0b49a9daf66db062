"""What polls the accounts of one workspace in one process, as tests need it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.poller import Polled, PollSchedule
from bot.poller.loop import Poller, PollTiming
from bot.store import Store
from bot.store.clust.connections import Connection


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
    """Return the schedule of the process `owner`; every account is read by `client`."""

    async def open_client(_connection: Connection) -> ClustClient:
        return client

    def poller(connection_id: int) -> Poller:
        parsed = StatusRules.parse(rules)
        return Poller(connection_id, store, parsed, rules, timing, clock, lambda _: None, polled)

    return PollSchedule(owner, workspace, store, open_client, poller, timing, clock)
