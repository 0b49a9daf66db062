"""Erasing an application from the store: no personal data stays, and nothing is posted again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.applications.model import Application, Recipient, StatusClass
from bot.core.applications.triggers import TRIGGERS, Event, Snapshot
from bot.store import Store
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import applications, deliveries, drafts, events
from bot.store.notifications.subscriptions import SubscriptionRequest
from tests.conftest import Clock

LATE = {"late": 1}


def ana(key: str) -> Application:
    """Return an application that holds personal data."""
    return Application(id=key, title=f"Acme {key}", is_late=True, recipient=Recipient(email="ana@acme.example"))


async def kept(store: Store, clock: Clock, *keys: str, gone: tuple[str, ...] = (), again: bool = False) -> int:
    """Keep late applications with their event and delivery (`again`: without), and those that are gone."""
    connection = await store.connections.ensure("T1", "default", "http://clust", "token")
    await store.account_shares.take("me", [connection.id], clock.now, clock.now + timedelta(days=1))
    fence = (await store.connections.get(connection.id)).fence
    await store.subscriptions.save(
        SubscriptionRequest("T1", "C1", connection.id, "", tuple(TRIGGERS), None, "U1", "UTC"), clock.now
    )
    cycle = PollResult(
        poll=PollRow(clock.now, clock.now, 1, len(keys), len(keys)),
        seen=[PolledApplication(Snapshot(ana(key), StatusClass.OPEN, LATE), 7) for key in keys],
        absent=(),
        returned=keys if again else (),
        gone=gone,
        events=[Event("late", 1, ana(key), StatusClass.OPEN) for key in keys if not again],
        name="default",
        connection={"read_at": clock.now},
    )
    await store.polls.keep(connection.id, fence, cycle)
    return connection.id


async def stored(store: Store, table: sa.Table) -> list[Any]:
    """Return every row of a table."""
    async with store.database.read() as tx:
        return list((await tx.execute(sa.select(table))).mappings())


async def test_erasing_leaves_nothing_of_anybody(store: Store, clock: Clock) -> None:
    """Snapshot, events, deliveries and drafts about it go. Those of other applications stay."""
    connection_id = await kept(store, clock, "1", "2")
    for target in ("1", "2"):
        await store.form_drafts.open("T1", "U1", "application.update", connection_id, clock.now, target=target)
    made = await store.form_drafts.open("T1", "U1", "application.create", connection_id, clock.now)
    await store.form_drafts.begin_sending(made.id, clock.now)
    await store.form_drafts.done(made.id, "1")
    assert await store.applications.erase(connection_id, "1")
    for table in (events, deliveries):
        assert [row["application_id"] for row in await stored(store, table)] == ["2"]
    assert [row["target"] for row in await stored(store, drafts)] == ["2"]
    rows = await stored(store, applications)
    assert ["acme" in str(dict(row)).lower() for row in sorted(rows, key=lambda row: str(row["id"]))] == [False, True]


async def test_announced_state_is_kept(store: Store, clock: Clock) -> None:
    """B5, E1: id, class, lateness and occurrences stay, so that nothing is announced again."""
    connection_id = await kept(store, clock, "1")
    await store.applications.erase(connection_id, "1")
    left = await store.applications.get(connection_id, "1")
    assert left == Snapshot(Application(id="1", is_late=True), StatusClass.OPEN, LATE, changed_at=clock())


async def test_erasing_an_unknown_application_erases_nothing(store: Store, clock: Clock) -> None:
    """An unknown ID is reported as unknown. The same ID in another account is another application."""
    connection_id = await kept(store, clock, "1")
    assert not await store.applications.erase(connection_id, "9")
    assert not await store.applications.erase(connection_id + 1, "1")
    assert len(await stored(store, events)) == 1


async def test_applications_gone_for_long_are_erased(store: Store, clock: Clock) -> None:
    """Counted from when it was found gone, and what is still in Clust stays, however old."""
    connection_id = await kept(store, clock, "1", "2")
    clock.forward(86400)
    await kept(store, clock, gone=("1",))
    assert await store.applications.erase_gone(connection_id, clock.now) == 0
    clock.forward(1)
    assert await store.applications.erase_gone(connection_id, clock.now) == 1
    assert await store.applications.erase_gone(connection_id, clock.now) == 0
    assert [row["application_id"] for row in await stored(store, events)] == ["2"]
    left = await store.applications.get(connection_id, "1")
    assert left is not None
    assert (left.gone, left.application.title) == (True, None)


async def test_an_application_that_came_back_is_kept(store: Store, clock: Clock) -> None:
    """B5: an application that returned is not gone any more."""
    connection_id = await kept(store, clock, "1")
    await kept(store, clock, gone=("1",))
    await kept(store, clock, "1", again=True)
    assert await store.applications.erase_gone(connection_id, clock.forward(1)) == 0


async def test_finished_work_is_not_counted_as_late(store: Store, clock: Clock) -> None:
    """C4: neither in the count nor at the top of Home, but an unknown status may well be late."""
    connection_id = await kept(store, clock, "1", "2", "3", "4")
    classes = {"1": StatusClass.APPROVED, "2": StatusClass.CLOSED, "3": None}
    async with store.database.write() as tx:
        for key, status_class in classes.items():
            await tx.execute(applications.update().where(applications.c.id == key).values(status_class=status_class))
    assert await store.applications.late(connection_id) == 2
    longest = await store.applications.late_longest(connection_id, 10)
    assert {snapshot.application.id for snapshot, _ in longest} == {"3", "4"}
    await store.applications.erase(connection_id, "1")
    erased = await store.applications.get(connection_id, "1")
    assert erased
    assert erased.is_flagged_late, "so that it is not announced again"
