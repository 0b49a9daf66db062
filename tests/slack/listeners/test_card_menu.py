"""What people do with cards in the real app: assign, unassign and refresh, with later events in the thread."""

from __future__ import annotations

from bot.sandbox.slack.messages import PostedMessage
from bot.slack.views.building import ids
from tests.slack.conftest import RunningBot, menu


async def card(bot: RunningBot, number: int = 1) -> PostedMessage:
    """Return the card of an application that became late."""
    await bot.say("subscribe all")
    bot.account.make_late(number)
    return (await bot.posted("onboarding", "*Late*"))[0]


async def test_a_later_event_updates_the_card_and_replies_in_its_thread(bot: RunningBot) -> None:
    """There is one card for an application, and its thread has the events."""
    message = await card(bot)
    bot.account.submit(1)
    reply = (await bot.posted("onboarding", "*Submitted*", "*Submitted*"))[1]
    assert reply.thread_ts == message.ts
    update, post = bot.slack.called("chat.update")[0], bot.slack.called("chat.postMessage")[-1]
    assert update.at < post.at


async def test_the_assignee_is_on_the_card_and_is_mentioned(bot: RunningBot) -> None:
    """The card names the person, who is mentioned first when others change something, until someone unassigns it."""
    message = await card(bot)
    answer = (await bot.click(message, "Assign to me")).text
    assert ("👤 Assigned to you" in answer, "card" in answer) == (True, False)
    mei = bot.slack.workspace.member.id
    message = await bot.shows(message, f"Assigned to <@{mei}>")
    bot.account.submit(1)
    await bot.posted("onboarding", "*Submitted*", f"<@{mei}> 📨 *Submitted*")
    assert f"It was assigned to <@{mei}> before." in (await bot.choose(message, "Unassign", user="adrien")).text
    await bot.shows(message, "Assign to me")


async def test_who_wants_no_mentions_gets_none(bot: RunningBot) -> None:
    """Each person can turn their mentions off."""
    message = await card(bot)
    answer = await bot.click(message, "Assign to me")
    assert "You've turned mentions off" in (await bot.click(answer, "Turn mentions off")).text
    bot.account.submit(1)
    messages = await bot.posted("onboarding", "*Submitted*", "*Submitted*")
    assert not messages[1].text.startswith("<@")


async def test_a_click_on_an_outdated_card_refreshes_it_and_says_so(bot: RunningBot) -> None:
    """Details, Update and Delete first update a card that is behind Clust."""
    message = await card(bot)
    await bot.until("why 1", "|View message>")  # the bot knows that it stands there
    bot.account.list_stands_still = True
    for number, (button, user) in enumerate((("Details", "mei"), ("Update", "mei"), ("Delete…", "adrien"))):
        title = f"Acme {number}"
        bot.account.rename(1, title)
        if button == "Delete…":
            value = next(one["value"] for one in menu(message) if one["text"]["text"] == button)
            await bot.slack.click(message, ids.MORE, value=value, user=user)
        else:
            await bot.press(message, button, user=user)
        await bot.window(user, "The card in the channel was out of date. It's up to date now.")
        message = await bot.shows(message, title)


async def test_a_card_offers_what_its_state_allows(bot: RunningBot) -> None:
    """Deleted in Clust, it is gone: nothing is left to take, update or delete."""
    message = await card(bot)
    assert [one["text"]["text"] for one in menu(message)] == [
        "Assign to…",
        "Mute this application",
        "Why this?",
        "Delete…",
        "More actions…",
    ]
    bot.account.remove(1)
    message = await bot.shows(message, "no longer in Clust")
    assert [one["text"]["text"] for one in menu(message)] == ["Mute this application", "Why this?"]
