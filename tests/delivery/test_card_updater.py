"""Living cards: update first, reply second; a new card where the old one is too old or lost; one update for many."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.triggers import Snapshot
from bot.sandbox.slack.messages import PostedMessage
from bot.store.clust.polls import PolledApplication, PollResult, PollRow
from bot.store.engine.tables import cards
from tests.delivery.conftest import Outbox

DAY = 86_400


@pytest.fixture
async def card(outbox: Outbox) -> PostedMessage:
    """The card of an application that became late."""
    await outbox.subscribe("onboarding")
    return await told(outbox, ("1", "late"))


async def told(outbox: Outbox, *events: tuple[str, str]) -> PostedMessage:
    """Let events happen, and return the last message about them."""
    await outbox.happen(*events)
    await outbox.tick()
    await outbox.send(3)
    return outbox.slack.messages("onboarding")[-1]


async def change(outbox: Outbox, title: str, now: datetime | None = None, *, application_id: str = "1") -> None:
    """Let an application change without an event."""
    at = now or outbox.clock()
    seen = [PolledApplication(Snapshot(Application(id=application_id, title=title), StatusClass.OPEN), 2)]
    cycle = PollResult(PollRow(at, at, 1, 1, 1), seen, [], [], [], [], "default", {"read_at": at})
    await outbox.store.cycles.keep(outbox.connection_id, outbox.fence, cycle)


def shown(outbox: Outbox, card: PostedMessage) -> str:
    """Return what a message shows now."""
    now = outbox.slack.state.messages.get(card.channel, card.ts)
    assert now
    return now.text


async def test_a_later_event_updates_the_card_first_and_replies_second(outbox: Outbox, card: PostedMessage) -> None:
    """The card names the last event; its metadata is carried again; the reply stands in its thread."""
    reply = await told(outbox, ("1", "submitted"))
    assert reply.thread_ts == card.ts
    assert not reply.reply_broadcast
    assert shown(outbox, card).startswith("📨 *Submitted*")
    (update,) = outbox.slack.called("chat.update")
    post = outbox.slack.called("chat.postMessage")[-1]
    assert update.at <= post.at
    now = outbox.slack.state.messages.get(card.channel, card.ts)
    assert now
    assert now.metadata == card.metadata


async def test_late_is_sent_to_the_channel_too(outbox: Outbox) -> None:
    """By default; other replies stay in the thread."""
    await outbox.subscribe("onboarding")
    await told(outbox, ("1", "created"))
    reply = await told(outbox, ("1", "late"))
    assert reply.reply_broadcast


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
    await told(outbox, ("1", "created"))
    last = await told(outbox, ("1", "submitted"))
    assert len(outbox.slack.called("chat.update")) == updates
    assert len(outbox.slack.messages("onboarding")) == messages
    assert (last.thread_ts is not None) is (switches.get("thread", True) and messages > 1)
    rows = await outbox.rows()
    assert [row["state"] for row in rows] == ["sent", "sent"]
    assert rows[-1]["message_ts"] == last.ts


async def test_several_changes_within_seconds_are_one_update(outbox: Outbox, card: PostedMessage) -> None:
    """The newest state alone is drawn."""
    for title in ("Two", "Three", "Four"):
        await change(outbox, title)
        await outbox.send()
    await outbox.send(10)
    assert len(outbox.slack.called("chat.update")) == 1
    assert "Four" in shown(outbox, card)


async def test_an_older_card_is_succeeded_by_one_that_links_to_it(outbox: Outbox, card: PostedMessage) -> None:
    """After 30 days it is updated no more."""
    outbox.clock.forward(30 * DAY + 60)
    successor = await told(outbox, ("1", "submitted"))
    assert successor.thread_ts is None
    assert f"/p{card.ts.replace('.', '')}|Continued from an earlier card>" in successor.text
    reply = await told(outbox, ("1", "approved"))
    assert reply.thread_ts == successor.ts
    assert "Continued from an earlier card" in shown(outbox, successor)


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed", "cant_update_message"])
async def test_a_card_that_can_not_be_updated_gets_a_successor(outbox: Outbox, card: PostedMessage, code: str) -> None:
    """Never a reply to a parent whose update failed; the thread goes on below the successor."""
    outbox.slack.fail_next("chat.update", code)
    successor = await told(outbox, ("1", "submitted"))
    assert successor.thread_ts is None
    assert successor.ts != card.ts
    assert ("Continued from an earlier card" in successor.text) is (code != "message_not_found")
    assert (await told(outbox, ("1", "approved"))).thread_ts == successor.ts
    assert set(await outbox.states()) == {"sent"}


async def test_a_card_that_can_not_be_redrawn_is_left_alone(outbox: Outbox, card: PostedMessage) -> None:
    """A change without an event posts nothing; the next event gets a new card."""
    outbox.slack.fail_next("chat.update", "cant_update_message")
    await change(outbox, "Two")
    await outbox.send(10)
    assert outbox.slack.messages("onboarding") == [card]
    assert (await told(outbox, ("1", "submitted"))).thread_ts is None


async def test_an_update_that_slack_asks_to_wait_with_is_made_later(outbox: Outbox, card: PostedMessage) -> None:
    """A 429 of chat.update pauses that method; posts go on, and the reply comes after the update."""
    outbox.slack.rate_limit_method("chat.update", 30)
    await outbox.happen(("1", "submitted"), ("2", "created"))
    await outbox.tick()
    await outbox.send(5)
    assert [one.thread_ts for one in outbox.slack.messages("onboarding")] == [None, None]
    outbox.slack.rate_limit_method("chat.update", 0)
    await outbox.send(40)
    assert outbox.slack.messages("onboarding")[-1].thread_ts == card.ts
    assert set(await outbox.states()) == {"sent"}


async def test_cards_that_may_not_be_updated_yet_wait_where_they_are(outbox: Outbox) -> None:
    """P2: what waits for chat.update is not claimed and put off again and again; the one that waits longest is next."""
    await outbox.subscribe("onboarding")
    await outbox.style("onboarding", gate=None)
    numbers = [str(number) for number in range(1, 16)]
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


async def test_a_reply_that_arrived_unheard_is_found_in_its_thread(outbox: Outbox, card: PostedMessage) -> None:
    """T2: what may have been posted is looked up where it went, and not repeated."""
    assert outbox.slack.messages("onboarding") == [card]
    outbox.slack.faults.cut_after_accept = 1
    await told(outbox, ("1", "submitted"))
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 2
    assert outbox.slack.called("conversations.replies")
    assert await outbox.states() == ["sent", "sent"]


@pytest.mark.parametrize("is_unclear", [False, True])
async def test_a_thread_that_somebody_deleted_gets_a_new_card(outbox: Outbox, *, is_unclear: bool) -> None:
    """Before the reply was posted, or looked up: the notice comes as a card, and the channel works as ever."""
    subscription = await outbox.subscribe("onboarding")
    await outbox.style("onboarding", update=False)
    card = await told(outbox, ("1", "late"))
    if is_unclear:
        outbox.slack.faults.cut_before_accept = 1
        await told(outbox, ("1", "submitted"))
    outbox.slack.state.messages.delete(card)
    await outbox.happen(*(() if is_unclear else [("1", "submitted")]))
    await outbox.tick()
    await outbox.send(60)
    (following,) = outbox.slack.messages("onboarding")
    assert (following.text.splitlines()[0], following.thread_ts) == ("📨 *Submitted* · File 1", None)
    now = await outbox.store.subscriptions.get(outbox.team_id, subscription.id)
    assert now
    assert now.state == "active"


async def test_a_look_up_in_a_thread_that_fails_is_made_again(outbox: Outbox, card: PostedMessage) -> None:
    """T2: while nobody can tell whether the reply stands there, it is not repeated."""
    outbox.slack.faults.cut_after_accept = 1
    reply = await told(outbox, ("1", "submitted"))
    outbox.slack.fail_next("conversations.replies", "internal_error")
    await outbox.send(120)
    assert len(outbox.slack.called("conversations.replies")) == 2
    assert [one.ts for one in outbox.slack.messages("onboarding")] == [card.ts, reply.ts]
    assert await outbox.states() == ["sent", "sent"]


async def test_a_card_that_is_found_lives_on(outbox: Outbox) -> None:
    """T2: it arrived unheard; the next event is a reply in its thread."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.cut_after_accept = 1
    found = await told(outbox, ("1", "late"))
    await outbox.send(40)
    assert (await told(outbox, ("1", "submitted"))).thread_ts == found.ts


async def test_a_reply_that_is_found_is_no_card(outbox: Outbox, card: PostedMessage) -> None:
    """The card has grown too old before its reply was found: the next event gets a card of its own."""
    outbox.slack.faults.cut_after_accept = 1
    reply = await told(outbox, ("1", "submitted"))
    outbox.clock.forward(31 * DAY)
    await outbox.send(40)
    assert [one.ts for one in outbox.slack.messages("onboarding")] == [card.ts, reply.ts]
    following = await told(outbox, ("1", "approved"))
    assert following.thread_ts is None
    assert shown(outbox, reply) == reply.text


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
