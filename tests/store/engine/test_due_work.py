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
from bot.store.engine.tables import admin_notifications, cards, deliveries, floods, look_ups, rounds

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

TEAMS = 1000
ROWS = 200_000


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


def turn(number: int, team_id: str) -> dict[str, Any]:
    """Return the turn of something in a round; half of them have come."""
    kind = ("channel", "person", "reminder")[number % 3]
    due_at = NOW + timedelta(days=number % 2)
    return {"team_id": team_id, "kind": kind, "subject_id": str(number), "due_at": due_at, "strikes": 0}


def notification(number: int, team_id: str) -> dict[str, Any]:
    """Return what people are to be told; half of it is to be told now."""
    row = {"team_id": team_id, "subject": str(number), "kind": "x", "content": "", "own": [], "is_personal": False}
    return {**row, "reached": [], "failures": {}, "created_at": NOW, "due_at": NOW + timedelta(days=number % 2)}


async def fill(store: Store, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Put rows into a table."""
    async with store.database.write() as tx:
        await tx.execute(table.insert(), rows)


async def test_each_workspace_says_its_earliest_moment(store: Store) -> None:
    """Of every kind of work; what is sent, held or shown as it is makes no work."""
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
    assert set(await store.due_works.outbox()) == {
        DueWork("T1", WorkKind.POST, NOW),
        DueWork("T7", WorkKind.POST, later),
        DueWork("T2", WorkKind.SETTLE, later),
        DueWork("T3", WorkKind.SETTLE, later),
        DueWork("T4", WorkKind.SETTLE, NOW),
        DueWork("T1", WorkKind.REDRAW, later),
        DueWork("T9", WorkKind.REDRAW, NOW),
        DueWork("T7", WorkKind.REDRAW, NOW),
    }


@pytest.fixture(scope="module")
def crowd() -> list[str]:
    """The ids of many workspaces."""
    return [f"T{number:04}" for number in range(TEAMS)]


@pytest.fixture
async def crowded(postgresql_url: str, crowd: list[str]) -> AsyncIterator[Store]:
    """A database in which half of 200,000 rows wait, as PostgreSQL knows."""
    store = open_store(postgresql_url, posts_per_minute=300)
    await store.connections.ensure("T1", "default", "https://clust.invalid/api", "token")
    waiting = (State.PENDING, State.SENDING, State.UNCLEAR, State.SENT, State.SENT, State.SENT)
    for start in range(0, ROWS, 10_000):
        numbers = [(number, crowd[number % TEAMS]) for number in range(start, start + 10_000)]
        states = [delivery(number, team, waiting[number % 6], lease_until=NOW) for number, team in numbers]
        await fill(store, deliveries, states)
        await fill(store, cards, [card(number, team, NOW if number % 2 else None) for number, team in numbers])
        await fill(store, rounds, [turn(number, team) for number, team in numbers])
        await fill(store, admin_notifications, [notification(number, team) for number, team in numbers])
    async with store.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(sa.text("ANALYZE"))
    yield store
    await store.database.close()


def scans(plan: Any) -> Iterator[tuple[str, str]]:
    """Give the kind and the table of each scan of a plan."""
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
        big = {table.name for table in (deliveries, cards, rounds, admin_notifications)}
        assert whole & big == set(), name
    assert len(await crowded.due_works.outbox()) >= TEAMS
