"""The outbox: claimed in order, within rate limits, and marked by who has the lease (rules E2, P1, P2, T3)."""

from __future__ import annotations

import asyncio

from bot.delivery import WorkspaceDispatcher
from bot.delivery.sender import Timing
from tests.delivery.conftest import LEASE, UNCLEAR_WAIT, Outbox


async def test_events_of_one_application_keep_their_order(outbox: Outbox) -> None:
    """E2: a later event of an application waits while an earlier one is not through, then follows in its thread."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "created"), ("1", "late"), ("2", "created"))
    await outbox.tick()
    outbox.slack.faults.cut_before_accept = 1
    await outbox.send(5)
    assert await outbox.states() == ["unclear", "pending", "sent"]
    outbox.clock.forward(25)
    await outbox.send(5)
    assert outbox.posted("onboarding") == ["🆕 *Created* · File 2", "⏰ *Late* · File 1", "⏰ *Late* · File 1"]
    assert [message.thread_ts is not None for message in outbox.slack.messages(outbox.channel("onboarding"))] == [
        False,
        False,
        True,
    ]


async def test_429s_from_two_channels_pause_the_workspace(outbox: Outbox) -> None:
    """P2: two channels within ten seconds mean that the workspace is too fast."""
    for name in ("onboarding", "other", "third"):
        await outbox.subscribe(name)
    for name in ("onboarding", "other"):
        outbox.slack.rate_limit(outbox.channel(name), 20)
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.send()
    await outbox.happen(("2", "late"))
    await outbox.tick()
    await outbox.send(10)
    assert len(outbox.posted("third")) == 1
    await outbox.send(30)
    assert await outbox.states() == ["sent"] * 6


async def test_a_process_that_lost_its_lease_commits_nothing(outbox: Outbox) -> None:
    """T3: the fence keeps a late mark out. The taker's mark stands."""
    await outbox.subscribe("onboarding")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    (stale,) = await outbox.store.outbox.claim(outbox.team_id, "slow", outbox.clock(), LEASE, 9)
    await outbox.send(60)
    assert not await outbox.store.outbox.mark_failed(stale, "too late")
    assert await outbox.states() == ["sent"]


async def test_what_was_held_is_sent_when_the_channel_works_again(outbox: Outbox) -> None:
    """Nothing is dropped: after the channel is back what it missed follows with the next tick, as one summary."""
    await outbox.subscribe("onboarding")
    await outbox.slack.archive(outbox.channel("onboarding"))
    await outbox.happen(("1", "created"), ("2", "created"))
    await outbox.tick()
    await outbox.send(1)
    await outbox.happen(("1", "late"))
    await outbox.slack.unarchive(outbox.channel("onboarding"))
    outbox.clock.forward(60)
    await outbox.watch()
    await outbox.tick()
    await outbox.send(5)
    assert outbox.posted("onboarding") == ["📥 *3 updates were on hold*"]
    assert await outbox.states() == ["sent"] * 4


async def test_a_message_that_slack_will_never_take_fails_alone(outbox: Outbox) -> None:
    """A refused message is marked as failed with Slack's code, and holds up nothing behind it."""
    await outbox.subscribe("onboarding")
    outbox.slack.fail_next("chat.postMessage", "invalid_blocks")
    await outbox.happen(("1", "created"), ("1", "late"))
    await outbox.tick()
    await outbox.send(3)
    failed, sent = await outbox.rows()
    assert (failed["state"], sent["state"]) == ("failed", "sent")
    assert "invalid_blocks" in failed["reason"]


async def test_a_delivery_takes_the_slot_of_the_first_subscription_that_matched(outbox: Outbox) -> None:
    """S3: two subscriptions of a channel match, and the first one's limit counts."""
    await outbox.subscribe("onboarding", limit=1)
    await outbox.subscribe("onboarding", filter="title:file", limit=9)
    await outbox.happen(("1", "late"), ("2", "late"))
    await outbox.tick()
    assert await outbox.states() == ["pending", "held"]


async def test_unsubscribing_skips_what_is_not_yet_sent(outbox: Outbox) -> None:
    """S2: what no one in the channel wants any more is skipped, and says who unsubscribed."""
    row = await outbox.subscribe("onboarding")
    await outbox.happen(("1", "created"), ("2", "late"))
    await outbox.tick()
    await outbox.store.subscriptions.end(outbox.team_id, [row.id], ["created"], "U9")
    await outbox.send(3)
    first, second = await outbox.rows()
    assert (first["state"], first["reason"], second["state"]) == ("skipped", "unsubscribed:U9", "sent")


async def test_what_another_subscription_wants_is_not_skipped(outbox: Outbox) -> None:
    """S2: only a delivery that no subscription of the channel stands for any more is skipped."""
    first = await outbox.subscribe("onboarding")
    second = await outbox.subscribe("onboarding", filter="title:file")
    await outbox.happen(("1", "late"))
    await outbox.store.subscriptions.end(outbox.team_id, [first.id], ["late"], "U9")
    await outbox.tick()
    await outbox.send()
    (row,) = await outbox.rows()
    assert (row["state"], row["subscription_ids"], row["slot_id"]) == ("sent", [second.id], second.id)


async def test_two_processes_share_the_outbox(outbox: Outbox) -> None:
    """D4: two dispatchers over one database post everything once, and no faster than Slack allows."""
    timing = Timing(LEASE, UNCLEAR_WAIT)
    second = WorkspaceDispatcher(outbox.team_id, "other", outbox.store, outbox.notifier, timing, outbox.clock)
    for name in ("a", "b", "c"):
        await outbox.subscribe(name)
    await outbox.happen(*((str(number), "late") for number in range(1, 7)))
    await outbox.tick()
    for _ in range(12):
        await asyncio.gather(outbox.dispatcher.claim(), second.claim())
        await asyncio.gather(outbox.dispatcher.settled(), second.settled())
        outbox.clock.forward(1)
    assert await outbox.states() == ["sent"] * 18
    assert [len(outbox.posted(name)) for name in ("a", "b", "c")] == [6, 6, 6]
    assert all(call.answer.get("ok") for call in outbox.slack.called("chat.postMessage"))


async def test_the_workspace_budget_holds(outbox: Outbox) -> None:
    """P1: however many channels wait, six seconds see no more posts than a tenth of the minute's and a small burst."""
    names = [f"channel-{number}" for number in range(12)]
    for name in names:
        await outbox.subscribe(name)
        await outbox.style(name, gate=None)
    await outbox.happen(*((str(number), "late") for number in range(1, 8)))
    await outbox.tick(limit=100)
    await outbox.send(6, step=0.5)
    posted = sum(len(outbox.posted(name)) for name in names)
    assert 25 <= posted <= 40
    assert all(call.answer.get("ok") for call in outbox.slack.called("chat.postMessage"))
