"""What a claimed delivery posts, read in the transaction that claims it."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.messages import PostedMessage
from tests.delivery.conftest import Outbox


async def test_a_later_event_updates_the_card_first_and_replies_second(outbox: Outbox, card: PostedMessage) -> None:
    """The card names the last event, its metadata is carried again, and the reply stands in its thread."""
    reply = await outbox.posted_about(("1", "submitted"))
    assert reply.thread_ts == card.ts
    assert not reply.reply_broadcast
    assert outbox.text_of(card).startswith("📨 *Submitted*")
    (update,) = outbox.slack.called("chat.update")
    post = outbox.slack.called("chat.postMessage")[-1]
    assert update.at <= post.at
    now = outbox.slack.state.messages.get(card.channel, card.ts)
    assert now
    assert now.metadata == card.metadata


@pytest.mark.parametrize(
    ("switches", "updates", "messages"),
    [
        ({"update": False}, 0, 2),  # a reply alone
        ({"thread": False, "also_to_channel": ()}, 1, 1),  # an update alone
        ({"update": False, "thread": False}, 0, 2),  # each event its own card
    ],
)
async def test_updating_and_replying_are_separate_switches(
    outbox: Outbox, switches: dict[str, object], updates: int, messages: int
) -> None:
    """Updating and replying are separate."""
    await outbox.subscribe("onboarding")
    await outbox.style("onboarding", **switches)
    await outbox.posted_about(("1", "created"))
    last = await outbox.posted_about(("1", "submitted"))
    assert len(outbox.slack.called("chat.update")) == updates
    assert len(outbox.slack.messages("onboarding")) == messages
    assert (last.thread_ts is not None) is (switches.get("thread", True) and messages > 1)
    rows = await outbox.rows()
    assert [row["state"] for row in rows] == ["sent", "sent"]
    assert rows[-1]["message_ts"] == last.ts


async def test_a_late_notification_says_why(outbox: Outbox) -> None:
    """Seen when, and what kept it back."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.down = True
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send(5)
    outbox.clock.forward(600)
    outbox.slack.faults.down = False
    await outbox.send(40)
    (card,) = outbox.slack.messages("onboarding")
    assert "Seen <!date^" in card.text
    assert "Slack" in card.text.rpartition("Seen <!date^")[2]
