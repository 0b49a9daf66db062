"""What is done for many things is done for each by itself (A8)."""

from __future__ import annotations

from functools import partial

import pytest
from structlog.testing import capture_logs

from bot.core.errors import NotSent
from bot.delivery.independent_work import run_independently
from tests.delivery.conftest import AWAY, Outbox, failing, logged


@pytest.mark.parametrize("error", [AWAY, NotSent("No route."), RuntimeError("a surprise"), KeyError("user")])
async def test_a_failure_stops_no_other(error: Exception) -> None:
    """A8: whatever fails, wherever it stands. Trouble with the database is raised once all had their turn."""
    done = []

    async def work(number: int) -> None:
        done.append(number)
        if number == 0:
            raise error

    works = [partial(work, number) for number in range(3)]
    if error is AWAY:
        with pytest.raises(type(AWAY)):
            await run_independently(works, "a test")
    else:
        await run_independently(works, "a test")
    assert done == [0, 1, 2]


async def test_a_round_that_fails_stops_no_other_part(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A8: reminders, checks of people and notifications continue while checks of channels fail unexpectedly."""
    row = await outbox.subscribe("onboarding")
    await outbox.store.subscriptions.hold(outbox.team_id, row.channel_id, "is_archived")
    monkeypatch.setattr(outbox.notifier, "look_at", failing(TypeError("no facts")))
    outbox.slack.workspace.member.deleted = True
    with capture_logs() as logs:
        await outbox.look(outbox.periodic_checks())
    assert logged(logs, "a check failed unexpectedly")
    assert outbox.slack.direct_messages("adrien") or outbox.slack.called("users.info")
