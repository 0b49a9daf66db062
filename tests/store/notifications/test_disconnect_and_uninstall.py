"""What is deleted of accounts and workspaces that have ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.delivery.housekeeping import Housekeeping
from bot.store import Store, open_store
from bot.store.clust.retention import GONE_KEPT
from bot.store.engine.tables import connections, installations, workspaces
from bot.store.people.installations import Installation, Tokens
from tests.conftest import NOON
from tests.delivery.conftest import Outbox

RETENTION = timedelta(days=90)


MINUTE = timedelta(minutes=1)
NAMES: dict[str, Any] = dict.fromkeys(("name", "url", "bot_user_id", "bot_id", "scopes", "installed_by"), "")


@pytest.fixture
def housekeeping(outbox: Outbox) -> Housekeeping:
    """Housekeeping on the test's clock."""
    return Housekeeping(outbox.store, outbox.clock, RETENTION)


async def test_what_is_stored_of_a_workspace_goes_a_month_after_its_end(
    outbox: Outbox, housekeeping: Housekeeping
) -> None:
    """With its accounts and what was seen of them."""
    one = Installation(outbox.team_id, is_org=False, enterprise_id=None, tokens=Tokens("xoxb-1"), **NAMES)
    await outbox.store.installations.save(one, outbox.clock())
    await outbox.happen(("1", "late"))
    await outbox.store.installations.end(outbox.team_id, outbox.clock())
    for waited, is_there in ((GONE_KEPT - MINUTE, True), (2 * MINUTE, False)):
        outbox.clock.now += waited
        await housekeeping.clean_up()
        assert bool(await outbox.store.applications.get(outbox.connection_id, "1")) is is_there


async def two_workspaces(store: Store) -> None:
    """Make an organization with two workspaces, each with an account."""
    org = Installation("E1", is_org=True, enterprise_id="E1", tokens=Tokens("xoxb-1"), **NAMES)
    await store.installations.save(org, NOON)
    for team_id in ("T1", "T2"):
        await store.installations.serve(team_id, "E1")
        await store.connections.ensure(team_id, "default", "http://clust", "token")


async def remove_ended(store: Store, before: datetime) -> list[str]:
    """Delete all that ended before a moment, and return the workspaces that did."""
    ended = store.disconnect_and_uninstall
    teams, installations = await ended.over(before)
    removed = [team_id for team_id in teams if await ended.remove_from_workspace(team_id, before)]
    for one in installations:
        await ended.remove_installation(one, before)
    return removed


async def ids(store: Store, column: sa.Column[str]) -> list[str]:
    """Return all values of a column."""
    async with store.database.read() as tx:
        return sorted((await tx.execute(sa.select(column))).scalars())


async def test_an_organization_goes_with_the_workspaces_that_it_still_serves(store: Store) -> None:
    """Not with one that has installed the app itself since then, nor as long as it serves one."""
    await two_workspaces(store)
    await store.installations.end("E1", NOON)
    own = Installation("T2", is_org=False, enterprise_id="E1", tokens=Tokens("xoxb-2"), **NAMES)
    await store.installations.save(own, NOON)
    assert await remove_ended(store, NOON) == []
    assert await remove_ended(store, NOON + MINUTE) == ["T1"]
    assert await remove_ended(store, NOON + MINUTE) == []
    assert await ids(store, connections.c.team_id) == await ids(store, workspaces.c.team_id) == ["T2"]
    assert await ids(store, installations.c.id) == ["T2"]


async def test_no_workspace_waits_while_another_one_s_data_is_deleted(postgresql_url: str) -> None:
    """At most one lock is held, whether accounts were disconnected or the app was removed."""
    store = open_store(postgresql_url, posts_per_minute=300)
    locks = list[int]()

    def note(connection: sa.Connection) -> None:
        own = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        locks.append(connection.exec_driver_sql(own).scalar_one())

    await two_workspaces(store)
    for team_id in ("T1", "T2"):
        await store.connections.end(team_id, "default", "U1", NOON)
    sa.event.listen(store.database.engine.sync_engine, "commit", note)
    await remove_ended(store, NOON + MINUTE)
    assert await ids(store, connections.c.team_id) == []
    await store.installations.end("E1", NOON)
    assert await remove_ended(store, NOON + MINUTE) == ["T1", "T2"]
    assert max(locks) == 1
    await store.database.close()


async def test_one_workspace_whose_data_can_not_be_deleted_keeps_no_other_s(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is work of its own, and each that goes is logged. The failure is reported after all."""
    await two_workspaces(store)
    await store.installations.end("E1", NOON)
    remove = store.disconnect_and_uninstall.remove_from_workspace

    async def fails_for_one(team_id: str, before: datetime) -> bool:
        if team_id == "T1":
            raise TimeoutError
        return await remove(team_id, before)

    monkeypatch.setattr(store.disconnect_and_uninstall, "remove_from_workspace", fails_for_one)
    with capture_logs() as logs, pytest.raises(TimeoutError):
        await Housekeeping(store, lambda: NOON + GONE_KEPT + MINUTE, GONE_KEPT).clean_up()
    assert [line["team"] for line in logs if line["event"] == "what was stored of a workspace is removed"] == ["T2"]
    assert await ids(store, workspaces.c.team_id) == ["T1"]
