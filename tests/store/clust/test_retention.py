"""What is old is removed after a while, and what is needed stays."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from bot.store.engine.tables import audit, cards, deliveries, events, polls
from bot.store.people.audit import AuditEntry, AuditOutcome
from tests.delivery.conftest import Outbox

DAY = 86_400


async def test_what_is_old_is_removed_and_what_is_needed_stays(outbox: Outbox) -> None:
    """Posted events, polls and audit rows go. A held delivery keeps its event and poll, and a living card stays."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send()
    await outbox.happen(("2", "late"))
    mei = outbox.slack.workspace.member.id
    await outbox.store.audit.write(outbox.team_id, AuditEntry(outbox.clock(), mei, "create", AuditOutcome.OK))
    outbox.clock.forward(10 * DAY)
    removed = await outbox.store.retention.remove(outbox.clock() - timedelta(days=5), outbox.clock())
    assert removed == 4
    assert await count(outbox, events, deliveries, polls, audit, cards) == [1, 1, 1, 0, 1]
    await outbox.tick()
    await outbox.send()
    assert [line.split(" · ")[-1] for line in outbox.posted("onboarding")] == ["File 1", "File 2"]
    outbox.clock.forward(31 * DAY)
    await outbox.store.retention.remove(outbox.clock() - timedelta(days=5), outbox.clock())
    assert await count(outbox, events, deliveries, polls, audit, cards) == [0, 0, 0, 0, 0]


async def test_a_digest_is_removed_after_its_members(outbox: Outbox) -> None:
    """Its members go first, then the digest, in the next run."""
    await outbox.subscribe("onboarding")
    await outbox.store.subscriptions.hold(outbox.team_id, outbox.channel("onboarding"), "is_archived")
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.store.subscriptions.resume(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    await outbox.tick()
    await outbox.send()
    assert len(outbox.slack.messages("onboarding")) == 1
    outbox.clock.forward(10 * DAY)
    for left in (1, 0):
        await outbox.store.retention.remove(outbox.clock(), outbox.clock())
        assert (await count(outbox, deliveries)) == [left]


async def count(outbox: Outbox, *tables: sa.Table) -> list[int]:
    """Return how many rows tables hold."""
    async with outbox.store.database.read() as tx:
        return [(await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one() for table in tables]
