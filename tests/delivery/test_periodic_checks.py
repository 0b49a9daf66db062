"""The checks of a process: one question to the database for all workspaces, by the process that has the lease."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.delivery.periodic_checks import LEASE, UNSERVED_SECONDS, PeriodicChecks
from bot.delivery.workspace_checks import WorkspaceChecks
from bot.store.engine.due_work import WorkKind
from tests.delivery.conftest import Outbox


async def test_one_process_does_the_checks(outbox: Outbox) -> None:
    """The other finds nothing due, until the first has fallen silent for as long as its lease lasts."""
    await outbox.subscribe("one")
    first, second = outbox.periodic_checks("first"), outbox.periodic_checks("second")
    assert {work.kind for work in await first.due_checks()} == {WorkKind.CHANNELS, WorkKind.PEOPLE}
    assert await second.due_checks() == ()
    assert await second.due_problems() == ()
    outbox.clock.forward((LEASE + timedelta(seconds=1)).total_seconds())
    assert {work.kind for work in await second.due_checks()} == {WorkKind.CHANNELS, WorkKind.PEOPLE}
    assert await first.due_checks() == ()


async def test_a_workspace_that_is_not_worked_for_rests(outbox: Outbox) -> None:
    """It is tried again later: it may be installed again, or its token may become readable."""

    async def opened(_team_id: str) -> WorkspaceChecks | None:
        return None

    await outbox.subscribe("one")
    checks = PeriodicChecks("me", outbox.store, opened, outbox.clock)
    works = await checks.due_checks()
    assert [await checks.begin(work) for work in works] == [UNSERVED_SECONDS] * len(works)


async def test_a_check_of_a_channel_notifies_its_owner(outbox: Outbox) -> None:
    """P3, W4: the check finds a channel that doesn't accept messages, and its owner is notified."""
    await outbox.subscribe("one")
    outbox.slack.workspace.channel("one").is_archived = True
    stop = asyncio.Event()
    running = asyncio.create_task(outbox.periodic_checks().run(stop))
    await outbox.slack.wait_for(lambda: outbox.slack.direct_messages("mei"))
    stop.set()
    await running
    (row,) = await outbox.store.subscriptions.of_team(outbox.team_id)
    assert (row.state, row.reason) == ("held", "is_archived")
