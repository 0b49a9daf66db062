"""What a poll keeps is kept as a whole, by the process that has the lease (rule T3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Event, Snapshot
from bot.store.clust.connections import LeaseLost
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import events, polls
from tests.delivery.conftest import Outbox


def late(outbox: Outbox, key: str) -> PollResult:
    """Return a cycle in which an application became late."""
    now, application = outbox.clock(), Application(id=key, title=f"File {key}")
    seen = PolledApplication(Snapshot(application, StatusClass.OPEN), 7)
    event = Event("late", 1, application, StatusClass.OPEN)
    return PollResult(PollRow(now, now, 1, 1, 1), [seen], [], [], [], [event], "default", {"read_at": now})


async def count(outbox: Outbox, table: sa.Table) -> int:
    """Return how many rows a table has."""
    async with outbox.store.database.read() as tx:
        return int((await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def test_a_cycle_is_kept_as_a_whole(outbox: Outbox) -> None:
    """Snapshot, fingerprint, event, and a delivery for each channel that wants it."""
    await outbox.subscribe("onboarding")
    await outbox.subscribe("other", events=("created",))
    assert await outbox.store.polls.keep(outbox.connection_id, outbox.fence, late(outbox, "1")) == 1
    snapshot = await outbox.store.applications.get(outbox.connection_id, "1")
    assert snapshot
    assert snapshot.application.title == "File 1"
    assert await outbox.store.applications.fingerprints(outbox.connection_id) == {"1": 7}
    assert (await count(outbox, events), await outbox.states()) == (1, ["held"])


async def test_a_process_without_the_lease_keeps_nothing(outbox: Outbox) -> None:
    """T3: neither a cycle, nor one that failed, nor a tick."""
    now = outbox.clock()
    failed = replace(late(outbox, "1").poll, error="Clust answered 503.")
    for keep in (
        lambda: outbox.store.polls.keep(outbox.connection_id, outbox.fence - 1, late(outbox, "1")),
        lambda: outbox.store.polls.keep_poll(outbox.connection_id, outbox.fence - 1, failed, read_at=now),
        lambda: outbox.store.polls.tick(outbox.connection_id, outbox.fence - 1, 20, now),
    ):
        with pytest.raises(LeaseLost):
            await keep()
    assert await outbox.store.applications.get(outbox.connection_id, "1") is None
    assert (await count(outbox, polls), await outbox.states()) == (0, [])


async def test_a_poll_that_failed_is_kept_alone(outbox: Outbox) -> None:
    """With its error, and nothing of what was read."""
    now = outbox.clock()
    failed = replace(late(outbox, "1").poll, error="Clust answered 503.")
    await outbox.store.polls.keep_poll(outbox.connection_id, outbox.fence, failed, failing_since=now)
    assert await count(outbox, polls) == 1
    assert (await outbox.store.connections.get(outbox.connection_id)).failing_since == now
    assert await outbox.store.connections.last_poll_at(outbox.connection_id) == now
    assert await outbox.store.connections.well_until(outbox.connection_id, now + timedelta(days=1)) is None


async def test_an_application_that_is_gone_keeps_its_stored_state(outbox: Outbox) -> None:
    """B5: it is counted no more, and its fingerprint is forgotten, so that it is read when it comes back."""
    await outbox.happen(("1", "late"))
    await outbox.lose("1")
    snapshot = await outbox.store.applications.get(outbox.connection_id, "1")
    assert snapshot
    assert snapshot.gone
    assert await outbox.store.applications.fingerprints(outbox.connection_id) == {}


async def test_a_subscription_by_assignee_uses_the_assignee_at_the_event(outbox: Outbox) -> None:
    """A subscription to what someone has is matched by who has it in the moment of the event."""
    mei = outbox.slack.workspace.member.id
    await outbox.subscribe("onboarding", filter=f"taken:@{mei}")
    await outbox.happen(("1", "late"), ("2", "late"))
    assert await outbox.states() == []
    await outbox.store.applications.assign(outbox.connection_id, "2", mei, outbox.clock())
    await outbox.happen(("1", "submitted"), ("2", "submitted"))
    (row,) = await outbox.rows()
    assert row["application_id"] == "2"
