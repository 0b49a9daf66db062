"""What is asked about each row that waits costs a look into an index, also when PostgreSQL expects few to wait."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.notifications.states import State
from bot.store import open_store
from bot.store.engine.tables import deliveries, paces
from bot.store.notifications.digests import let_come_first
from tests.store.engine.test_due_work import NOW, delivery, fill

WAITING = 500
MAX_ROWS = 20
"""Read or compared, for each that waits."""


def rows_read(plan: Any) -> int:
    """Return how many rows the parts of an executed plan gave or threw away."""
    kinds = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own = int(sum(plan.get(kind, 0) for kind in kinds) * plan["Actual Loops"])
    return own + sum(rows_read(part) for part in plan.get("Plans", ()))


async def test_what_waits_is_not_compared_with_all_else_that_waits(postgresql_url: str) -> None:
    """E2: a flood comes after PostgreSQL last looked, so that it expects that nothing waits in this workspace."""
    store, statements = open_store(postgresql_url, posts_per_minute=300), list[tuple[str, Any]]()
    await store.connections.ensure("T1", "default", "https://clust.invalid/api", "token")
    await fill(store, deliveries, [delivery(number, "T0", State.SENT) for number in range(1, 31)])
    async with store.database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(sa.text("ANALYZE deliveries"))
    await fill(
        store,
        deliveries,
        [
            delivery(100 + number, "T1", State.PENDING, kind="reminder", channel_id=f"C{number % 20}")
            for number in range(WAITING)
        ],
    )

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "FROM deliveries" in statement:
            statements.append((statement, parameters))

    sa.event.listen(store.database.engine.sync_engine, "before_cursor_execute", keep)
    assert await store.outbox.next_due("T1", NOW)
    async with store.database.write(lock="T1") as tx:
        await let_come_first(tx, "T1", NOW)
    assert await store.outbox.claim("T1", "me", NOW, timedelta(seconds=30), 20)
    sa.event.remove(store.database.engine.sync_engine, "before_cursor_execute", keep)
    async with store.database.write() as writing:
        await writing.execute(paces.delete())
        for statement, parameters in statements:
            await writing.execute(deliveries.update().where(deliveries.c.team_id == "T1").values(state=State.PENDING))
            rows = await writing.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
            plan = rows.scalar_one()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            assert rows_read(plan[0]["Plan"]) < MAX_ROWS * WAITING, statement
    assert {statement.partition(" ")[0] for statement, _ in statements} == {"SELECT", "UPDATE"}
    await store.database.close()
