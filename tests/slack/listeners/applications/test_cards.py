"""What people do with cards in the real app: assign, unassign, refresh; and later events in the thread."""

from __future__ import annotations

from bot.sandbox.slack.messages import PostedMessage
from bot.slack.views.building import ids
from tests.slack.conftest import World, menu


async def card(world: World, number: int = 1) -> PostedMessage:
    """Return the card of an application that became late."""
    await world.say("subscribe all")
    world.account.make_late(number)
    return (await world.posted("onboarding", "*Late*"))[0]


async def test_a_later_event_updates_the_card_and_replies_in_its_thread(world: World) -> None:
    """There is one card for an application, and its thread has the events."""
    shown = await card(world)
    world.account.submit(1)
    reply = (await world.posted("onboarding", "*Submitted*", "*Submitted*"))[1]
    assert reply.thread_ts == shown.ts
    update, post = world.slack.called("chat.update")[0], world.slack.called("chat.postMessage")[-1]
    assert update.at < post.at


async def test_taking_shows_on_the_card_and_mentions_who_took_it(world: World) -> None:
    """The card names the person, who is mentioned first when others change something, until someone unassigns it."""
    shown = await card(world)
    answer = (await world.click(shown, "Assign to me")).text
    assert ("👤 Assigned to you" in answer, "card" in answer) == (True, False)
    mei = world.slack.workspace.member.id
    shown = await world.shows(shown, f"Assigned to <@{mei}>")
    world.account.submit(1)
    await world.posted("onboarding", "*Submitted*", f"<@{mei}> 📨 *Submitted*")
    assert f"It was assigned to <@{mei}> before." in (await world.choose(shown, "Unassign", user="adrien")).text
    await world.shows(shown, "Assign to me")


async def test_who_wants_no_mentions_gets_none(world: World) -> None:
    """Each person can turn their mentions off."""
    shown = await card(world)
    answer = await world.click(shown, "Assign to me")
    assert "You've turned mentions off" in (await world.click(answer, "Turn mentions off")).text
    world.account.submit(1)
    messages = await world.posted("onboarding", "*Submitted*", "*Submitted*")
    assert not messages[1].text.startswith("<@")


async def test_a_click_on_an_outdated_card_refreshes_it_and_says_so(world: World) -> None:
    """Details, Update and Delete first update a card that is behind Clust."""
    shown = await card(world)
    await world.until("why 1", "|posted>")  # the bot knows that it stands there
    world.account.list_stands_still = True
    for number, (button, user) in enumerate((("Details", "mei"), ("Update", "mei"), ("Delete…", "adrien"))):
        title = f"Acme {number}"
        world.account.rename(1, title)
        if button == "Delete…":
            value = next(one["value"] for one in menu(shown) if one["text"]["text"] == button)
            await world.slack.click(shown, ids.MORE, value=value, user=user)
        else:
            await world.press(shown, button, user=user)
        await world.window(user, "The card in the channel was out of date. It's up to date now.")
        shown = await world.shows(shown, title)
    await world.press(shown, "Details")
    assert "out of date" not in await world.window("mei", "Read from Clust")


async def test_a_card_offers_what_its_state_allows(world: World) -> None:
    """Deleted in Clust, it is gone: nothing is left to take, update or delete."""
    shown = await card(world)
    assert [one["text"]["text"] for one in menu(shown)] == [
        "Assign to…",
        "Mute this application",
        "Why this?",
        "Delete…",
    ]
    world.account.remove(1)
    shown = await world.shows(shown, "no longer in Clust")
    assert [one["text"]["text"] for one in menu(shown)] == ["Mute this application", "Why this?"]
