"""What can go wrong between a claim and its mark: nothing is lost, nothing comes twice, and it is said once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from bot.core.errors import ChannelRefused, NotSent, OutcomeUnclear, Throttled
from bot.store.engine.tables import cards, deliveries
from tests.delivery.conftest import AWAY, Hanging, Outbox, failing, logged, once


@pytest.fixture
async def one_late(outbox: Outbox) -> Outbox:
    """One notification that waits to be posted."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    return outbox


@pytest.fixture
async def one_card(one_late: Outbox) -> Outbox:
    """One card that stands, and a later event of its application."""
    await one_late.send(3)
    await one_late.happen(("1", "submitted"))
    await one_late.tick()
    return one_late


async def test_a_database_that_is_away_is_said_once(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop goes on by itself, with one line when the trouble begins, and one when it ends."""
    outbox, stop = one_late, asyncio.Event()
    tried = asyncio.Queue[None]()

    async def away(*_: object) -> None:
        tried.put_nowait(None)
        raise AWAY

    with capture_logs() as logs:
        with monkeypatch.context() as patched:
            patched.setattr(outbox.store.outbox, "claim", away)
            process = outbox.process()
            running = asyncio.create_task(process.run(stop))
            for _ in range(3):
                await tried.get()
                process.wake(outbox.team_id)
        process.wake(outbox.team_id)
        await outbox.slack.wait_for(lambda: outbox.posted("onboarding"))
        stop.set()
        await running
    assert logged(logs, "outbox can't be read", "outbox works again") == ["outbox can't be read", "outbox works again"]
    assert await outbox.states() == ["sent"]


async def test_what_takes_too_long_at_the_end_is_left_to_be_looked_up(
    one_late: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T3: asked to stop, a process waits for what is in flight, and not forever."""
    outbox, stop, hanging = one_late, asyncio.Event(), Hanging()
    monkeypatch.setattr("bot.delivery.dispatcher.MAX_DRAIN_SECONDS", 0.01)
    with monkeypatch.context() as patched:
        patched.setattr(outbox.notifier, "post", hanging)
        running = asyncio.create_task(outbox.process().run(stop))
        await hanging.begun.wait()
        stop.set()
        await running
    assert await outbox.states() == ["sending"]
    await outbox.send(60)
    assert len(outbox.posted("onboarding")) == 1


async def test_only_so_many_posts_are_in_flight(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is due waits for one of them to end."""
    monkeypatch.setattr("bot.delivery.workspace_dispatcher.MAX_AT_ONCE", 1)
    hanging = Hanging()
    monkeypatch.setattr(outbox.notifier, "post", hanging)
    for name in ("one", "two"):
        await outbox.subscribe(name)
    await outbox.happen(("1", "late"))
    await outbox.tick()
    for _ in range(2):
        await outbox.dispatcher.claim()
    assert sorted(await outbox.states()) == ["pending", "sending"]
    hanging.let_go.set()
    await outbox.dispatcher.settled()
    await outbox.send()
    assert hanging.calls == 2


@pytest.mark.parametrize(
    "odd",
    [
        lambda _: {"ok": True},
        lambda answer: {**answer, "ts": None},
        lambda answer: {**answer, "ts": 1.5},
        lambda _: [1],
    ],
)
async def test_a_post_that_slack_accepted_without_a_timestamp_is_looked_up(
    one_late: Outbox, odd: Callable[[Any], Any]
) -> None:
    """D4: an `ok: true` of chat.postMessage without `ts` is unclear (rule T2): looked up, and not posted again."""
    outbox = one_late
    outbox.slack.alter_next("chat.postMessage", odd)
    with capture_logs() as logs:
        await outbox.send()
    assert [line for line in logs if line["log_level"] == "error"] == []
    assert await outbox.states() == ["unclear"]
    await outbox.send(60)
    assert await outbox.states() == ["sent"]
    assert len(outbox.slack.called("chat.postMessage")) == len(outbox.posted("onboarding")) == 1


@pytest.mark.parametrize("odd", [lambda _: [1], lambda _: None, lambda _: {}])
async def test_a_malformed_response_to_an_update_is_retried(one_card: Outbox, odd: Callable[[Any], Any]) -> None:
    """C12: an answer of chat.update that is no object fails nothing: the card is brought up to date a little later."""
    outbox = one_card
    outbox.slack.alter_next("chat.update", odd)
    await outbox.send(60)
    assert await outbox.states() == ["sent", "sent"]


@pytest.mark.parametrize("odd", [lambda _: {"ok": True}, lambda _: {"ok": True, "messages": {}}, lambda _: [1]])
async def test_a_malformed_history_is_read_again(one_late: Outbox, odd: Callable[[Any], Any]) -> None:
    """C12: a history without messages is not an empty one: what is unclear stays so until it can be read."""
    outbox = one_late
    outbox.slack.faults.cut_after_accept = 1
    outbox.slack.alter_next("conversations.history", odd)
    await outbox.send(120)
    assert await outbox.states() == ["sent"]
    assert len(outbox.posted("onboarding")) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AWAY, "a delivery could not be marked"),
        (
            RuntimeError("a surprise"),
            "a delivery failed in an unforeseen way; it will be looked up when its lease lapses",
        ),
    ],
)
async def test_a_post_that_could_not_be_marked_is_found(
    one_late: Outbox, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    """T2: it stands in the channel, so it is looked up once its lease has lapsed, and not posted again."""
    outbox = one_late
    monkeypatch.setattr(outbox.store.outbox, "mark_sent", once(error, outbox.store.outbox.mark_sent))
    with capture_logs() as logs:
        await outbox.send()
    assert logged(logs, words) == [words]
    assert await outbox.states() == ["sending"]
    await outbox.send(60)
    assert await outbox.states() == ["sent"]
    assert len(outbox.posted("onboarding")) == 1


async def test_a_process_that_slept_after_its_claim_posts_nothing(
    one_late: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T3: its lease has lapsed, and the delivery is another's by now."""
    outbox = one_late
    claim = outbox.store.outbox.claim

    async def claim_and_sleep(*given: Any) -> Any:
        claims = await claim(*given)
        outbox.clock.forward(31)
        return claims

    with monkeypatch.context() as patched:
        patched.setattr(outbox.store.outbox, "claim", claim_and_sleep)
        await outbox.send()
    assert not outbox.slack.called("chat.postMessage")
    await outbox.send(60)
    assert len(outbox.posted("onboarding")) == 1


async def test_slack_that_never_answers_is_given_up(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """T2: no one knows what became of it, so it is looked up before it is posted again."""
    outbox = one_late
    monkeypatch.setattr("bot.delivery.sender.POST_TIMEOUT", timedelta(milliseconds=10))
    with monkeypatch.context() as patched:
        patched.setattr(outbox.notifier, "post", Hanging())
        await outbox.send()
    (row,) = await outbox.rows()
    assert (row["state"], row["reason"]) == ("unclear", "no_answer")
    monkeypatch.undo()
    await outbox.send(60)
    assert len(outbox.posted("onboarding")) == 1


async def test_a_late_mark_changes_nothing(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """T3: another process has taken the delivery over while this one posted it: that one looks it up."""
    outbox = one_late
    post = outbox.notifier.post

    async def post_while_another_takes_over(*given: Any) -> str:
        async with outbox.store.database.write() as tx:
            await tx.execute(deliveries.update().values(fence=deliveries.c.fence + 1))
        return await post(*given)

    with capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(outbox.notifier, "post", post_while_another_takes_over)
        await outbox.send()
    assert logged(logs, "posted, but the lease had lapsed")
    await outbox.send(60)
    assert (await outbox.states(), len(outbox.posted("onboarding"))) == (["sent"], 1)


async def test_a_post_that_was_never_sent_is_posted_later(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was surely not sent needs no look-up."""
    outbox = one_late
    monkeypatch.setattr(outbox.notifier, "post", once(NotSent("No route."), outbox.notifier.post))
    await outbox.send()
    assert await outbox.states() == ["pending"]
    await outbox.send(60)
    assert len(outbox.posted("onboarding")) == 1
    assert not outbox.slack.called("conversations.history")


async def test_a_channel_that_another_process_held_already(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said by the one that held it."""
    outbox = one_late

    async def refuse(channel_id: str, *_: object) -> str:
        assert await outbox.store.subscriptions.hold(outbox.team_id, channel_id, "is_archived")
        raise ChannelRefused("is_archived")

    monkeypatch.setattr(outbox.notifier, "post", refuse)
    with capture_logs() as logs:
        await outbox.send()
    assert not logged(logs, "channel held")
    assert await outbox.states() == ["held"]


@pytest.mark.parametrize("error", [NotSent("No route."), OutcomeUnclear("Cut.")])
async def test_an_update_that_fails_is_made_again(
    one_card: Outbox, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Update first, reply second: an update does the same however often it is made."""
    outbox = one_card
    monkeypatch.setattr(outbox.notifier, "update", once(error, outbox.notifier.update))
    await outbox.send()
    assert await outbox.states() == ["sent", "pending"]
    await outbox.send(60)
    assert await outbox.states() == ["sent", "sent"]
    assert [message.thread_ts is None for message in outbox.slack.messages("onboarding")] == [True, False]


async def test_an_update_that_was_made_is_not_made_again(one_card: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reply that belongs to it never left. It comes alone then."""
    outbox = one_card
    monkeypatch.setattr(outbox.notifier, "post", once(NotSent("No route."), outbox.notifier.post))
    await outbox.send(60)
    assert await outbox.states() == ["sent", "sent"]
    assert len(outbox.slack.called("chat.update")) == 1


async def test_a_thread_that_is_gone_gets_a_new_card(one_card: Outbox) -> None:
    """The card was deleted between its update and the reply."""
    outbox = one_card
    outbox.slack.fail_next("chat.postMessage", "message_not_found")
    await outbox.send(60)
    assert await outbox.states() == ["sent", "sent"]
    assert [message.thread_ts for message in outbox.slack.messages("onboarding")] == [None, None]


async def test_a_channel_whose_history_may_not_be_read(one_late: Outbox) -> None:
    """T1: then no one can tell, and it is posted again."""
    outbox = one_late
    outbox.slack.faults.cut_before_accept = 1
    await outbox.send()
    outbox.slack.fail_next("conversations.history", "missing_scope", times=100)
    await outbox.send(60)
    assert (await outbox.states(), len(outbox.posted("onboarding"))) == (["sent"], 1)


async def test_a_look_up_that_finds_the_channel_closed(one_late: Outbox) -> None:
    """The channel is held, and the delivery stays to be looked up."""
    outbox = one_late
    outbox.slack.faults.cut_after_accept = 1
    await outbox.send()
    outbox.slack.fail_next("conversations.history", "channel_not_found")
    await outbox.send(30)
    assert await outbox.states() == ["unclear"]
    (row,) = await outbox.store.subscriptions.of_channel(outbox.team_id, outbox.channel("onboarding"))
    assert (row.state, row.reason) == ("held", "channel_not_found")
    await outbox.send(60)
    assert (await outbox.states(), len(outbox.posted("onboarding"))) == (["sent"], 1)


async def test_one_card_is_updated_at_a_time(one_card: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an update is in progress no other begins, and the loop only waits for posts."""
    outbox, hanging = one_card, Hanging()
    await outbox.send(3)
    await _dirty(outbox)
    monkeypatch.setattr(outbox.notifier, "update", hanging)
    for _ in range(2):
        await outbox.dispatcher.claim()
        await hanging.begun.wait()
    hanging.let_go.set()
    await outbox.dispatcher.settled()
    assert hanging.calls == 1


@pytest.mark.parametrize(("code", "again"), [("is_archived", 0), ("internal_error", 1)])
async def test_a_card_that_can_not_be_updated_now(one_card: Outbox, code: str, again: int) -> None:
    """A closed channel's cards are looked at when it opens again. After a passing trouble it is tried again."""
    outbox = one_card
    await outbox.send(6)
    await _dirty(outbox)
    before = len(outbox.slack.called("chat.update"))
    outbox.slack.fail_next("chat.update", code)
    await outbox.send(60)
    assert len(outbox.slack.called("chat.update")) - before == 1 + again


async def _dirty(outbox: Outbox) -> None:
    """Let every card be due to be brought up to date, and show something old."""
    async with outbox.store.database.write() as tx:
        await tx.execute(cards.update().values(dirty_at=outbox.clock(), shown="", version=cards.c.version + 1))


async def test_a_look_up_goes_back_to_the_first_attempt(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """T2: posts that were tried minutes apart are looked up together, and neither is posted again."""
    outbox = one_late
    monkeypatch.setattr(outbox.notifier, "look_up", once(Throttled(300), outbox.notifier.look_up))
    outbox.slack.faults.cut_after_accept = 1
    await outbox.send(60)
    assert await outbox.states() == ["unclear"]
    await outbox.happen(("2", "late"))
    await outbox.tick()
    outbox.clock.forward(200)
    outbox.slack.faults.cut_after_accept = 1
    await outbox.send()
    assert await outbox.states() == ["unclear", "unclear"]
    outbox.clock.forward(120)
    await outbox.send()
    assert await outbox.states() == ["sent", "sent"]
    assert len(outbox.slack.messages("onboarding")) == 2


async def test_what_was_not_sent_waits_longer_each_time(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between one and two seconds after the first failure, two and four after the second: no hammering."""
    outbox = one_late
    monkeypatch.setattr(outbox.notifier, "post", failing(NotSent("No connection.")))
    for least in (1, 2, 4):
        await outbox.send()
        (row,) = await outbox.rows()
        waits = (row["due_at"] - outbox.clock()).total_seconds()
        assert least <= waits <= 2 * least
        outbox.clock.now = row["due_at"]


async def test_an_update_that_failed_waits(one_late: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that could not be brought up to date is due again in 8 to 16 seconds."""
    outbox = one_late
    await outbox.send(3)
    monkeypatch.setattr(outbox.notifier, "update", failing(NotSent("No connection.")))
    mei = outbox.slack.workspace.member.id
    await outbox.store.applications.assign(outbox.connection_id, "1", mei, outbox.clock())
    outbox.clock.forward(10)
    await outbox.send()
    due = await outbox.dispatcher.next_due()
    assert due
    assert 8 <= (due - outbox.clock()).total_seconds() <= 16


async def test_a_429_pauses_that_channel_alone(outbox: Outbox) -> None:
    """P2: one channel's Retry-After delays no other channel."""
    await outbox.subscribe("onboarding")
    await outbox.subscribe("other")
    outbox.slack.rate_limit(outbox.channel("onboarding"), 30)
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    await outbox.send(3)
    assert (len(outbox.posted("onboarding")), len(outbox.posted("other"))) == (0, 2)
    await outbox.send(30)
    assert len(outbox.posted("onboarding")) == 2
    assert await outbox.states() == ["sent"] * 4


async def test_a_channel_that_refuses_is_held_and_its_owner_notified_once(outbox: Outbox) -> None:
    """A permanent refusal holds the subscription with Slack's code, and its owner gets one direct message."""
    row = await outbox.subscribe("onboarding")
    await outbox.slack.archive(outbox.channel("onboarding"))
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    await outbox.send(3)
    await outbox.notify()
    await outbox.notify()
    held = await outbox.store.subscriptions.get(outbox.team_id, row.id)
    assert held is not None
    assert (held.state, held.reason) == ("held", "is_archived")
    assert await outbox.states() == ["held", "held"]
    assert len(outbox.slack.direct_messages(outbox.slack.workspace.member.id)) == 1


async def test_slack_being_down_loses_nothing(outbox: Outbox) -> None:
    """While Slack answers 503 outcomes are unclear, and when it is back each message is posted once."""
    await outbox.subscribe("onboarding")
    outbox.slack.faults.down = True
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    await outbox.send(90)
    outbox.slack.faults.down = False
    await outbox.send(90)
    assert await outbox.states() == ["sent", "sent"]
    assert len(outbox.posted("onboarding")) == 2


async def test_log_lines_name_the_delivery(outbox: Outbox) -> None:
    """Whatever is logged while something is posted has the delivery's id, which the message carries too."""
    await outbox.subscribe("one")
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    outbox.slack.rate_limit(outbox.channel("one"), 3)
    with capture_logs(processors=[merge_contextvars]) as logs:
        await outbox.send()
    waits = [line for line in logs if line["event"] == "slack asked to wait"]
    tokens = [row["token"] for row in await outbox.rows()]
    assert [(line["delivery"], line["channel"]) for line in waits] == [(tokens[0], outbox.channel("one"))]
    assert get_contextvars() == {}


@pytest.mark.parametrize("is_unclear", [False, True])
async def test_a_deleted_thread_gets_a_new_card(outbox: Outbox, *, is_unclear: bool) -> None:
    """Before the reply was posted, or looked up: the notification comes as a card, and the channel works as before."""
    subscription = await outbox.subscribe("onboarding")
    await outbox.style("onboarding", update=False)
    card = await outbox.posted_about(("1", "late"))
    if is_unclear:
        outbox.slack.faults.cut_before_accept = 1
        await outbox.posted_about(("1", "submitted"))
    outbox.slack.state.messages.delete(card)
    await outbox.happen(*(() if is_unclear else [("1", "submitted")]))
    await outbox.tick()
    await outbox.send(60)
    (following,) = outbox.slack.messages("onboarding")
    assert (following.text.splitlines()[0], following.thread_ts) == ("📨 *Submitted* · File 1", None)
    now = await outbox.store.subscriptions.get(outbox.team_id, subscription.id)
    assert now
    assert now.state == "active"
