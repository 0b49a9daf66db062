"""What one workspace has to send, kind by kind."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.workspace_dispatcher import MAX_REST_SECONDS, MIN_REST_SECONDS
from bot.store.engine.due_work import WorkKind
from tests.delivery.conftest import Hanging, Outbox


async def test_what_has_begun_needs_no_rest(outbox: Outbox) -> None:
    """What else is due the database says. Where nothing could begin, the channel's pace says how long to wait (P1)."""
    await outbox.subscribe("one")
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    assert await outbox.dispatcher.begin(WorkKind.POST) is None
    await outbox.dispatcher.settled()
    rest = await outbox.dispatcher.begin(WorkKind.POST)
    assert rest is not None
    assert MIN_REST_SECONDS <= rest <= MAX_REST_SECONDS
    outbox.clock.forward(rest)
    assert await outbox.dispatcher.begin(WorkKind.POST) is None
    await outbox.dispatcher.settled()
    assert await outbox.states() == ["sent", "sent"]


async def test_each_kind_begins_by_itself(outbox: Outbox) -> None:
    """A card to be updated is not posted, and nothing is looked up where nothing is unclear."""
    await outbox.subscribe("one")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    assert await outbox.dispatcher.begin(WorkKind.RESOLVE) == MAX_REST_SECONDS
    assert await outbox.dispatcher.begin(WorkKind.CARD_UPDATE) == MAX_REST_SECONDS
    assert await outbox.states() == ["pending"]


async def test_the_loop_is_woken_by_each_end(outbox: Outbox) -> None:
    """What waited for a post may begin: the loop is woken."""
    ended = asyncio.Event()
    outbox.dispatcher.ended = ended.set
    for name in ("one", "two"):
        await outbox.subscribe(name)
    await outbox.happen(("1", "late"))
    await outbox.tick()
    assert await outbox.dispatcher.begin(WorkKind.POST, most=1) is None
    assert outbox.dispatcher.in_flight == 1
    await asyncio.wait_for(ended.wait(), 10)
    assert sorted(await outbox.states()) == ["pending", "sent"]


async def test_what_takes_too_long_is_given_up_at_the_end(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """T2: a process that is asked to stop waits so long and no longer, and whether it was posted is looked up later."""
    await outbox.dispatcher.finish(0)
    hanging = Hanging()
    monkeypatch.setattr(outbox.notifier, "post", hanging)
    await outbox.subscribe("one")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    assert await outbox.dispatcher.begin(WorkKind.POST) is None
    await asyncio.wait_for(hanging.begun.wait(), 10)
    await outbox.dispatcher.finish(0)
    assert outbox.dispatcher.in_flight == 0
    assert await outbox.states() == ["sending"]
