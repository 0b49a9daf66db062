"""A workspace can do without cards."""

from __future__ import annotations

from tests.slack.conftest import RunningBot
from tests.slack.listeners.links.cards import ACME, now, with_titles


async def test_admins_switch_links_off_and_on(idle_bot: RunningBot) -> None:
    """Everyone can see which it is, and other words are refused with those that there are."""
    assert "applications get a card" in (await idle_bot.say("links")).text
    assert "Use `links on` or `links off`" in (await idle_bot.say("links maybe")).text
    assert "only admins" in (await idle_bot.say("links off")).text
    assert "don't get a card" in (await idle_bot.say("links OFF", user="adrien")).text
    silent = await idle_bot.slack.post(ACME)
    assert "applications get a card" in (await idle_bot.say("links on", user="adrien")).text
    await with_titles(idle_bot, await idle_bot.slack.post(ACME), "Acme")
    assert now(idle_bot, silent).attachments == ()
    assert "links" in (await idle_bot.say("audit", user="adrien")).text
