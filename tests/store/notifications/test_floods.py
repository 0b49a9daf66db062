"""Digests and flood cards (rule S4): more than a channel wants at once is asked about, and answered once."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.mutes import Mute
from bot.core.notifications.schedule import Rhythm, Schedule
from bot.sandbox.slack.messages import PostedMessage
from bot.store.notifications.floods import DIGEST, POST, SEEN
from tests.delivery.conftest import LEASE, Outbox

HOUR = 3600


async def flood(outbox: Outbox, number: int = 25) -> PostedMessage:
    """Let more happen than a channel wants at once, and return the question."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(one), "late" if one % 2 else "created") for one in range(number)))
    await outbox.tick()
    await outbox.send(2)
    (card,) = outbox.slack.messages("onboarding")
    return card


async def answer(outbox: Outbox, what: str) -> None:
    """Answer the question as Mei."""
    (row,) = [row for row in await outbox.rows() if row["kind"] == "flood"]
    mei = outbox.slack.workspace.member.id
    assert await outbox.store.floods.answer(outbox.team_id, row["channel_id"], row["id"], what, mei, outbox.clock())


async def test_more_than_twenty_are_a_question_with_counts(outbox: Outbox) -> None:
    """Nothing is posted before it is answered; what happens meanwhile waits with it, and is counted."""
    card = await flood(outbox)
    assert "25 notifications" in card.text
    assert "🆕 13 created" in card.text
    await outbox.happen(("100", "late"))
    await outbox.tick()
    await outbox.send(30)
    (now,) = outbox.slack.messages("onboarding")
    assert "26 notices" in now.text


