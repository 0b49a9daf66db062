"""What a message is about: the applications of the bot's notifications, and those that others name."""

from __future__ import annotations

from bot.slack.views.building import ids
from tests.slack.conftest import RunningBot


async def test_what_a_notification_is_about(bot: RunningBot) -> None:
    """A card is known by its metadata, and of a digest the applications are listed."""
    await bot.say("subscribe late", channel="general")
    bot.account.make_late(1)
    (card,) = await bot.posted("general", "Acme")
    await bot.slack.message_shortcut(card, "shortcut.about")
    await bot.window("mei", ids.DETAILS_VIEW, "Acme")
    view = bot.slack.views.of(bot.slack.workspace.member.id)
    assert view
    await bot.slack.close_view(view)
    await bot.say("subscribe created", channel="onboarding")
    for number in range(25):
        bot.account.add(title=f"File {number}")
    (question,) = await bot.posted("onboarding", "25 notifications")
    await bot.press(question, "Post one digest")
    _question, digest = await bot.posted("onboarding", "", "File")
    await bot.slack.message_shortcut(digest, "shortcut.about")
    await bot.window("mei", "File", "Page 1")


async def test_what_another_message_is_about(idle_bot: RunningBot) -> None:
    """A number or a link of an application that the bot has seen. Otherwise the bot says what it knows."""
    slack = idle_bot.slack
    for text, words in (
        ("what about #2?", "Birch"),
        ("see https://app.clustdoc.com/dossiers/2, please", "Birch"),
        ("see https://example.com/issues/999", "I don't know what this is about"),
        ("hello", "I don't know what this is about"),
    ):
        await slack.message_shortcut(await slack.say(text), "shortcut.about")
        await idle_bot.window("mei", words)
        view = slack.views.of(slack.workspace.member.id)
        assert view, text
        await slack.close_view(view, everything=True)
