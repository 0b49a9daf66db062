"""Commits of shared transactions that fail in appearance only: they are repeated, and still nothing is posted twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.notifications.states import State
from bot.store.engine.due_work import WorkKind
from tests.delivery.conftest import Outbox, workspaces
from tests.delivery.test_costs import begin

WRITES = ("the claim", "the places for calls of Slack", "what Slack said about channels", "the mark")
"""What the notifications of several workspaces share, in order: a transaction for each."""


@contextmanager
def seeming_to_fail(engine: AsyncEngine, which: int) -> Iterator[list[Exception]]:
    """Let one commit, counted from 0, be carried out and its answer get lost. Gives the error once it was raised."""
    dialect: Any = engine.sync_engine.dialect
    really, left, raised = dialect.do_commit, iter(range(which, -1, -1)), list[Exception]()

    def commit(connection: Any) -> None:
        really(connection)
        if next(left, None) == 0:
            raised.append(dialect.dbapi.OperationalError("the connection was lost"))
            raise raised[0]

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(dialect, "do_commit", commit)
        yield raised


@pytest.mark.parametrize("which", range(len(WRITES)), ids=WRITES)
async def test_a_commit_that_only_seemed_to_fail_repeats_no_post(outbox: Outbox, which: int) -> None:
    """T2: each notification is posted once. One whose claim was lost like this waits for its lease and a look-up."""
    teams = await workspaces(outbox, 3)
    for each in teams:
        await each.happen(("1", "late"))
        await each.tick()
    with seeming_to_fail(outbox.store.database.engine, which) as raised:
        await begin(teams, WorkKind.POST)
    assert len(raised) == 1
    assert set(await outbox.states()) == {State.SENDING if which == 0 else State.SENT}
    for _minute in range(10):
        outbox.clock.forward(60)
        await begin(teams, WorkKind.RESOLVE)
        await begin(teams, WorkKind.POST)
    assert [len(outbox.posted(f"channel-{number}")) for number in range(len(teams))] == [1, 1, 1]
    assert await outbox.states() == [State.SENT] * len(teams)
