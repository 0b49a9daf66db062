"""*Hide this card* is remembered."""

from __future__ import annotations

from tests.slack.conftest import RunningBot
from tests.slack.listeners.links.cards import ACME, BIRCH, now, titles, with_titles


async def test_a_hidden_card_stays_hidden(idle_bot: RunningBot) -> None:
    """*Hide this card* removes its card alone, also when Slack asks again, but guests can't."""
    slack = idle_bot.slack
    message = await slack.post(f"{ACME} {BIRCH}")
    await with_titles(idle_bot, message, "Acme", "Birch")
    refused = await slack.click_card(message, "Hide this card", user="gustav")
    assert "only members" in (await refused.answer()).text
    await slack.click_card(message, "Hide this card", user="bruno")
    await with_titles(idle_bot, message, "Birch")
    await slack.refresh(message)
    await with_titles(idle_bot, await slack.post(ACME), "Acme")
    assert titles(now(idle_bot, message).attachments) == ["Birch"]
