"""`mute` and `unmute`, and *Mute this application* on a card, in the real app."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import mutes
from tests.slack.conftest import RunningBot, buttons


async def test_a_muted_channel_gets_one_summary_when_it_is_unmuted(bot: RunningBot) -> None:
    """Events during the mute come as one summary that names each."""
    await bot.say("subscribe all")
    answer = await bot.say("mute until tomorrow 9:00")
    assert answer.text.startswith("🔕 Muted this channel until <!date^")
    assert "🔕 This channel is muted until <!date^" in (await bot.say("subscriptions")).text
    bot.account.make_late(1)
    bot.account.make_late(2)
    await bot.account.read(3)
    assert bot.slack.messages("onboarding") == []
    assert "🔔 Unmuted." in (await bot.say("unmute")).text
    (summary,) = await bot.posted("onboarding", "2 updates while this channel was muted")
    assert "Acme" in summary.text
    assert "Birch" in summary.text
    assert "Nothing is muted here" in (await bot.say("unmute")).text


async def test_an_event_is_muted_and_the_others_are_not(bot: RunningBot) -> None:
    """`mute late 2h` mutes that event, and `unmute late` ends it."""
    await bot.say("subscribe late,created")
    assert "*Late*" in (await bot.say("mute late 2h")).text
    bot.account.make_late(1)
    bot.account.add(title="Dune")
    await bot.posted("onboarding", "Dune")
    await bot.say("unmute created")
    assert len(bot.slack.messages("onboarding")) == 1
    await bot.say("unmute late")
    await bot.posted("onboarding", "Dune", "Acme")


async def test_an_application_is_muted_from_its_card(bot: RunningBot) -> None:
    """The menu asks how long, and the answer replaces the question."""
    await bot.say("subscribe late")
    bot.account.make_late(1)
    (card,) = await bot.posted("onboarding", "Acme")
    question = await bot.choose(card, "Mute this application")
    assert "Mute application #1 in this channel for how long?" in question.text
    assert buttons(question) == ["1 hour", "Until tomorrow", "Until Monday", "1 week"]
    answer = await bot.click(question, "Until Monday")
    assert "Muted application #1 in this channel until" in answer.text


async def test_what_is_no_end_is_answered_with_what_would_be(idle_bot: RunningBot) -> None:
    """An invalid end is answered with examples, and a misspelled event is named."""
    assert "I don't understand “soon” as a time. Try `2h`" in (await idle_bot.say("mute soon")).text
    assert "Did you mean `late`?" in (await idle_bot.say("mute lates 2h")).text
    assert "`2h` isn't an event or an application" in (await idle_bot.say("unmute 2h")).text
    assert "Mute this channel for how long?" in (await idle_bot.say("mute")).text
    assert buttons(await idle_bot.say("mute #2 late")) == ["1 hour", "Until tomorrow", "Until Monday", "1 week"]


async def test_an_unknown_application_can_not_be_muted(idle_bot: RunningBot) -> None:
    """B10: an application that is not stored cannot be muted, and nothing of the command is done."""
    answer = await idle_bot.say("mute 1 9001 9002 2h")
    assert "I don't know #9001, #9002" in answer.text
    many = " ".join(str(10_000 + number) for number in range(400))
    assert "I don't know #10000, #10001, #10002, #10003, #10004 …" in (await idle_bot.say(f"mute {many} 2h")).text
    assert await idle_bot.rows(sa.select(mutes)) == []
    assert "🔕 Muted " in (await idle_bot.say("mute 1 2h")).text
