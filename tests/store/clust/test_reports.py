"""The figures of a report, read from a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.filters import language
from bot.core.reports.figures import Figures
from bot.store.clust.reports import ReportQuery
from bot.store.engine.tables import connections, day_totals
from tests.delivery.conftest import Outbox


async def figures(outbox: Outbox, typed: str = "", retention: timedelta = timedelta(days=90)) -> Figures:
    """Return the figures of a filter."""
    query = ReportQuery(language.parse(typed), 4, ZoneInfo("UTC"), retention)
    connection = await outbox.store.connections.get(outbox.connection_id)
    return await outbox.store.reports.figures(connection, query, outbox.clock())


async def baseline(outbox: Outbox, moment: datetime) -> None:
    """Let the account's baseline have been at a moment."""
    async with outbox.store.database.write() as tx:
        await tx.execute(connections.update().values(baseline_at=moment))


async def test_events_of_the_account_are_counted(outbox: Outbox) -> None:
    """By week, and how long the way to the submission took."""
    await baseline(outbox, outbox.clock() - timedelta(days=30))
    await outbox.happen(("1", "created"), ("2", "created"))
    outbox.clock.forward(36 * 3600)
    await outbox.happen(("1", "submitted"))
    result = await figures(outbox)
    assert sum(week.counts["created"] for week in result.weeks) == 2
    assert (result.steps[0].median_days, result.steps[0].measured) == (1.5, 1)
    assert result.classes == {"open": 2}
    assert len(result.weeks) == 4


async def test_a_filter_counts_the_events_of_what_it_matches(outbox: Outbox) -> None:
    """Of the others nothing, and what it can't judge is counted apart."""
    await outbox.happen(("1", "created"), ("2", "created"), ("1", "late"))
    result = await figures(outbox, 'title:"File 2"')
    assert (result.total, sum(week.counts["created"] for week in result.weeks)) == (1, 1)
    assert (await figures(outbox, "progress:>50")).left_out == 2


async def test_data_begins_with_the_baseline_or_with_what_is_kept(outbox: Outbox) -> None:
    """Whichever is later, and before a baseline there is none."""
    assert (await figures(outbox)).since is None
    now = outbox.clock().astimezone(UTC)
    await baseline(outbox, now - timedelta(days=3))
    assert (await figures(outbox)).since == now - timedelta(days=3)
    await baseline(outbox, now - timedelta(days=300))
    assert (await figures(outbox)).since == now - timedelta(days=90)


async def test_what_is_erased_is_not_named(outbox: Outbox) -> None:
    """An overdue application that isn't stored is left out, and the others are named as they are stored now."""
    await outbox.happen(("1", "late"))
    named = Figures(classes={}, overdue=({"id": "1"}, {"id": "gone"}))
    (one,) = await outbox.store.reports.overdue(outbox.connection_id, named)
    assert (one[0].title, one[1]) == ("File 1", None)


async def test_totals_outlive_the_events(outbox: Outbox) -> None:
    """What retention removed is still counted, without ids, though a filter can't know of it."""
    start = outbox.clock()
    await baseline(outbox, start)
    await outbox.happen(("1", "created"), ("2", "created"))
    outbox.clock.forward(86400)
    await outbox.happen(("1", "submitted"))
    outbox.clock.forward(2 * 86400)
    store, now = outbox.store, outbox.clock()
    assert await store.reports.without_totals(now, 5) == [outbox.connection_id]
    await store.reports.keep_totals(outbox.connection_id, now)
    await store.reports.keep_totals(outbox.connection_id, now)
    assert await store.reports.without_totals(now, 5) == []
    before = await figures(outbox, retention=timedelta(days=1))
    assert await store.retention.remove(now - timedelta(days=1), now)
    after = await figures(outbox, retention=timedelta(days=1))
    assert (after.weeks, after.steps) == (before.weeks, before.steps)
    assert (sum(week.counts["created"] for week in after.weeks), after.steps[0].median_days) == (2, 1.0)
    assert after.since == start
    filtered = await figures(outbox, "title:file", retention=timedelta(days=1))
    assert sum(week.counts["created"] for week in filtered.weeks) == 0
    assert filtered.since == now - timedelta(days=1)


async def test_totals_of_the_next_days_are_added(outbox: Outbox) -> None:
    """Each day once. An account without a baseline, or that was disconnected, has none."""
    assert await outbox.store.reports.without_totals(outbox.clock(), 5) == []
    await baseline(outbox, outbox.clock())
    await outbox.happen(("1", "created"))
    for _day in range(3):
        outbox.clock.forward(86400)
        await outbox.happen(("1", "submitted"))
        await outbox.store.reports.keep_totals(outbox.connection_id, outbox.clock())
    async with outbox.store.database.read() as tx:
        rows = (await tx.execute(sa.select(day_totals).order_by(day_totals.c.day, day_totals.c.trigger))).all()
    assert [(row.trigger, row.number, row.hours, row.unknown) for row in rows] == [
        ("created", 1, {}, 0),
        ("submitted", 1, {"24": 1}, 0),
        ("submitted", 1, {}, 0),
    ]
