"""Living cards: which message is the card of an application, and when it gets a successor."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.messages import PostedMessage
from tests.delivery.conftest import Outbox

DAY = 86_400


async def test_an_older_card_is_succeeded_by_one_that_links_to_it(outbox: Outbox, card: PostedMessage) -> None:
    """After 30 days it is updated no more."""
    outbox.clock.forward(30 * DAY + 60)
    successor = await outbox.posted_about(("1", "submitted"))
    assert successor.thread_ts is None
    assert f"/p{card.ts.replace('.', '')}|Continued from an earlier card>" in successor.text
    reply = await outbox.posted_about(("1", "approved"))
    assert reply.thread_ts == successor.ts
    assert "Continued from an earlier card" in outbox.text_of(successor)


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed", "cant_update_message"])
async def test_a_card_that_can_not_be_updated_gets_a_successor(outbox: Outbox, card: PostedMessage, code: str) -> None:
    """Never a reply to a parent whose update failed. The thread goes on below the successor."""
    outbox.slack.fail_next("chat.update", code)
    successor = await outbox.posted_about(("1", "submitted"))
    assert successor.thread_ts is None
    assert successor.ts != card.ts
    assert ("Continued from an earlier card" in successor.text) is (code != "message_not_found")
    assert (await outbox.posted_about(("1", "approved"))).thread_ts == successor.ts
    assert set(await outbox.states()) == {"sent"}


async def test_a_card_that_is_found_lives_on(outbox: Outbox) -> None:
    """T2: it arrived unheard, and the next event is a reply in its thread."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.cut_after_accept = 1
    again = await outbox.posted_about(("1", "late"))
    await outbox.send(40)
    assert (await outbox.posted_about(("1", "submitted"))).thread_ts == again.ts


async def test_a_reply_that_is_found_is_no_card(outbox: Outbox, card: PostedMessage) -> None:
    """The card has grown too old before its reply was found: the next event gets a card of its own."""
    outbox.slack.faults.cut_after_accept = 1
    reply = await outbox.posted_about(("1", "submitted"))
    outbox.clock.forward(31 * DAY)
    await outbox.send(40)
    assert [one.ts for one in outbox.slack.messages("onboarding")] == [card.ts, reply.ts]
    following = await outbox.posted_about(("1", "approved"))
    assert following.thread_ts is None
    assert outbox.text_of(reply) == reply.text
