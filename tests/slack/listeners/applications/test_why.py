"""`why` and *Why this?* in the real app."""

from __future__ import annotations

from tests.slack.conftest import RunningBot


async def test_why_shows_where_it_was_posted_and_which_filters_did_not_match(bot: RunningBot) -> None:
    """The card's menu and the command give the same answer."""
    await bot.say("subscribe late title:acme")
    await bot.say("subscribe late title:birch", channel="general")
    bot.account.make_late(1)
    (card,) = await bot.posted("onboarding", "Acme")
    await bot.until("why 1", "Posted <!date^", "|View message>")
    answer = (await bot.choose(card, "Why this?")).text
    assert "⏰ *Late* · seen <!date^" in answer
    assert "Posted <!date^" in answer
    assert "It matched the filter *title contains “acme”*." in answer
    assert "Not posted. The filter requires: title contains “birch”." in answer
    link = f"/archives/{card.channel}/p{card.ts.replace('.', '')}|View message>"
    assert link in (await bot.say("why 1")).text


async def test_why_of_what_is_muted_and_of_what_never_happened(bot: RunningBot) -> None:
    """A held event, until when and why, and an application without events."""
    await bot.say("subscribe late")
    await bot.say("mute late 2h")
    bot.account.make_late(1)
    await bot.until("why 1", "On hold until <!date^", "Muted in that channel.")
    assert "It already existed when I first read Clust" in (await bot.say("why 2")).text
    assert "I've never seen application `999`" in (await bot.say("why 999")).text


async def test_why_names_no_private_channel_to_those_who_are_not_in_it(bot: RunningBot) -> None:
    """Private channels of others are counted, not named."""
    await bot.say("subscribe late", channel="compliance")
    await bot.slack.invite_bot("compliance")
    await bot.direct_messages("mei", "Thanks")
    bot.account.make_late(1)
    await bot.posted("compliance", "Acme")
    inside = (await bot.say("why 1", channel="general")).text
    bot.slack.workspace.channel("compliance").members.discard(bot.slack.workspace.member.id)
    outside = (await bot.say("why 1", channel="general")).text
    compliance = bot.slack.workspace.channel("compliance").id
    assert compliance in inside
    assert compliance not in outside
    assert "1 channel you aren't in" in outside
