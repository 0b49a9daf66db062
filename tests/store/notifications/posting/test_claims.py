"""Deliveries of several workspaces are claimed in one transaction, and none of them waits for another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.store import Store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.notifications.outbox_messages import Claim
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import NOON

LEASE = timedelta(minutes=1)


async def waiting(store: Store, team_id: str, channels: int = 1) -> None:
    """Let a notification wait in so many channels of a workspace."""
    connection = await store.connections.ensure(team_id, "default", "http://clust/api", "token")
    fences = await store.account_shares.take("poller", [connection.id], NOON, NOON + LEASE)
    for number in range(channels):
        wish = SubscriptionRequest(team_id, f"C{number}", connection.id, "", ("late",), None, "U1", "UTC")
        await store.subscriptions.save(wish, NOON)
    application = Application(id="1", title="Acme")
    seen = [PolledApplication(Snapshot(application, StatusClass.OPEN), 1)]
    events = [Event("late", 1, application, StatusClass.OPEN)]
    poll = PollRow(NOON, NOON, 1, 1, 1)
    result = PollResult(poll, seen, [], [], [], events, "default", {"read_at": NOON})
    await store.polls.keep(connection.id, fences[connection.id], result)
    await store.polls.tick(connection.id, fences[connection.id], 20, NOON)


async def claimed(store: Store, team_id: str, owner: str = "me", most: int = 9) -> list[Claim]:
    """Claim what waits in a workspace."""
    return await store.outbox.claim(team_id, owner, NOON, LEASE, most)


async def test_each_workspace_gets_its_own(store: Store) -> None:
    """As many as it asks for, in order, once."""
    for team_id, channels in (("T1", 1), ("T2", 3), ("T3", 3)):
        await waiting(store, team_id, channels)
    claims = await asyncio.gather(claimed(store, "T1"), claimed(store, "T2", most=2), claimed(store, "T3"))
    assert [[(claim.team_id, claim.channel_id) for claim in of_team] for of_team in claims] == [
        [("T1", "C0")],
        [("T2", "C0"), ("T2", "C1")],
        [("T3", "C0"), ("T3", "C1"), ("T3", "C2")],
    ]
    again = await asyncio.gather(claimed(store, "T1"), claimed(store, "T2"), claimed(store, "T3"))
    assert [len(of_team) for of_team in again] == [0, 1, 0]


async def test_what_two_claim_at_once_is_one_s(store: Store) -> None:
    """T3: in whose name a process asks, and however often."""
    for team_id in ("T1", "T2"):
        await waiting(store, team_id)
    owners = ("a", "b", "a", "b")
    claims = await asyncio.gather(*(claimed(store, team, owner) for team in ("T1", "T2") for owner in owners))
    assert sorted(claim.team_id for of_one in claims for claim in of_one) == ["T1", "T2"]


async def test_a_workspace_that_is_locked_is_claimed_for_later(store: Store) -> None:
    """Another workspace doesn't wait for it. SQLite has one writer, so there everyone waits."""
    for team_id in ("T1", "T2"):
        await waiting(store, team_id)
    async with store.database.write(lock="T1"):
        both = [asyncio.create_task(claimed(store, team_id)) for team_id in ("T1", "T2")]
        if not store.database.is_sqlite:
            assert [claim.team_id for claim in await both[1]] == ["T2"]
            assert not both[0].done()
    assert [len(await task) for task in both] == [1, 1]
