"""What a claimed delivery posts, read in the transaction that claims it."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.messages import PostedMessage
from tests.delivery.conftest import Outbox


@pytest.fixture
async def card(outbox: Outbox) -> PostedMessage:
    """The card of an application that became late."""
    await outbox.subscribe("onboarding")
    return await posted_card(outbox, ("1", "late"))


async def posted_card(outbox: Outbox, *events: tuple[str, str]) -> PostedMessage:
    """Let events happen, and return the last message about them."""
    await outbox.happen(*events)
    await outbox.tick()
    await outbox.send(3)
    return outbox.slack.messages("onboarding")[-1]


def card_text(outbox: Outbox, card: PostedMessage) -> str:
    """Return what a message shows now."""
    now = outbox.slack.state.messages.get(card.channel, card.ts)
    assert now
    return now.text


async def test_a_later_event_updates_the_card_first_and_replies_second(outbox: Outbox, card: PostedMessage) -> None:
    """The card names the last event; its metadata is carried again; the reply stands in its thread."""
    reply = await posted_card(outbox, ("1", "submitted"))
    assert reply.thread_ts == card.ts
    assert not reply.reply_broadcast
    assert card_text(outbox, card).startswith("📨 *Submitted*")
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
async def test_the_two_switches(outbox: Outbox, switches: dict[str, object], updates: int, messages: int) -> None:
    """Updating and replying are separate."""
    await outbox.subscribe("onboarding")
    await outbox.style("onboarding", **switches)
    await posted_card(outbox, ("1", "created"))
    last = await posted_card(outbox, ("1", "submitted"))
    assert len(outbox.slack.called("chat.update")) == updates
    assert len(outbox.slack.messages("onboarding")) == messages
    assert (last.thread_ts is not None) is (switches.get("thread", True) and messages > 1)
    rows = await outbox.rows()
    assert [row["state"] for row in rows] == ["sent", "sent"]
    assert rows[-1]["message_ts"] == last.ts


async def test_a_notice_that_comes_late_says_why(outbox: Outbox) -> None:
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
