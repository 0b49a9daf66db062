"""Cards stand only where the channel may read them (rules W1, W2)."""

from __future__ import annotations

from tests.slack.conftest import RunningBot
from tests.slack.listeners.links.cards import ACME, handled, now, with_titles


async def test_links_without_a_card_get_no_answer(idle_bot: RunningBot) -> None:
    """Guests, partners, bots, channels of others or unknown ones, foreign and unknown links: no card, and no word."""
    slack = idle_bot.slack
    silent = [
        await slack.post(ACME, user="gustav"),
        await slack.post(ACME, user="sofia"),
        await slack.post(ACME, user="xavier", channel="with-partner"),
        await slack.post(ACME, channel="with-partner"),
        await slack.post(ACME, channel="compliance"),  # the bot isn't in it, so Slack says nothing about it
        await slack.post(ACME, channel=slack.workspace.people_only),
        await slack.post("https://clust.invalid/app/dossiers/99 https://elsewhere.invalid/app/dossiers/1"),
        await slack.post("https://clust.invalid@evil.clust.invalid/app/dossiers/1"),
        slack.state.messages.post(slack.workspace.onboarding.id, text=ACME),
    ]
    robot = slack.workspace.add_user("robot", is_bot=True)
    silent += [await slack.post(ACME, user=robot), await slack.post("no link at all")]
    await slack.refresh(silent[8])
    await handled(idle_bot)
    assert [now(idle_bot, message).attachments for message in silent] == [()] * len(silent)
    assert [message for user in ("gustav", "mei", "xavier") for message in slack.direct_messages(user)] == []


async def test_an_admin_lets_a_shared_channel_have_cards(idle_bot: RunningBot) -> None:
    """W2: where an admin has allowed notifications, links are shown too."""
    slack = idle_bot.slack
    await slack.invite_bot("with-partner")
    question = await idle_bot.say("subscribe late", channel="with-partner", user="adrien")
    await idle_bot.click(question, "Allow it here", user="adrien")
    await with_titles(idle_bot, await slack.post(ACME, channel="with-partner"), "Acme")
    stranger = await slack.post(ACME, channel="with-partner", user="xavier")
    await handled(idle_bot)
    assert now(idle_bot, stranger).attachments == ()
