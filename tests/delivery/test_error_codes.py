"""What delivery does about each of Slack's error codes: of a post, of a reply, of an update (A5, A6, rule P3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.notifications.slack_error_codes import CODES, About, is_in_info
from bot.store.engine.tables import applications
from bot.store.notifications.floods import DIGEST
from tests.delivery.conftest import Outbox

REFUSING = ("restricted_action_thread_locked", "restricted_action_non_threadable_channel", "thread_not_found")
WALKED = sorted(code for code, row in CODES.items() if "rate" not in code and row.about is not About.PASSING)
KINDS = sorted({(CODES[code].about, is_in_info(code)) for code in WALKED}, key=str)
"""What codes are about, and whether conversations.info shows it."""
ONE_OF_EACH_KIND = [next(code for code in WALKED if (CODES[code].about, is_in_info(code)) == kind) for kind in KINDS]
"""What is done depends on nothing else: `refusal` decides by what a code is about, and its tests walk every code."""


async def one_channel_each(outbox: Outbox, **style: bool) -> None:
    """Let one application be late in a channel for each code."""
    for code in ONE_OF_EACH_KIND:
        await outbox.subscribe(code)
        await outbox.style(code, **style)
    await outbox.happen(("1", "late"))
    await outbox.tick(1000)


async def state_by_channel(outbox: Outbox) -> dict[str, str]:
    """Return the state of the last delivery of each channel, by its name."""
    names = {channel.id: channel.name for channel in outbox.slack.workspace.channels.values()}
    return {names[row["channel_id"]]: row["state"] for row in await outbox.rows()}


def channel_code(outbox: Outbox, code: str, field: str) -> None:
    """Let a channel refuse with the code that it is named after."""
    setattr(outbox.slack.workspace.channel(code), field, code)


async def test_codes_of_a_post(outbox: Outbox) -> None:
    """A5: each has its end: what can't be posted anywhere has failed, and whatever else is refused waits, unlost."""
    await one_channel_each(outbox)
    for code in ONE_OF_EACH_KIND:
        channel_code(outbox, code, "refused_posts")
    await outbox.send(40)
    expected = {code: "failed" if CODES[code].about is About.MESSAGE else "held" for code in ONE_OF_EACH_KIND}
    assert await state_by_channel(outbox) == expected
    rows = await outbox.store.subscriptions.of_team(outbox.team_id)
    names = {channel.id: channel.name for channel in outbox.slack.workspace.channels.values()}
    reasons = {names[row.channel_id]: row.reason for row in rows if row.state == "held"}
    assert reasons == {code: code for code, state in expected.items() if state == "held"}


async def test_codes_of_a_reply(outbox: Outbox) -> None:
    """A6: what is about the reply, its thread or its card becomes a new card, and the channel goes on."""
    await one_channel_each(outbox, update=False)
    await outbox.send(40)
    for code in ONE_OF_EACH_KIND:
        channel_code(outbox, code, "refused_replies")
    await outbox.happen(("1", "submitted"))
    await outbox.tick(1000)
    await outbox.send(40)
    ends = {About.REPLY: "sent", About.CARD: "sent", About.MESSAGE: "failed"}
    assert await state_by_channel(outbox) == {code: ends.get(CODES[code].about, "held") for code in ONE_OF_EACH_KIND}
    for code in ONE_OF_EACH_KIND:
        if CODES[code].about in {About.REPLY, About.CARD}:
            assert [message.thread_ts for message in outbox.slack.messages(code)] == [None, None]


async def test_codes_of_an_update(outbox: Outbox) -> None:
    """A6: a card that can't be changed is given up, whatever for. Only what is surely about the channel holds it."""
    await one_channel_each(outbox)
    await outbox.send(40)
    for code in ONE_OF_EACH_KIND:
        channel_code(outbox, code, "refused_updates")
    await outbox.happen(("1", "submitted"))
    await outbox.tick(1000)
    await outbox.send(40)
    assert await state_by_channel(outbox) == {code: "held" if is_in_info(code) else "sent" for code in ONE_OF_EACH_KIND}


@pytest.mark.parametrize("code", REFUSING)
async def test_each_event_is_posted_in_a_channel_without_threads(outbox: Outbox, code: str) -> None:
    """A6: where no reply can stand, every event is a card of its own, tried once in the thread and not again."""
    await outbox.subscribe("onboarding")
    outbox.slack.workspace.onboarding.refused_replies = code
    for number, trigger in enumerate(("late", "pending", "submitted", "approved"), 1):
        await outbox.happen(("1", trigger))
        await outbox.tick()
        await outbox.send(10)
        assert await outbox.states() == ["sent"] * number
    assert [message.thread_ts for message in outbox.slack.messages("onboarding")] == [None] * 4
    refused = [call for call in outbox.slack.called("chat.postMessage") if not call.answer["ok"]]
    assert len(refused) <= 3


@pytest.mark.parametrize("code", REFUSING)
async def test_a_digest_continues_outside_a_thread_that_takes_no_replies(outbox: Outbox, code: str) -> None:
    """A6: the parts of a digest stand below each other where its thread takes no replies. None is tried forever."""
    await outbox.subscribe("onboarding")
    await outbox.happen(*((str(number), "late") for number in range(60)))
    await outbox.tick(100)
    await outbox.send(2)
    (question,) = [row for row in await outbox.rows() if row["kind"] == "flood"]
    outbox.slack.workspace.onboarding.refused_replies = code
    mei = outbox.slack.workspace.member.id
    floods = outbox.store.floods
    await floods.answer(outbox.team_id, question["channel_id"], question["id"], DIGEST, mei, outbox.clock())
    await outbox.send(60)
    messages = outbox.slack.messages("onboarding")
    assert [message.thread_ts for message in messages] == [None] * 4
    assert set(await outbox.states()) == {"sent"}


@pytest.mark.parametrize("code", REFUSING)
async def test_a_reminder_goes_to_the_top(outbox: Outbox, code: str) -> None:
    """A6: a reminder of a card whose thread takes no replies is a message of its own."""
    await outbox.subscribe("onboarding")
    await outbox.style("onboarding", reminder_days=1)
    await outbox.happen(("1", "late"))
    async with outbox.store.database.write() as tx:
        await tx.execute(applications.update().values(late=True))
    await outbox.tick()
    await outbox.send(5)
    outbox.slack.workspace.onboarding.refused_replies = code
    outbox.clock.forward(timedelta(days=3).total_seconds())
    await outbox.store.reminders.remind(outbox.team_id, outbox.channel("onboarding"), outbox.clock())
    await outbox.send(30)
    assert [message.thread_ts for message in outbox.slack.messages("onboarding")] == [None, None]
    assert await outbox.states() == ["sent", "sent"]
