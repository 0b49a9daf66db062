"""The buttons of a held subscription in the real app: Move, Adopt, Drop, and who may use them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.views import View
from tests.slack.conftest import World, buttons


async def held(world: World) -> PostedMessage:
    """Subscribe, archive the channel, cause an event, and return the message to Mei."""
    await world.say("status", user="adrien")  # an admin who uses the bot is told too
    world.account.make_late(1)
    await world.status("1 late")
    await world.say("subscribe late,created")
    await world.slack.archive("onboarding")
    (told,) = await world.told("mei", "is on hold. The channel is archived.")
    world.account.make_late(2)
    await world.status("2 late", "on hold")
    return told


async def form(world: World, told: PostedMessage, user: str = "mei") -> View:
    """Click *Move…* and return the form."""
    await world.press(told, "Move…", user=user)
    await world.window(user, "to another channel, together with any notifications on hold")
    view = world.slack.views.of(world.slack.workspace.user(user).id)
    assert view
    return view


async def moved(world: World, view: View, channel: Any) -> Interaction:
    """Submit the form."""
    exchange = await world.slack.submit(view, {"channel": channel})
    world.exchanges.append(exchange)
    return exchange


async def test_it_is_moved_to_another_channel(world: World) -> None:
    """To a channel that the person may see; what was held follows, and nothing comes twice."""
    told = await held(world)
    people = world.slack.workspace
    board = people.add_channel("board", kind="private", members={people.bot.id, people.admin.id})
    await world.slack.invite_bot("general")
    view = await form(world, told)
    (general,) = await world.slack.options(view, "channel", "general")
    refused = await moved(world, view, {**general, "value": board.id})
    assert "You aren't in this channel" in refused.errors["channel"]
    refused = await moved(world, view, {**general, "value": people.onboarding.id})
    assert "It's already in that channel" in refused.errors["channel"]
    done = await moved(world, view, general)
    assert done.view
    await world.posted("general", "Birch")
    assert "*created and late*" in (await world.say("subscriptions", channel="general")).text


async def test_an_admin_adopts_it(world: World) -> None:
    """Admins get the message too and can adopt for everyone; nobody else can."""
    await held(world)
    (told,) = await world.told("adrien", "is on hold. The channel is archived.")
    assert "Only its owner or an admin" in (await world.click(told, "Adopt", user="bruno")).text
    assert (
        "It stays on hold until the channel accepts messages" in (await world.click(told, "Adopt", user="adrien")).text
    )
    await world.slack.unarchive("onboarding")
    await world.posted("onboarding", "Birch")
    await world.told("adrien", "You now own the subscription", "works again")


async def test_it_is_dropped(world: World) -> None:
    """After a confirmation; a later click finds nothing."""
    told = await held(world)
    (also,) = await world.told("adrien", "is on hold")
    await world.click(told, "End…")
    assert "Nothing is on hold there anymore." in (await world.click(also, "Adopt", user="adrien")).text
    await world.slack.unarchive("onboarding")
    assert "no subscriptions" in (await world.say("subscriptions")).text
    assert world.slack.messages("onboarding") == []


async def test_nobody_adopts_what_is_theirs(world: World) -> None:
    """C6: the owner is not offered to adopt it, and an old button says that it is theirs."""
    told = await held(world)
    assert buttons(told) == ["Move…", "End…"]
    (also,) = await world.told("adrien", "is on hold")
    assert buttons(also) == ["Move…", "Adopt", "End…"]
    assert "You already own it" in (await world.click(also, "Adopt", user="mei")).text


async def test_what_is_adopted_can_still_be_moved_or_dropped(world: World) -> None:
    """C6: while the channel is held, *Move…* and *Drop…* stay and work; then they are gone."""
    await held(world)
    (also,) = await world.told("adrien", "is on hold")
    adopted = await world.click(also, "Adopt", user="adrien")
    assert buttons(adopted) == ["Move…", "End…"]
    view = await form(world, adopted, "adrien")
    await world.slack.close_view(view)
    dropped = await world.click(adopted, "End…", user="adrien")
    assert ("has ended" in dropped.text, buttons(dropped)) == (True, [])
