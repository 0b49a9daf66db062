"""Digests and flood cards (rule S4): more than a channel wants at once is asked about, and answered once."""

from __future__ import annotations

import pytest

from bot.core.notifications.mutes import Mute
from bot.store.notifications.floods import DIGEST, POST, SEEN
from tests.delivery.conftest import Outbox
from tests.store.notifications.flood_cards import answer, flood

HOUR = 3600


async def test_more_than_twenty_are_a_question_with_counts(outbox: Outbox) -> None:
    """Nothing is posted before it is answered, and what happens until then waits with it, and is counted."""
    card = await flood(outbox)
    assert "25 notifications" in card.text
    assert "🆕 13 created" in card.text
    await outbox.happen(("100", "late"))
    await outbox.tick()
    await outbox.send(30)
    (now,) = outbox.slack.messages("onboarding")
    assert "26 notifications*" in now.text


async def test_post_all_posts_them_in_order_with_progress(outbox: Outbox) -> None:
    """At the usual pace. The card counts, and says in the end that everything was posted."""
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


async def test_marked_as_seen_they_are_not_posted(outbox: Outbox) -> None:
    """Who did it is known to `why`."""
    await flood(outbox)
    await answer(outbox, SEEN)
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 1
    skipped = [row for row in await outbox.rows() if row["state"] == "skipped"]
    assert len(skipped) == 25
    assert skipped[0]["reason"] == f"marked_as_seen:{outbox.slack.workspace.member.id}"


async def test_unanswered_for_an_hour_it_becomes_a_digest(outbox: Outbox) -> None:
    """No one has to do anything. A later answer changes nothing."""
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


async def muted(outbox: Outbox, *events: str) -> None:
    """Mute events, or everything, in a channel until eleven."""
    mei, place = outbox.slack.workspace.member.id, (outbox.team_id, outbox.channel("onboarding"))
    mutes = [Mute(trigger=event, until=outbox.clock.now.replace(hour=23)) for event in events or [""]]
    await outbox.store.channel_settings.mute(*place, mutes, mei, outbox.clock())


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message"])
async def test_a_question_that_can_not_be_updated_is_left_alone(outbox: Outbox, code: str) -> None:
    """Someone deleted it: its answer still counts."""
    await flood(outbox)
    outbox.slack.fail_next("chat.update", code, times=5)
    await answer(outbox, DIGEST)
    await outbox.send(40)
    assert len(outbox.slack.messages("onboarding")) == 2


async def test_a_question_that_can_not_be_updated_now_is_updated_later(outbox: Outbox) -> None:
    """Slack has trouble just then."""
    await flood(outbox)
    (question,) = outbox.slack.messages("onboarding")
    outbox.slack.fail_next("chat.update", "internal_error")
    await answer(outbox, DIGEST)
    await outbox.send(60)
    assert outbox.slack.messages("onboarding")[0].blocks != question.blocks
    assert len(outbox.slack.called("chat.update")) == 2


async def test_the_backlog_says_what_holds_and_what_waits(outbox: Outbox) -> None:
    """C7: `status` reads from it that a question is open, and that nothing waits once everything was posted."""
    await flood(outbox)
    backlog = await outbox.store.outbox.backlog(outbox.team_id, outbox.clock())
    assert (backlog.waiting, backlog.held, backlog.failed) == (0, {"flood": 25}, 0)
    await answer(outbox, DIGEST)
    gathered = await outbox.store.outbox.backlog(outbox.team_id, outbox.clock())
    assert (gathered.waiting, gathered.held) == (25, {})
    await outbox.send(30)
    done = await outbox.store.outbox.backlog(outbox.team_id, outbox.clock())
    assert (done.waiting, done.held) == (0, {})
    mute = Mute(until=None)
    mei, channel = outbox.slack.workspace.member.id, outbox.channel("onboarding")
    await outbox.store.channel_settings.mute(outbox.team_id, channel, [mute], mei, outbox.clock())
    await outbox.happen(("200", "late"))
    await outbox.tick()
    muted = await outbox.store.outbox.backlog(outbox.team_id, outbox.clock())
    assert (muted.waiting, muted.held) == (0, {"mute": 1})
