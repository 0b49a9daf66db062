"""`mute` and `unmute`, and *Mute this application* on a card, in the real app."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.engine.tables import mutes
from tests.slack.conftest import World, buttons


async def test_a_muted_channel_hears_nothing_until_it_is_unmuted(world: World) -> None:
    """Events during the mute come as one summary that names each."""
    await world.say("subscribe all")
    answer = await world.say("mute until tomorrow 9:00")
    assert answer.text.startswith("🔕 Muted this channel until <!date^")
    assert "🔕 Muted: this channel until <!date^" in (await world.say("subscriptions")).text
    world.account.make_late(1)
    world.account.make_late(2)
    await world.account.read(3)
    assert world.slack.messages("onboarding") == []
    assert "🔔 Unmuted." in (await world.say("unmute")).text
    (summary,) = await world.posted("onboarding", "2 updates while this channel was muted")
    assert "Acme" in summary.text
    assert "Birch" in summary.text
    assert "Nothing is muted here" in (await world.say("unmute")).text


async def test_an_event_is_muted_and_the_others_are_not(world: World) -> None:
    """`mute late 2h` mutes that event, and `unmute late` ends it."""
    await world.say("subscribe late,created")
    assert "*late*" in (await world.say("mute late 2h")).text
    world.account.make_late(1)
    world.account.add(title="Dune")
    await world.posted("onboarding", "Dune")
    await world.say("unmute created")
    assert len(world.slack.messages("onboarding")) == 1
    await world.say("unmute late")
    await world.posted("onboarding", "Dune", "Acme")


async def test_an_application_is_muted_from_its_card(world: World) -> None:
    """The menu asks how long; the answer replaces the question."""
    await world.say("subscribe late")
    world.account.make_late(1)
    (card,) = await world.posted("onboarding", "Acme")
    question = await world.choose(card, "Mute this application")
    assert "Mute application #1 in this channel for how long?" in question.text
    assert buttons(question) == ["1 hour", "Until tomorrow", "Until Monday", "1 week"]
    answer = await world.click(question, "Until Monday")
    assert "Muted application #1 until" in answer.text


async def test_what_is_no_end_is_answered_with_what_would_be(world: World) -> None:
    """An invalid end is answered with examples; a misspelt event is named."""
    assert "I don't understand “soon” as a time. Try `2h`" in (await world.say("mute soon")).text
    assert "Did you mean `late`?" in (await world.say("mute lates 2h")).text
    assert "`2h` isn't an event or an application" in (await world.say("unmute 2h")).text
    assert "Mute this channel for how long?" in (await world.say("mute")).text
    assert buttons(await world.say("mute #2 late")) == ["1 hour", "Until tomorrow", "Until Monday", "1 week"]


async def test_what_is_muted_is_known(calm: World) -> None:
    """B10: an application that is not stored cannot be muted, and nothing of the command is done."""
    answer = await calm.say("mute 1 9001 9002 2h")
    assert "I don't know #9001, #9002" in answer.text
    many = " ".join(str(10_000 + number) for number in range(400))
    assert "I don't know #10000, #10001, #10002, #10003, #10004 …" in (await calm.say(f"mute {many} 2h")).text
    assert await calm.rows(sa.select(mutes)) == []
    assert "🔕 Muted " in (await calm.say("mute 1 2h")).text
