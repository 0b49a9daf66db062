"""Where Slack refuses entities, blocks are shown."""

from __future__ import annotations

import json

from bot.slack.web_api.unfurls import REFUSED_ENTITIES
from tests.slack.conftest import RunningBot
from tests.slack.listeners.links.cards import ACME, with_cards


async def test_where_slack_refuses_entities_blocks_are_with_titles(idle_bot: RunningBot) -> None:
    """Each code leads to one more call, with blocks; another code to none."""
    for code in ("cannot_unfurl_url", "error_processing_metadata"):
        assert code in REFUSED_ENTITIES
        idle_bot.slack.state.refused_entities = code
        message = await idle_bot.slack.post(ACME)
        (card,) = await with_cards(idle_bot, message)
        assert "Acme" in json.dumps(card["blocks"])
    idle_bot.slack.state.refused_entities = "not_allowed"
    calls = len(idle_bot.slack.called("chat.unfurl"))
    await idle_bot.slack.post(ACME)
    await idle_bot.slack.wait_for(lambda: len(idle_bot.slack.called("chat.unfurl")) > calls)
    assert idle_bot.slack.called("chat.unfurl")[-1].answer["error"] == "not_allowed"