async def test_twenty_are_posted(outbox: Outbox) -> None:
    """The gate opens above twenty."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(one), "late") for one in range(20)))
    await outbox.tick()
    await outbox.send(30)
    assert len(outbox.slack.messages("onboarding")) == 20


async def test_the_largest_limit_lifts_the_gate(outbox: Outbox) -> None:
    """S4: who asks for forty at once gets forty."""
    await outbox.subscribe("onboarding", limit=40)
    await outbox.happen(*((str(one), "late") for one in range(40)))
    await outbox.tick()
    await outbox.send(60)
    assert len(outbox.slack.messages("onboarding")) == 40


async def test_post_all_posts_them_in_order_with_progress(outbox: Outbox) -> None:
    """Paced like everything; the card counts, and says in the end that all is told."""
    card = await flood(outbox)
    await answer(outbox, POST)
    await outbox.send(12)
    now = outbox.slack.state.messages.get(card.channel, card.ts)
    assert now
    assert "of 25" in now.text
    await outbox.send(60)
    messages = outbox.slack.messages("onboarding")
    assert [one.text.splitlines()[0].rpartition("File ")[2] for one in messages[1:]] == [str(n) for n in range(25)]
    assert {row["state"] for row in await outbox.rows()} == {"sent"}


async def test_one_digest_tells_them_all(outbox: Outbox) -> None:
    """Grouped by event, each linked; long ones go on in the thread."""
    await flood(outbox, 60)
    await answer(outbox, DIGEST)
    await outbox.send(40)
    messages = outbox.slack.messages("onboarding")
    assert [one.thread_ts is None for one in messages] == [True, True, False, False]
    assert "60 notices in one digest" in messages[1].text
    assert "The rest is in the thread." in messages[1].text
    told = "\n".join(one.text for one in messages[1:])
    assert sorted(set(told.split("File ")[1:]), key=len) != []
    assert all(f"File {number}" in told for number in range(60))
    assert {row["state"] for row in await outbox.rows()} == {"sent"}


async def test_marked_as_seen_they_are_not_posted(outbox: Outbox) -> None:
    """Who did it is known to `why`."""
    await flood(outbox)
    await answer(outbox, SEEN)
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 1
    skipped = [row for row in await outbox.rows() if row["state"] == "skipped"]
    assert len(skipped) == 25
    assert skipped[0]["reason"] == f"<@{outbox.slack.workspace.member.id}> marked it as seen."


async def test_unanswered_for_an_hour_it_becomes_a_digest(outbox: Outbox) -> None:
    """Nobody must do anything; a later answer changes nothing."""
    card = await flood(outbox)
    outbox.clock.forward(HOUR)
    await outbox.tick()
    await outbox.send(10)
    await answer(outbox, POST)
    await outbox.tick()
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 2
    now = outbox.slack.state.messages.get(card.channel, card.ts)
    assert now
    assert "digest" in now.text


async def test_what_a_mute_held_comes_back_as_one_summary(outbox: Outbox) -> None:
    """With its end; a single notice comes as itself."""
    await outbox.subscribe("onboarding")
    mei, until = outbox.slack.workspace.member.id, outbox.clock.now.replace(hour=23)
    place = (outbox.team_id, outbox.channel("onboarding"))
    await outbox.store.channels.mute(*place, [Mute(until=until)], mei, outbox.clock())
    await outbox.happen(("1", "late"), ("2", "created"))
    await outbox.tick()
    await outbox.send(5)
    assert await outbox.states() == ["held", "held"]
    outbox.clock.now = until
    await outbox.tick()
    await outbox.send(5)
    assert outbox.posted("onboarding") == ["📥 *2 notices while it was muted*"]


async def muted(outbox: Outbox, *events: str) -> None:
    """Let a channel hear nothing of events, or of everything, until eleven."""
    mei, place = outbox.slack.workspace.member.id, (outbox.team_id, outbox.channel("onboarding"))
    mutes = [Mute(trigger=event, until=outbox.clock.now.replace(hour=23)) for event in events or [""]]
    await outbox.store.channels.mute(*place, mutes, mei, outbox.clock())


async def at_eleven(outbox: Outbox) -> None:
    """Let mutes end."""
    outbox.clock.now = outbox.clock.now.replace(hour=23)
    await outbox.tick()


@pytest.mark.parametrize(
    ("end", "posted"),
    [
        ("unwanted", ["📥 *2 notices while it was muted*"]),
        ("refused", ["📥 *77 notices while it was muted*", "Part 2 of 4", "Part 3 of 4", "Part 4 of 4"]),
    ],
)
async def test_a_summary_goes_on_where_its_first_part_can_not_be_told(
    outbox: Outbox, end: str, posted: list[str]
) -> None:
    """Of what was unsubscribed meanwhile, or Slack will never take: the rest comes, in one thread."""
    row = await outbox.subscribe("onboarding")
    await muted(outbox)
    await outbox.happen(*((str(one), "created") for one in range(100)), ("100", "late"), ("101", "late"))
    await outbox.tick()
    await at_eleven(outbox)
    if end == "refused":
        outbox.slack.fail_next("chat.postMessage", "msg_blocks_too_long")
    else:
        await outbox.store.subscriptions.end(outbox.team_id, [row.id], ["created"], "U1")
    await outbox.send(10)
    assert outbox.posted("onboarding") == posted
    first, *others = outbox.slack.messages("onboarding")
    assert {message.thread_ts for message in others} <= {first.ts}


async def test_a_summary_and_what_is_sent_meanwhile_do_not_wait_for_each_other(outbox: Outbox) -> None:
    """What a mute kept back happened before it, and after it: it is told first, and then the summary."""
    await outbox.subscribe("onboarding")
    await muted(outbox, "late")
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await outbox.happen(("1", "created"))
    await outbox.tick()
    (sending,) = await outbox.store.deliveries.claim(outbox.team_id, "me", outbox.clock(), LEASE * 9999, 1)
    await outbox.happen(("1", "late"))
    await outbox.tick()
    await at_eleven(outbox)
    await outbox.store.deliveries.mark_again(sending, "Slack is busy.", outbox.clock())
    await outbox.send(5)
    assert await outbox.states() == ["sent", "sent", "sent", "sent"]
    first, second = outbox.posted("onboarding")
    assert "Created" in first
    assert second == "📥 *2 notices while it was muted*"


async def test_nothing_overtakes_a_summary(outbox: Outbox) -> None:
    """E2: what happened before there was one, and after all that it tells, follows with a later tick."""
    await flood(outbox)
    await outbox.happen(("1", "approved"))
    await answer(outbox, "digest")
    await outbox.tick()
    await outbox.send(5)
    assert outbox.posted("onboarding")[1:] == ["📥 *25 notifications in one digest*"]
    await outbox.tick()
    await outbox.send(5)
    assert "Approved" in outbox.posted("onboarding")[2]


async def test_a_daily_channel_has_its_notices_once_a_day(outbox: Outbox) -> None:
    """All that happened since yesterday, in one message, in order; a digest is no flood."""
    await outbox.subscribe("onboarding")
    mei = outbox.slack.workspace.member.id
    place = (outbox.team_id, outbox.channel("onboarding"))
    await outbox.store.channels.save(*place, MessageStyle(), Schedule(rhythm=Rhythm.DAILY), mei, outbox.clock())
    for number in range(30):
        await outbox.happen((str(number), "late"))
        await outbox.tick()
        outbox.clock.forward(HOUR)
    await outbox.send(5)
    posted = outbox.posted("onboarding")
    assert len(posted) == 1
    assert posted[0].endswith("notices in this summary*")
    outbox.clock.forward(24 * HOUR)
    await outbox.tick()
    await outbox.send(5)
    total = sum(int(line.split("*")[1].split()[0]) for line in outbox.posted("onboarding"))
    assert total == 30


async def test_another_schedule_counts_for_what_waits(outbox: Outbox) -> None:
    """Later than it was, or at once; one that is saved as it was changes nothing."""

    async def hears(**schedule: Any) -> list[str]:
        await outbox.store.channels.save(
            outbox.team_id, outbox.channel("onboarding"), MessageStyle(), Schedule(**schedule), "U1", outbox.clock()
        )
        await outbox.tick()
        await outbox.send(5)
        return outbox.posted("onboarding")

    await outbox.subscribe("onboarding")
    await hears(rhythm=Rhythm.DAILY, at=time(14))
    await outbox.happen(("1", "late"))
    await outbox.tick()
    assert await hears(rhythm=Rhythm.DAILY, at=time(14)) == []
    assert await hears(rhythm=Rhythm.DAILY, at=time(17)) == []
    outbox.clock.now = outbox.clock.now.replace(hour=15)
    assert await hears(rhythm=Rhythm.DAILY, at=time(17)) == []
    (card,) = await hears()
    assert "Late" in card


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message"])
async def test_a_question_that_can_not_be_redrawn_is_left_alone(outbox: Outbox, code: str) -> None:
    """Someone deleted it: its answer still counts."""
    await flood(outbox)
    outbox.slack.fail_next("chat.update", code, times=5)
    await answer(outbox, DIGEST)
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 2


async def test_a_question_that_can_not_be_redrawn_now_is_redrawn_later(outbox: Outbox) -> None:
    """Slack has trouble just then."""
    await flood(outbox)
    (question,) = outbox.slack.messages("onboarding")
    outbox.slack.fail_next("chat.update", "internal_error")
    await answer(outbox, DIGEST)
    await outbox.send(60)
    assert outbox.slack.messages("onboarding")[0].blocks != question.blocks
    assert len(outbox.slack.called("chat.update")) == 2


async def test_the_backlog_says_what_holds_and_what_waits(outbox: Outbox) -> None:
    """C7: `status` reads from it that a question is open, and that nothing waits once all is told."""
    await flood(outbox)
    backlog = await outbox.store.deliveries.backlog(outbox.team_id, outbox.clock())
    assert (backlog.waiting, backlog.held, backlog.failed) == (0, {"flood": 25}, 0)
    await answer(outbox, DIGEST)
    gathered = await outbox.store.deliveries.backlog(outbox.team_id, outbox.clock())
    assert (gathered.waiting, gathered.held) == (25, {})
    await outbox.send(30)
    done = await outbox.store.deliveries.backlog(outbox.team_id, outbox.clock())
    assert (done.waiting, done.held) == (0, {})
    mute = Mute(until=None)
    mei, channel = outbox.slack.workspace.member.id, outbox.channel("onboarding")
    await outbox.store.channels.mute(outbox.team_id, channel, [mute], mei, outbox.clock())
    await outbox.happen(("200", "late"))
    await outbox.tick()
    muted = await outbox.store.deliveries.backlog(outbox.team_id, outbox.clock())
    assert (muted.waiting, muted.held) == (0, {"mute": 1})
