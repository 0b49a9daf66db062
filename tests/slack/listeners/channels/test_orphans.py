"""The buttons of a held subscription in the real app: Move, Adopt, Drop, and who may use them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.views import View
from tests.slack.conftest import RunningBot, buttons


async def held(bot: RunningBot) -> PostedMessage:
    """Subscribe, archive the channel, cause an event, and return the message to Mei."""
    await bot.say("status", user="adrien")  # an admin who uses the bot gets it too
    bot.account.make_late(1)
    await bot.status("1 late")
    await bot.say("subscribe late,created")
    await bot.slack.archive("onboarding")
    (notification,) = await bot.direct_messages("mei", "is on hold. The channel is archived.")
    bot.account.make_late(2)
    await bot.status("2 late", "on hold")
    return notification


async def form(bot: RunningBot, notification: PostedMessage, user: str = "mei") -> View:
    """Click *Move…* and return the form."""
    await bot.press(notification, "Move…", user=user)
    await bot.window(user, "to another channel, together with any notifications on hold")
    view = bot.slack.views.of(bot.slack.workspace.user(user).id)
    assert view
    return view


async def moved(bot: RunningBot, view: View, channel: Any) -> Interaction:
    """Submit the form."""
    exchange = await bot.slack.submit(view, {"channel": channel})
    bot.exchanges.append(exchange)
    return exchange


async def test_a_held_subscription_is_moved_to_another_channel(bot: RunningBot) -> None:
    """To a channel that the person may see. What was held follows, and nothing comes twice."""
    notification = await held(bot)
    people = bot.slack.workspace
    board = people.add_channel("board", kind="private", members={people.bot.id, people.admin.id})
    bot.slack.workspace.channel("general").members.add(bot.slack.workspace.bot.id)
    view = await form(bot, notification)
    (general,) = await bot.slack.options(view, "channel", "general")
    refused = await moved(bot, view, {**general, "value": board.id})
    assert "You aren't in this channel" in refused.errors["channel"]
    refused = await moved(bot, view, {**general, "value": people.onboarding.id})
    assert "The subscriptions are already in this channel" in refused.errors["channel"]
    done = await moved(bot, view, general)
    assert done.view
    await bot.posted("general", "Birch")
    assert "*created and late*" in (await bot.say("subscriptions", channel="general")).text


async def test_an_admin_adopts_a_held_subscription(bot: RunningBot) -> None:
    """Admins get the message too and can adopt for everyone. No one else can."""
    await held(bot)
    (notification,) = await bot.direct_messages("adrien", "is on hold. The channel is archived.")
    assert "Only its owner or an admin" in (await bot.click(notification, "Adopt", user="bruno")).text
    assert (
        "It stays on hold until the channel accepts messages"
        in (await bot.click(notification, "Adopt", user="adrien")).text
    )
    await bot.slack.unarchive("onboarding")
    await bot.posted("onboarding", "Birch")
    await bot.direct_messages("adrien", "You now own the subscription", "works again")


async def test_a_held_subscription_is_ended_after_a_confirmation(bot: RunningBot) -> None:
    """After a confirmation, and a later click finds nothing."""
    notification = await held(bot)
    (also,) = await bot.direct_messages("adrien", "is on hold")
    await bot.click(notification, "End…")
    assert "Nothing is on hold there anymore." in (await bot.click(also, "Adopt", user="adrien")).text
    await bot.slack.unarchive("onboarding")
    assert "no subscriptions" in (await bot.say("subscriptions")).text
    assert bot.slack.messages("onboarding") == []


async def test_an_owner_is_not_offered_to_adopt(bot: RunningBot) -> None:
    """C6: the owner is not offered to adopt it, and an old button says that it is theirs."""
    notification = await held(bot)
    assert buttons(notification) == ["Move…", "End…"]
    (also,) = await bot.direct_messages("adrien", "is on hold")
    assert buttons(also) == ["Move…", "Adopt", "End…"]
    assert "You already own this subscription" in (await bot.click(also, "Adopt", user="mei")).text


async def test_an_adopted_subscription_can_still_be_moved_or_ended(bot: RunningBot) -> None:
    """C6: while the channel is held, *Move…* and *Drop…* stay and work. Then they are gone."""
    await held(bot)
    (also,) = await bot.direct_messages("adrien", "is on hold")
    adopted = await bot.click(also, "Adopt", user="adrien")
    assert buttons(adopted) == ["Move…", "End…"]
    view = await form(bot, adopted, "adrien")
    await bot.slack.close_view(view)
    answer_to_end = await bot.click(adopted, "End…", user="adrien")
    assert ("has ended" in answer_to_end.text, buttons(answer_to_end)) == (True, [])
