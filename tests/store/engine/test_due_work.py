"""What is due in which workspace, asked of the database once for all of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.notifications.states import State
from bot.store import Store, open_store
from bot.store.engine.due_work import STATEMENTS, DueWork, WorkKind
from bot.store.engine.tables import cards, deliveries, floods, look_ups

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

TEAMS = 1000
ROWS = 200_000

PLACE = {"team_id": f"'T' || n % {TEAMS}", "channel_id": "'C1'"}
HALF_DUE = "now() + (n % 2) * interval '1 day'"

MANY = {
    "deliveries": {
        **PLACE,
        "id": "n",
        "token": "n",
        "connection_id": "1",
        "application_id": "n",
        "trigger": "'late'",
        "subscription_ids": "'[]'",
        "state": "(ARRAY['pending', 'sending', 'unclear', 'sent', 'sent', 'sent'])[n % 6 + 1]",
        "attempts": "0",
        "created_at": "now()",
        "due_at": "now()",
        "lease_until": "now()",
        "fence": "0",
    },
    "cards": {
        **PLACE,
        "connection_id": "1",
        "application_id": "n",
        "message_ts": "'1.0'",
        "token": "n",
        "trigger": "'late'",
        "posted_at": "now()",
        "shown": "''",
        "dirty_at": "CASE n % 2 WHEN 0 THEN now() END",
    },
    "rounds": {
        "team_id": PLACE["team_id"],
        "kind": "(ARRAY['channel', 'person', 'reminder'])[n % 3 + 1]",
        "subject_id": "n",
        "due_at": HALF_DUE,
        "strikes": "0",
    },
    "notices": {
        "team_id": PLACE["team_id"],
        "subject": "n",
        "kind": "'x'",
        "content": "''",
        "own": "'[]'",
        "is_personal": "false",
        "reached": "'[]'",
        "failures": "'{}'",
        "created_at": "now()",
        "due_at": HALF_DUE,
    },
}
"""Tables of which half of the rows wait, in as many workspaces: an SQL expression for each column, of the number n."""


def delivery(number: int, team_id: str, state: State, **values: Any) -> dict[str, Any]:
    """Return a row of the outbox."""
    row = {"id": number, "token": f"t{number}", "team_id": team_id, "channel_id": "C1", "connection_id": 1}
    row |= {"application_id": str(number), "trigger": "late", "subscription_ids": [], "state": state, "attempts": 0}
    return {**row, "created_at": NOW, "due_at": NOW, "fence": 0, "lease_until": None, "look_up_id": None, **values}


def card(number: int, team_id: str, dirty_at: datetime | None) -> dict[str, Any]:
    """Return a card."""
    row = {"team_id": team_id, "channel_id": "C1", "connection_id": 1, "application_id": str(number)}
    return {
        **row,
        "message_ts": "1.0",
        "token": "t",
        "trigger": "late",
        "posted_at": NOW,
        "shown": "",
        "dirty_at": dirty_at,
    }


async def fill(store: Store, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Put rows into a table."""
    async with store.database.write() as tx:
        await tx.execute(table.insert(), rows)


async def test_each_workspace_says_its_earliest_moment(store: Store) -> None:
    """Of every kind of work, but what is sent, held or shown as it is makes no work."""
    later = NOW + timedelta(minutes=1)
    await store.connections.ensure("T1", "default", "https://clust.invalid/api", "token")
    rows = [
        delivery(1, "T1", State.PENDING, due_at=later),
        delivery(2, "T1", State.PENDING),
        delivery(3, "T2", State.SENDING, lease_until=later),
        delivery(4, "T3", State.UNCLEAR, due_at=later),
        delivery(5, "T4", State.UNCLEAR, look_up_id="l"),
        delivery(6, "T5", State.SENT),
        delivery(7, "T6", State.HELD),
        delivery(8, "T7", State.PENDING, due_at=later),
    ]
    await fill(store, deliveries, rows)
    period = {"oldest": NOW, "latest": NOW, "began_at": NOW, "turn_at": NOW, "posts": {}}
    await fill(store, look_ups, [{"id": "l", "team_id": "T4", "channel_id": "C1", "due_at": NOW, **period}])
    await fill(store, cards, [card(1, "T1", later), card(2, "T8", None), card(3, "T9", NOW)])
    await fill(
        store, floods, [{"delivery_id": 8, "team_id": "T7", "channel_id": "C1", "opened_at": NOW, "dirty_at": NOW}]
    )
    assert set(await store.due_work.outbox()) == {
        DueWork("T1", WorkKind.POST, NOW),
        DueWork("T7", WorkKind.POST, later),
        DueWork("T2", WorkKind.RESOLVE, later),
        DueWork("T3", WorkKind.RESOLVE, later),
        DueWork("T4", WorkKind.RESOLVE, NOW),
        DueWork("T1", WorkKind.CARD_UPDATE, later),
        DueWork("T9", WorkKind.CARD_UPDATE, NOW),
        DueWork("T7", WorkKind.CARD_UPDATE, NOW),
    }


@pytest.fixture
async def crowded(postgresql_url: str) -> AsyncIterator[Store]:
    """A database in which half of 200,000 rows wait, as PostgreSQL knows."""
    store = open_store(postgresql_url, posts_per_minute=300)
    await store.connections.ensure("T1", "default", "https://clust.invalid/api", "token")
    async with store.database.write() as tx:
        for table, columns in MANY.items():
            names, values = ", ".join(columns), ", ".join(columns.values())
            filling = f"INSERT INTO {table} ({names}) SELECT {values}"
            await tx.execute(sa.text(f"{filling} FROM generate_series(1, {ROWS}) n"))
    async with store.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(sa.text("ANALYZE"))
    yield store
    await store.database.close()


def scans(plan: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind and the table of each scan of a plan."""
    if "Relation Name" in plan:
        yield plan["Node Type"], plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from scans(part)


@pytest.mark.long
async def test_no_due_statement_reads_a_whole_table(crowded: Store) -> None:
    """PostgreSQL serves each of them by indexes, with half of 200,000 rows waiting."""
    for name, statement in STATEMENTS.items():
        dialect = crowded.database.engine.dialect
        compiled = statement().compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        async with crowded.database.read() as tx:
            plan = (await tx.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}")).scalar_one()
        plan = json.loads(plan) if isinstance(plan, str) else plan
        whole = {table for node, table in scans(plan[0]["Plan"]) if node == "Seq Scan"}
        big = set(MANY)
        assert whole & big == set(), name
    assert len(await crowded.due_work.outbox()) >= TEAMS
