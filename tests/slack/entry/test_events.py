"""Events: a channel stops working or works again, and nothing is lost in between."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.slack.web_api.scopes import EVENT_TYPES
from bot.store.engine.tables import deliveries, subscriptions
from tests.slack.conftest import RunningBot


async def test_an_archived_channel_is_held_and_what_was_held_follows(bot: RunningBot) -> None:
    """Archiving holds the subscription and tells its owner once, and unarchiving posts what was held."""
    await bot.say("subscribe late")
    await bot.slack.archive("onboarding")
    await bot.direct_messages("mei", "The subscription in")
    bot.account.make_late(1)
    await bot.account.read(3)
    assert bot.slack.messages("onboarding") == []
    await bot.slack.unarchive("onboarding")
    await bot.posted("onboarding", "Acme")
    held, works = await bot.direct_messages(
        "mei", "is on hold. The channel is archived.", "works again. I'm posting the notifications that were on hold."
    )
    assert "Nothing is lost" in held.text
    assert held.ts < works.ts


async def test_the_bot_removed_and_invited_again(bot: RunningBot) -> None:
    """Removed from a channel, the bot tells the owner, and goes on where it was when it is invited again."""
    await bot.say("subscribe late", user="bruno")
    await bot.slack.remove_bot("onboarding")
    await bot.direct_messages("bruno", "is on hold. I'm not in the channel.")
    bot.account.make_late(2)
    await bot.account.read(3)
    await bot.slack.invite_bot("onboarding")
    await bot.posted("onboarding", "Birch")
    await bot.direct_messages("bruno", "Type `/invite @Clust` there.", "Your subscription in")


async def test_a_private_channel_that_the_bot_was_removed_from(idle_bot: RunningBot) -> None:
    """The subscription of a private channel is held although the bot can no longer see the channel."""
    await idle_bot.slack.invite_bot("compliance")
    await idle_bot.say("subscribe late", channel="compliance")
    await idle_bot.slack.remove_bot("compliance")
    await idle_bot.direct_messages("mei", "is on hold. The channel can't be found")
    await idle_bot.slack.invite_bot("compliance")
    await idle_bot.direct_messages("mei", "on hold", "works again")


async def test_a_refused_post_holds_the_channel_when_no_event_came(bot: RunningBot) -> None:
    """A refused post holds the channel, tells the owner, and the notification waits."""
    await bot.say("subscribe late")
    bot.slack.workspace.onboarding.is_archived = True
    bot.account.make_late(1)
    await bot.direct_messages("mei", "is on hold. The channel is archived.")
    rows = await bot.rows(sa.select(deliveries.c.state, deliveries.c.reason))
    assert [(row["state"], row["reason"]) for row in rows] == [("held", "is_archived")]
    await bot.slack.unarchive("onboarding")
    await bot.posted("onboarding", "Acme")


async def test_a_channel_that_becomes_shared_is_held(bot: RunningBot) -> None:
    """W2: a channel that becomes shared with another organization is held until an admin allows it."""
    await bot.say("subscribe late")
    await bot.slack.share_externally("onboarding")
    await bot.direct_messages("mei", "is on hold. The channel is now shared with another organization.")
    bot.account.make_late(1)
    await bot.account.read(3)
    assert bot.slack.messages("onboarding") == []
    question = await bot.say("subscribe late", user="adrien")
    await bot.click(question, "Allow it here")
    await bot.posted("onboarding", "Acme")


async def test_joining_of_others_changes_nothing(idle_bot: RunningBot) -> None:
    """A channel is not checked when someone else joins it."""
    await idle_bot.say("subscribe late")
    looked = len(idle_bot.slack.called("conversations.info"))
    people = idle_bot.slack.workspace
    exchange = await idle_bot.slack.event("member_joined_channel", user=people.guest.id, channel=people.onboarding.id)
    assert exchange.is_acknowledged
    await idle_bot.say("subscriptions")
    assert len(idle_bot.slack.called("conversations.info")) == looked


async def test_every_event_is_acknowledged_however_malformed(idle_bot: RunningBot) -> None:
    """K1: each event is acknowledged, even with an object for a channel, none, or a second time."""
    people = idle_bot.slack.workspace
    for kind in sorted(EVENT_TYPES):
        for channel in (people.general.id, {"id": people.general.id}, None, "C404"):
            exchange = await idle_bot.slack.event(kind, channel=channel, user=people.bot.id)
            assert exchange.is_acknowledged, kind
        again = await idle_bot.slack.event(kind, channel=people.general.id, retry=(1, "http_timeout"))
        assert again.is_acknowledged
    assert "All is well." in (await idle_bot.say("status")).text


async def test_a_channel_that_gets_another_id_is_followed(bot: RunningBot) -> None:
    """A14: sharing a private channel gives it another id. It is held for that alone, and goes on where it was."""
    bot.slack.workspace.channel("compliance").members.add(bot.slack.workspace.bot.id)
    await bot.say("subscribe all", channel="compliance")
    bot.account.make_late(1)
    await bot.posted("compliance", "Acme")
    (card,) = bot.slack.messages("compliance")
    new = await bot.slack.begin_sharing("compliance")
    await bot.direct_messages("mei", f"<#{new}> is on hold. The channel is now shared with another organization.")
    question = await bot.say("subscribe all", user="adrien", channel="compliance")
    await bot.click(question, "Allow it here")
    bot.account.submit(1)
    reply = await bot.slack.wait_for(lambda: bot.slack.messages("compliance")[1:])
    assert reply[0].thread_ts == card.ts


async def test_a_repeated_change_of_a_channel_id_changes_nothing(idle_bot: RunningBot) -> None:
    """A14: a repeated or incomplete channel_id_changed changes nothing."""
    await idle_bot.slack.invite_bot("compliance")
    await idle_bot.say("subscribe late", channel="compliance")
    old = idle_bot.slack.workspace.private.id
    new = await idle_bot.slack.begin_sharing("compliance")
    variants: list[dict[str, Any]] = [
        {"old_channel_id": old, "new_channel_id": new},
        {"old_channel_id": old},
        {"new_channel_id": new},
    ]
    for ids in variants:
        exchange = await idle_bot.slack.event("channel_id_changed", **ids)
        assert exchange.is_acknowledged
    await idle_bot.direct_messages("mei", "is on hold")
    (row,) = await idle_bot.rows(sa.select(subscriptions.c.channel_id, subscriptions.c.state))
    assert row["channel_id"] == new
