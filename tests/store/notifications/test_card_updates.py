"""Cards that are out of date are claimed and drawn from the present state (rule P2)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.sandbox.slack.messages import PostedMessage
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import cards
from tests.delivery.conftest import Outbox


async def change(outbox: Outbox, title: str, now: datetime | None = None, *, application_id: str = "1") -> None:
    """Let an application change without an event."""
    at = now or outbox.clock()
    seen = [PolledApplication(Snapshot(Application(id=application_id, title=title), StatusClass.OPEN), 2)]
    cycle = PollResult(PollRow(at, at, 1, 1, 1), seen, [], [], [], [], "default", {"read_at": at})
    await outbox.store.polls.keep(outbox.connection_id, outbox.fence, cycle)


async def test_several_changes_within_seconds_are_one_update(outbox: Outbox, card: PostedMessage) -> None:
    """The newest state alone is drawn."""
    for title in ("Two", "Three", "Four"):
        await change(outbox, title)
        await outbox.send()
    await outbox.send(10)
    assert len(outbox.slack.called("chat.update")) == 1
    assert "Four" in outbox.text_of(card)


async def test_a_card_that_can_not_be_updated_is_left_alone(outbox: Outbox, card: PostedMessage) -> None:
    """A change without an event posts nothing, and the next event gets a new card."""
    outbox.slack.fail_next("chat.update", "cant_update_message")
    await change(outbox, "Two")
    await outbox.send(10)
    assert outbox.slack.messages("onboarding") == [card]
    assert (await outbox.posted_about(("1", "submitted"))).thread_ts is None


async def test_cards_that_may_not_be_updated_yet_wait_where_they_are(outbox: Outbox) -> None:
    """P2: what waits for chat.update is not claimed and put off again and again. The one that waits longest is next."""
    await outbox.subscribe("onboarding")
    await outbox.style("onboarding", gate=None)
    numbers = [str(number) for number in range(1, 12)]
    await outbox.happen(*((number, "late") for number in numbers))
    await outbox.tick(limit=100)
    await outbox.send(60)
    for number in numbers:
        await change(outbox, "Two", application_id=number)
    before, updates = await _due(outbox), len(outbox.slack.called("chat.update"))
    outbox.clock.forward(10)
    for _ in range(3):
        await outbox.send()
    updated = len(outbox.slack.called("chat.update")) - updates
    assert 0 < updated < len(numbers)
    assert await _due(outbox) == before[updated:]
    await outbox.send(120)
    assert len(outbox.slack.called("chat.update")) - updates == len(numbers)


async def _due(outbox: Outbox) -> list[datetime]:
    """Return when each card that waits was to be brought up to date."""
    async with outbox.store.database.read() as tx:
        waiting = sa.select(cards.c.dirty_at).where(cards.c.dirty_at.is_not(None)).order_by(cards.c.dirty_at)
        return list((await tx.execute(waiting)).scalars())
