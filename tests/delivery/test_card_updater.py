"""Living cards: update first, reply second. A new card where the old one is too old or lost. One update for many."""

from __future__ import annotations

from bot.sandbox.slack.messages import PostedMessage
from tests.delivery.conftest import Outbox


async def test_late_is_sent_to_the_channel_too(outbox: Outbox) -> None:
    """By default. Other replies stay in the thread."""
    await outbox.subscribe("onboarding")
    await outbox.posted_about(("1", "created"))
    reply = await outbox.posted_about(("1", "late"))
    assert reply.reply_broadcast


async def test_an_update_that_slack_asks_to_wait_with_is_made_later(outbox: Outbox, card: PostedMessage) -> None:
    """A 429 of chat.update pauses that method. Posts go on, and the reply comes after the update."""
    outbox.slack.rate_limit_method("chat.update", 30)
    await outbox.happen(("1", "submitted"), ("2", "created"))
    await outbox.tick()
    await outbox.send(5)
    assert [one.thread_ts for one in outbox.slack.messages("onboarding")] == [None, None]
    outbox.slack.rate_limit_method("chat.update", 0)
    await outbox.send(40)
    assert outbox.slack.messages("onboarding")[-1].thread_ts == card.ts
    assert set(await outbox.states()) == {"sent"}


async def test_a_reply_with_an_unclear_outcome_is_found_in_its_thread(outbox: Outbox, card: PostedMessage) -> None:
    """T2: what may have been posted is looked up where it went, and not repeated."""
    assert outbox.slack.messages("onboarding") == [card]
    outbox.slack.faults.cut_after_accept = 1
    await outbox.posted_about(("1", "submitted"))
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 2
    assert outbox.slack.called("conversations.replies")
    assert await outbox.states() == ["sent", "sent"]


async def test_a_look_up_in_a_thread_that_fails_is_made_again(outbox: Outbox, card: PostedMessage) -> None:
    """T2: while no one can tell whether the reply stands there, it is not repeated."""
    outbox.slack.faults.cut_after_accept = 1
    reply = await outbox.posted_about(("1", "submitted"))
    outbox.slack.fail_next("conversations.replies", "internal_error")
    await outbox.send(120)
    assert len(outbox.slack.called("conversations.replies")) == 2
    assert [one.ts for one in outbox.slack.messages("onboarding")] == [card.ts, reply.ts]
    assert await outbox.states() == ["sent", "sent"]
