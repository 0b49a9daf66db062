"""Events: a channel stops working or works again, and nothing is lost meanwhile."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.slack.web_api.scopes import EVENTS
from bot.store.engine.tables import deliveries, subscriptions
from tests.slack.conftest import World


async def test_an_archived_channel_is_held_and_what_was_held_follows(world: World) -> None:
    """Archiving holds the subscription and tells its owner once; unarchiving posts what was held."""
    await world.say("subscribe late")
    await world.slack.archive("onboarding")
    await world.told("mei", "The subscription in")
    world.account.make_late(1)
    await world.account.read(3)
    assert world.slack.messages("onboarding") == []
    await world.slack.unarchive("onboarding")
    await world.posted("onboarding", "Acme")
    held, works = await world.told(
        "mei", "is on hold. The channel is archived.", "works again. I'm posting the notifications that were on hold."
    )
    assert "Nothing is lost" in held.text
    assert held.ts < works.ts


async def test_the_bot_removed_and_invited_again(world: World) -> None:
    """Removed from a channel, the bot tells the owner, and goes on where it was when it is invited again."""
    await world.say("subscribe late", user="bruno")
    await world.slack.remove_bot("onboarding")
    await world.told("bruno", "is on hold. The bot isn't in the channel.")
    world.account.make_late(2)
    await world.account.read(3)
    await world.slack.invite_bot("onboarding")
    await world.posted("onboarding", "Birch")
    await world.told("bruno", "Type `/invite @Clust` there.", "Your subscription in")


async def test_a_private_channel_that_the_bot_was_removed_from(world: World) -> None:
    """The subscription of a private channel is held although the bot can no longer see the channel."""
    await world.slack.invite_bot("compliance")
    await world.say("subscribe late", channel="compliance")
    await world.slack.remove_bot("compliance")
    await world.told("mei", "is on hold. The channel can't be found")
    await world.slack.invite_bot("compliance")
    await world.told("mei", "on hold", "works again")


async def test_a_refused_post_holds_the_channel_when_no_event_came(world: World) -> None:
    """A refused post holds the channel, tells the owner, and the notification waits."""
    await world.say("subscribe late")
    world.slack.workspace.onboarding.is_archived = True
    world.account.make_late(1)
    await world.told("mei", "is on hold. The channel is archived.")
    rows = await world.rows(sa.select(deliveries.c.state, deliveries.c.reason))
    assert [(row["state"], row["reason"]) for row in rows] == [("held", "is_archived")]
    await world.slack.unarchive("onboarding")
    await world.posted("onboarding", "Acme")


async def test_a_channel_that_becomes_shared_is_held(world: World) -> None:
    """W2: a channel that becomes shared with another organisation is held until an admin allows it."""
    await world.say("subscribe late")
    await world.slack.share_externally("onboarding")
    await world.told("mei", "is on hold. The channel is now shared with another organization.")
    world.account.make_late(1)
    await world.account.read(3)
    assert world.slack.messages("onboarding") == []
    question = await world.say("subscribe late", user="adrien")
    await world.click(question, "Allow it here")
    await world.posted("onboarding", "Acme")


async def test_joining_of_others_changes_nothing(world: World) -> None:
    """A channel is not checked when someone else joins it."""
    await world.say("subscribe late")
    looked = len(world.slack.called("conversations.info"))
    people = world.slack.workspace
    exchange = await world.slack.event("member_joined_channel", user=people.guest.id, channel=people.onboarding.id)
    assert exchange.is_acknowledged
    await world.say("subscriptions")
    assert len(world.slack.called("conversations.info")) == looked


async def test_every_event_is_acknowledged_however_odd(world: World) -> None:
    """K1: each event is acknowledged, even with an object for a channel, none, or a second time."""
    people = world.slack.workspace
    for kind in EVENTS:
        for channel in (people.general.id, {"id": people.general.id}, None, "C404"):
            exchange = await world.slack.event(kind, channel=channel, user=people.bot.id)
            assert exchange.is_acknowledged, kind
        again = await world.slack.event(kind, channel=people.general.id, retry=(1, "http_timeout"))
        assert again.is_acknowledged
    assert "All is well." in (await world.say("status")).text


async def test_a_channel_that_gets_another_id_is_followed(world: World) -> None:
    """A14: sharing a private channel gives it another id; it is held for that alone, and goes on where it was."""
    await world.slack.invite_bot("compliance")
    await world.say("subscribe all", channel="compliance")
    world.account.make_late(1)
    await world.posted("compliance", "Acme")
    (card,) = world.slack.messages("compliance")
    new = await world.slack.begin_sharing("compliance")
    await world.told("mei", f"<#{new}> is on hold. The channel is now shared with another organization.")
    question = await world.say("subscribe all", user="adrien", channel="compliance")
    await world.click(question, "Allow it here")
    world.account.submit(1)
    reply = await world.slack.wait_for(lambda: world.slack.messages("compliance")[1:])
    assert reply[0].thread_ts == card.ts


async def test_an_id_that_changed_twice_told_changes_nothing_more(world: World) -> None:
    """A14: a repeated or incomplete channel_id_changed changes nothing."""
    await world.slack.invite_bot("compliance")
    await world.say("subscribe late", channel="compliance")
    old = world.slack.workspace.private.id
    new = await world.slack.begin_sharing("compliance")
    variants: list[dict[str, Any]] = [
        {"old_channel_id": old, "new_channel_id": new},
        {"old_channel_id": old},
        {"new_channel_id": new},
    ]
    for ids in variants:
        exchange = await world.slack.event("channel_id_changed", **ids)
        assert exchange.is_acknowledged
    await world.told("mei", "is on hold")
    (row,) = await world.rows(sa.select(subscriptions.c.channel_id, subscriptions.c.state))
    assert row["channel_id"] == new
