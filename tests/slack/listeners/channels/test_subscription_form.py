"""Subscribing by form in the real app: its preview, its errors, what it stores, and what it starts with."""

from __future__ import annotations

import json

from bot.store.engine.tables import channels
from tests.slack.conftest import RunningBot
from tests.slack.listeners.channels.subscription_form import opened, opened_whole, sent


async def test_the_form_shows_what_the_last_14_days_would_have_posted(bot: RunningBot) -> None:
    """A count, the busiest day, three samples. They are updated and explained when a filter is entered."""
    await bot.say("subscribe all", channel="general")
    bot.account.make_late(1)
    bot.account.make_late(2)
    await bot.posted("general", "Acme", "Birch")
    view = await opened(bot, "onboarding", "would have posted 2 notifications", "⏰ Late")
    await bot.slack.click(view, "filter", value="title:acme", values={"filter": "title:acme"}, user="mei")
    await bot.window("mei", "title contains “acme”", "would have posted 1 notification")
    view = bot.slack.views.of(bot.slack.workspace.member.id) or view
    await bot.slack.click(view, "filter", value="titel:acme", values={"filter": "titel:acme"}, user="mei")
    await bot.window("mei", "Did you mean `title`?")


async def test_it_asks_three_things_and_leaves_the_rest_as_it_is(idle_bot: RunningBot) -> None:
    """Channel, events and filter. How the channel gets its notifications changes only behind *More options*."""
    await sent(idle_bot, await opened_whole(idle_bot), events=["late"], style=["full"], schedule="hourly", gate="7")
    view = await opened(idle_bot, "onboarding", "already subscribed to", "*late* for every application")
    block_ids = [block["block_id"] for block in view.sent["blocks"] if block["type"] == "input"]
    assert block_ids == ["channel", "events", "filter"]
    await sent(idle_bot, view, events=["created"])
    (row,) = await idle_bot.rows(channels.select())
    style = json.loads(row["style"])
    assert (style["full"], style["gate"]) == (True, 7)
    assert "Notifications are posted every hour" in (await idle_bot.say("subscriptions")).text


async def test_it_says_what_the_chosen_channel_gets(idle_bot: RunningBot) -> None:
    """Of one that the person can see, but nothing of a private one that they aren't in."""
    people = idle_bot.slack.workspace
    secret = people.add_channel("board", kind="private", members={people.bot.id, people.admin.id})
    await idle_bot.say("subscribe approved", channel="general")
    await idle_bot.say("subscribe submitted", channel=secret, user="adrien")
    view = await opened(idle_bot, "onboarding", "has no subscriptions yet")
    (option,) = await idle_bot.slack.options(view, "channel", "general")
    for channel_id, text in ((people.channel("general").id, "*approved* for every"), (secret.id, None)):
        chosen = {**option, "value": channel_id}
        await idle_bot.slack.click(view, "channel", value=chosen, values={"channel": chosen}, user="mei")
        await idle_bot.window("mei", *([text] if text else []), f'"value": "{channel_id}"')
        view = idle_bot.slack.views.of(people.member.id) or view
        assert "submitted* for every" not in json.dumps(view.sent)
    assert "subscribed to" not in json.dumps(view.sent)


async def test_another_channel_can_be_chosen_that_the_person_may_know_of(idle_bot: RunningBot) -> None:
    """Those that the bot is in. Private ones only for their members, and shared ones by admins in the channel."""
    people = idle_bot.slack.workspace
    secret = people.add_channel("board", kind="private", members={people.bot.id, people.admin.id})
    people.channel("with-partner").members.add(people.bot.id)
    view = await opened(idle_bot)
    offered = [one["text"]["text"] for one in await idle_bot.slack.options(view, "channel", "")]
    assert "#onboarding" in offered
    assert "#board" not in offered
    (own_option,) = await idle_bot.slack.options(view, "channel", "partner")
    exchange = await sent(idle_bot, view, channel=own_option)
    assert "This channel is shared with another organization." in exchange.errors["channel"]
    forged = {**own_option, "value": secret.id}
    exchange = await sent(idle_bot, view, channel=forged)
    assert "You aren't in this channel" in exchange.errors["channel"]


async def test_everybody_in_a_large_channel_is_found(idle_bot: RunningBot) -> None:
    """T0: who is in a private channel is read to the end of its members."""
    people = idle_bot.slack.workspace
    crowd = {f"U0000000{number:05}" for number in range(2_500)}
    place = people.add_channel("deal", kind="private", members={people.bot.id, people.member.id, *crowd})
    assert sorted(place.members).index(people.member.id) > 2_000
    view = await opened(idle_bot)
    (option,) = await idle_bot.slack.options(view, "channel", "deal")
    exchange = await sent(idle_bot, view, channel=option, events=["late"])
    assert exchange.errors == {}
    assert len(idle_bot.slack.called("conversations.members")) == 3
