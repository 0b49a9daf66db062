"""What housekeeping deletes, and that it keeps what isn't old enough."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.delivery.housekeeping import HOUSEKEEPING_SECONDS, Housekeeping
from bot.store.clust.retention import GONE_KEPT
from bot.store.people.audit import AuditEntry, AuditOutcome, AuditQuery
from tests.delivery.conftest import Outbox

RETENTION = timedelta(days=90)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def housekeeping(outbox: Outbox) -> Housekeeping:
    """Housekeeping on the test's clock."""
    return Housekeeping(outbox.store, outbox.clock, RETENTION)


async def test_what_is_kept_for_a_time_goes_when_it_is_over(outbox: Outbox, housekeeping: Housekeeping) -> None:
    """`RETENTION_DAYS` after it was written, and no minute before."""
    await outbox.store.audit.write(outbox.team_id, AuditEntry(outbox.clock(), "U1", "update", AuditOutcome.OK, "1"))
    for waited, left in ((RETENTION - MINUTE, 1), (2 * MINUTE, 0)):
        outbox.clock.now += waited
        await housekeeping.clean_up()
        assert len(await outbox.store.audit.page(outbox.team_id, AuditQuery(), 10)) == left


async def test_what_is_gone_in_clust_is_erased_a_month_later(outbox: Outbox, housekeeping: Housekeeping) -> None:
    """What is stored of an application, counted from when it was found gone."""
    await outbox.happen(("1", "late"))
    await outbox.lose("1")
    for waited, title in ((GONE_KEPT - MINUTE, "File 1"), (2 * MINUTE, None)):
        outbox.clock.now += waited
        await housekeeping.clean_up()
        snapshot = await outbox.store.applications.get(outbox.connection_id, "1")
        assert snapshot
        assert snapshot.application.title == title


async def test_the_first_run_is_a_minute_after_the_start(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then, what people wait for comes first. The event loop's time is the test's here."""
    loop, stop, begun = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    now = loop.time()

    def clock() -> datetime:
        begun.set()
        return outbox.clock()

    monkeypatch.setattr(loop, "time", lambda: now)
    running = asyncio.create_task(Housekeeping(outbox.store, clock, RETENTION).run(stop))
    for waited, is_begun in ((0, False), (HOUSEKEEPING_SECONDS - 1, False), (1, True)):
        now += waited
        for _turn in range(5):
            await asyncio.sleep(0)
        assert begun.is_set() is is_begun
    stop.set()
    await running
