"""The checks of one workspace, kind by kind."""

from __future__ import annotations

from bot.store.engine.due_work import WorkKind
from tests.delivery.conftest import Outbox


async def test_each_kind_of_check_runs_by_itself(outbox: Outbox) -> None:
    """P4: where only channels are due, Slack is asked about no person."""
    await outbox.subscribe("one")
    await outbox.store.check_schedule.enrol(outbox.clock())
    await outbox.checks.begin(WorkKind.CHANNELS)
    assert len(outbox.slack.called("conversations.info")) == 1
    assert outbox.slack.called("users.info") == []
    await outbox.checks.begin(WorkKind.PEOPLE)
    assert len(outbox.slack.called("conversations.info")) == 1
    assert outbox.slack.called("users.info")


async def test_a_held_channel_is_recorded_once_and_then_reported(outbox: Outbox) -> None:
    """W4: first it is kept, so that a crash loses nothing. Then it is sent."""
    row = await outbox.subscribe("one")
    await outbox.store.subscriptions.hold(outbox.team_id, row.channel_id, "is_archived")
    outbox.slack.workspace.channel("one").is_archived = True
    for _ in range(2):
        await outbox.checks.begin(WorkKind.PROBLEM)
    assert outbox.slack.direct_messages("mei") == []
    for _ in range(2):
        await outbox.checks.begin(WorkKind.NOTIFY)
    assert len(outbox.slack.direct_messages("mei")) == 1
