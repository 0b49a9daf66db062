"""What notifications cost the database and Slack: counted, so that it doesn't grow unseen (docs/architecture.md)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store.engine.due_work import WorkKind
from tests.delivery.conftest import Outbox, workspaces

COLD = ("conversations.info", "users.info", "chat.postMessage")
"""Calls of Slack for a notification in a workspace that wasn't asked about within 2 minutes (rule P5)."""

COLD_TRANSACTIONS, COLD_STATEMENTS = 5, 25
"""A claim, a look at what is stored, a place for the calls, what they said, and a mark. SQLite counts its BEGIN."""

WARM = ("chat.postMessage",)
WARM_TRANSACTIONS, WARM_STATEMENTS = 2, 16

CARD_UPDATE_TRANSACTIONS, CARD_UPDATE_STATEMENTS = 2, 15
"""A claim, which finds out what is current, and a mark for cards whose items may have to be read."""


@contextmanager
def counted(costs: Counter[str]) -> Iterator[None]:
    """Count transactions and statements. A statement that is run for many rows at once counts once."""

    def begun(_: Any) -> None:
        costs["transactions"] += 1

    def sent(*_: Any) -> None:
        costs["statements"] += 1

    listeners = (("begin", begun), ("before_cursor_execute", sent))
    for name, listener in listeners:
        sa.event.listen(sa.Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            sa.event.remove(sa.Engine, name, listener)


async def begin(teams: list[Outbox], kind: WorkKind) -> None:
    """Do one kind of work in each workspace."""
    await asyncio.gather(*(each.dispatcher.begin(kind) for each in teams))
    await asyncio.gather(*(each.dispatcher.settled() for each in teams))


async def costs_of_one_each(teams: list[Outbox], key: str) -> tuple[Counter[str], Counter[str]]:
    """Let an application be late in each workspace. Return what its notifications cost, and their calls of Slack."""
    costs, slack = Counter[str](), teams[0].slack
    for each in teams:
        await each.happen((key, "late"))
        await each.tick()
    before = len(slack.calls)
    with counted(costs):
        await begin(teams, WorkKind.POST)
    return costs, Counter(call.method for call in list(slack.calls)[before:])


@pytest.mark.parametrize("number", [1, 8])
async def test_notifications_of_many_workspaces_share_their_transactions(outbox: Outbox, number: int) -> None:
    """At once they cost the database as much as one: claimed, looked into, asked, kept and marked together."""
    teams = await workspaces(outbox, number)
    costs, calls = await costs_of_one_each(teams, "1")
    assert calls == dict.fromkeys(COLD, number)
    assert costs["transactions"] <= COLD_TRANSACTIONS
    assert costs["statements"] <= COLD_STATEMENTS
    outbox.clock.forward(2)
    costs, calls = await costs_of_one_each(teams, "2")
    assert calls == dict.fromkeys(WARM, number)
    assert costs["transactions"] <= WARM_TRANSACTIONS
    assert costs["statements"] <= WARM_STATEMENTS


@pytest.mark.parametrize("number", [1, 8])
async def test_cards_that_show_the_present_state_are_recorded_together(outbox: Outbox, number: int) -> None:
    """Each is looked at some seconds after it was posted. No one calls Slack, and it takes two transactions."""
    teams = await workspaces(outbox, number)
    await costs_of_one_each(teams, "1")
    outbox.clock.forward(5)
    costs, calls = Counter[str](), len(outbox.slack.calls)
    with counted(costs):
        await begin(teams, WorkKind.CARD_UPDATE)
    assert len(outbox.slack.calls) == calls
    assert costs["transactions"] <= CARD_UPDATE_TRANSACTIONS
    assert costs["statements"] <= CARD_UPDATE_STATEMENTS
    assert await outbox.store.due_work.outbox() == []
