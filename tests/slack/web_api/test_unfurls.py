"""Where Slack refuses entities, blocks are shown."""

from __future__ import annotations

import json

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.core.errors import SlackRefused
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.work_objects.panes import Pane
from bot.slack.web_api.unfurls import REFUSED_ENTITIES, present_details
from tests.slack.conftest import RunningBot
from tests.slack.listeners.links.cards import ACME, with_cards


async def test_where_slack_refuses_entities_blocks_are_with_titles(idle_bot: RunningBot) -> None:
    """Each code leads to one more call, with blocks, but another code to none."""
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


async def test_what_slack_leaves_out_is_logged(slack: SandboxSlack) -> None:
    """A field that Slack drops, and what it says about a shape that it refuses: no one else would ever know."""
    client = AsyncWebClient("", base_url=slack.api_url)
    client.token = slack.bot_token

    async def presented(**changes: object) -> None:
        pane = Pane(slack.workspace.member.id, ACME)
        trigger_id = slack.state.views.trigger(pane.user)
        slack.state.panes[trigger_id] = pane
        attributes = {"title": {"text": "Acme"}}
        payload = {"attributes": attributes, "fields": {}, "custom_fields": []}
        entity = {"url": ACME, "external_ref": {"id": "1:1"}, "entity_type": "slack#/entities/task"}
        await present_details(client, trigger_id, metadata={**entity, "entity_payload": payload, **changes})

    with capture_logs() as lines:
        await presented()
        assert lines == []
        await presented(color="red")
        with pytest.raises(SlackRefused):
            await presented(entity_type="slack#/entities/application")
    dropped, refused = lines
    assert {dropped["event"], refused["event"]} == {"slack had notes on an entity"}
    assert "color" in str(dropped)
    assert "entity_type" in str(refused)
