"""What people can make is bounded in number, on both databases (issue 14, B10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import UsageError
from bot.core.notifications.mutes import Mute
from bot.core.permissions import Role
from bot.core.quotas import ACCOUNTS, MAX_DRAFTS, MUTES, ROLES, STATUSES, SUBSCRIPTIONS
from bot.store import Store, open_store
from bot.store.engine.tables import connections, drafts, mutes, roles, subscriptions
from bot.store.notifications.subscriptions import SubscriptionRequest, SubscriptionRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
async def connection_id(store: Store) -> int:
    """A connection."""
    return (await store.connections.ensure("T1", "default", "https://clust.invalid/api", "token")).id


async def subscribe(store: Store, connection_id: int, number: int, channel: str = "C1") -> SubscriptionRow:
    """Subscribe a channel to one title."""
    wish = SubscriptionRequest("T1", channel, connection_id, f"title:{number}", ("late",), None, "U1", "UTC")
    return (await store.subscriptions.save(wish, NOW))[0]


async def count(store: Store, table: sa.Table) -> int:
    """Return how many rows a table has."""
    async with store.database.read() as tx:
        return int((await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def test_subscriptions_of_a_channel(store: Store, connection_id: int) -> None:
    """B10: the 51st is refused, but another channel, a change of one, and one after another ended are not."""
    rows = [await subscribe(store, connection_id, number) for number in range(SUBSCRIPTIONS.most)]
    with pytest.raises(UsageError, match="can have at most 50 subscriptions"):
        await subscribe(store, connection_id, 99)
    await subscribe(store, connection_id, 0)
    other = await subscribe(store, connection_id, 99, "C2")
    with pytest.raises(UsageError, match="can have at most 50 subscriptions"):
        await store.orphans.move("T1", "C2", [other.id], "C1", NOW)
    await store.subscriptions.end("T1", [rows[-1].id], TRIGGERS, "U1")
    await subscribe(store, connection_id, 99)
    with pytest.raises(UsageError, match="can have at most 50 subscriptions"):
        await subscribe(store, connection_id, SUBSCRIPTIONS.most - 1)


async def test_subscriptions_that_ended(store: Store, connection_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """B10: a person who subscribes and ends it again and again leaves no more than so many rows."""
    monkeypatch.setattr("bot.store.notifications.subscriptions.MAX_ENDED", 10)
    for number in range(15):
        row = await subscribe(store, connection_id, number)
        await store.subscriptions.end("T1", [row.id], TRIGGERS, "U1")
    assert await count(store, subscriptions) <= 10 + 1


async def test_mutes_of_a_channel(store: Store, connection_id: int) -> None:
    """B10: more than 200 are refused, and none of those that were asked for is kept.

    What is over doesn't count any more.
    """

    def some(first: int, number: int, until: datetime | None = None) -> list[Mute]:
        return [Mute(str(one), "", until, connection_id) for one in range(first, first + number)]

    await store.channel_settings.mute("T1", "C1", some(0, MUTES.most - 1, NOW + timedelta(hours=1)), "U1", NOW)
    with pytest.raises(UsageError, match="can have at most 200 mutes"):
        await store.channel_settings.mute("T1", "C1", some(1000, 2), "U1", NOW)
    assert await count(store, mutes) == MUTES.most - 1
    await store.channel_settings.mute("T1", "C1", some(0, MUTES.most, NOW + timedelta(hours=1)), "U1", NOW)
    await store.channel_settings.mute("T1", "C2", some(0, 2), "U1", NOW)
    await store.channel_settings.mute("T1", "C1", some(1000, 2), "U1", NOW + timedelta(hours=2))


async def test_roles_of_a_workspace(store: Store) -> None:
    """B10: so many, and a change of one is none more."""
    given = {"team_id": "T1", "kind": "user", "role": "viewer", "given_by": "U1", "given_at": NOW}
    async with store.database.write() as tx:
        await tx.execute(roles.insert(), [{**given, "subject_id": f"U{number}"} for number in range(ROLES.most - 1)])
    await store.roles.set("T1", "ULAST", Role.VIEWER, "U1", NOW)
    with pytest.raises(UsageError, match="At most 500 people and groups can have a role"):
        await store.roles.set("T1", "UMORE", Role.VIEWER, "U1", NOW)
    await store.roles.set("T1", "U0", Role.EDITOR, "U1", NOW)
    await store.roles.set("T2", "UMORE", Role.VIEWER, "U1", NOW)


async def test_accounts_of_a_workspace(url: str) -> None:
    """B10: so many, disconnected ones among them.

    A change of one isn't one more, and that of the settings is let in.
    """
    store = open_store(url, posts_per_minute=300, secret_keys=[Fernet.generate_key().decode()])
    for number in range(ACCOUNTS.most):
        await store.connections.connect("T1", f"a{number}", "https://x/api", "api-key-1", "U1", NOW)
    assert await store.connections.end("T1", "a1", "U1", NOW) == []
    with pytest.raises(UsageError, match="can have at most 100 Clust accounts"):
        await store.connections.connect("T1", "more", "https://x/api", "api-key-1", "U1", NOW)
    await store.connections.connect("T1", "a0", "https://x/api", "api-key-2", "U1", NOW)
    await store.connections.ensure("T1", "default", "https://x/api", "token")
    await store.database.close()


async def test_meanings_of_status_codes(store: Store, connection_id: int) -> None:
    """B10: so many of one account, and a change of one is none more."""
    chosen = {f"code-{number}": "open" for number in range(STATUSES.most - 1)}
    async with store.database.write() as tx:
        await tx.execute(connections.update().values(chosen_status=chosen))
    await store.connections.choose_status(connection_id, "last", "open")
    with pytest.raises(UsageError, match="500 status codes"):
        await store.connections.choose_status(connection_id, "more", "open")
    await store.connections.choose_status(connection_id, "code-0", "closed")


async def test_drafts_of_a_person(store: Store, connection_id: int) -> None:
    """B10: of forms that someone opens and leaves the newest are kept.

    Those that are being sent stay, and other people's.
    """
    first = await store.form_drafts.open("T1", "U1", "application.create", connection_id, NOW)
    assert await store.form_drafts.begin_sending(first.id, NOW)
    await store.form_drafts.open("T1", "U2", "application.create", connection_id, NOW)
    opened = [
        await store.form_drafts.open("T1", "U1", "application.create", connection_id, NOW + timedelta(seconds=number))
        for number in range(MAX_DRAFTS + 5)
    ]
    assert await count(store, drafts) == MAX_DRAFTS + 2
    assert await store.form_drafts.get(first.id, "T1", "U1", NOW)
    assert await store.form_drafts.get(opened[0].id, "T1", "U1", NOW) is None
    assert await store.form_drafts.get(opened[-1].id, "T1", "U1", NOW)
