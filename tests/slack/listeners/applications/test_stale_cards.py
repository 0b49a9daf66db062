"""Cards are up to date at once after what was done through the bot, and after a click on one that was out of date."""

from __future__ import annotations

from dataclasses import replace

from bot.core.applications.model import StatusClass
from tests.slack.conftest import Start, buttons
from tests.slack.listeners.actions.test_using import CLOSE, KEY, opened, save, text


async def test_an_action_updates_every_card_of_its_application(start: Start) -> None:
    """Before the next poll sees anything: what was read back stands on all cards, and in their threads who did it."""
    bot = await start(secret_key=KEY)
    await bot.baseline()
    await save(bot, CLOSE)
    for channel in ("onboarding", "general"):
        await bot.say("subscribe late", channel=channel)
    bot.account.make_late(1)
    cards = [(await bot.posted(channel, "*Late*"))[0] for channel in ("onboarding", "general")]
    bot.account.list_stands_still = True
    await bot.account.read(2)
    await bot.ask("do 1 close")
    await bot.slack.submit(await opened(bot, "exactly what will be sent"))
    for card, channel in zip(cards, ("onboarding", "general"), strict=True):
        await bot.shows(card, "Closed")
        _card, reply = await bot.posted(channel, "*Was late*", "used *Close*")
        assert reply.thread_ts == card.ts


async def test_a_click_on_a_card_updates_it(start: Start) -> None:
    """What Details reads stands on the card that was clicked."""
    bot = await start(secret_key=KEY)
    await bot.baseline()
    await bot.say("subscribe late")
    bot.account.make_late(1)
    (card,) = await bot.posted("onboarding", "*Late*")
    bot.account.list_stands_still = True
    await bot.account.read(2)
    bot.account.submit(1)
    await bot.press(card, "Details")
    await opened(bot, "up to date now")
    await bot.shows(card, "Submitted")


async def test_a_late_application_is_closed_from_its_card_in_two_clicks(start: Start) -> None:
    """A pinned action stands on the card in place of Update, where it fits, and the card changes with it."""
    bot = await start(secret_key=KEY)
    await bot.baseline()
    await bot.say("subscribe late")
    bot.account.make_late(1)
    (card,) = await bot.posted("onboarding", "*Late*")
    assert "Update" in buttons(card)
    await save(bot, replace(CLOSE, is_pinned=True, classes=frozenset({StatusClass.OPEN})))
    card = await bot.shows(card, "Close")
    assert buttons(card) == ["Assign to me", "Details", "Open in Clust", "Close"]
    await bot.press(card, "Close")
    exchange = await bot.slack.submit(await opened(bot, "POST /dossiers/1/close"))
    assert "The client is told." in text(exchange.view)
    card = await bot.shows(card, "Closed")
    assert buttons(card) == ["Assign to me", "Details", "Open in Clust"]
    assert bot.account.acts == [("close", 1, {})]
