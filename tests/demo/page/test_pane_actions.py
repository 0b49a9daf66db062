"""The page opens the pane of a card, and edits it, as Slack's client does."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api import methods
from tests.demo.conftest import PageClient

URL = "https://clust.invalid/1"
MEI, GUSTAV = "mei", "gustav"


def entity(title: str) -> dict[str, Any]:
    """Return an entity whose title can be edited."""
    return {
        "url": URL,
        "external_ref": {"id": "1:1"},
        "entity_type": "slack#/entities/task",
        "entity_payload": {
            "attributes": {"title": {"text": title, "edit": {"enabled": True}}},
            "fields": {},
            "actions": {"primary_actions": [{"text": "Details", "action_id": "details"}]},
        },
    }


def with_card(slack: SandboxSlack) -> PostedMessage:
    """Put a message with a card into #onboarding."""
    where = slack.workspace.onboarding.id
    message = slack.state.messages.post(where, user=slack.workspace.member.id, text=URL)
    card = {"id": 1, "app_unfurl_url": URL, "entity": entity("Acme")}
    return slack.state.messages.change(message, attachments=[card])


async def answered(slack: SandboxSlack, before: int, **answer: Any) -> None:
    """Answer for the next pane that asks, as the bot would."""
    await slack.wait_for(lambda: len(slack.state.panes) > before)
    sent = {"trigger_id": list(slack.state.panes)[-1], **answer}
    assert methods.answer(slack.state, "entity.presentDetails", slack.bot_token, sent)["ok"]


async def test_a_pane_is_opened_and_edited(page_client: PageClient, slack: SandboxSlack) -> None:
    """It shows what the bot answers; the fields that can be edited come with their values."""
    message = with_card(slack)
    place = {"channel": message.channel, "ts": message.ts, "url": URL}
    opening = asyncio.create_task(page_client.act("pane", MEI, **place))
    await answered(slack, 0, metadata=entity("Acme"))
    pane = await opening
    assert pane["fields"] == {"title": {"value": "Acme", "edit": {"enabled": True}}}
    assert "isn't open" in await page_client.fail("pane_action", GUSTAV, pane=pane["pane"], words="Details")
    assert "can't be read" in await page_client.fail("pane_save", MEI, pane=pane["pane"], values="x")
    await page_client.act("pane_action", MEI, pane=pane["pane"], words="Details")
    assert "no action" in await page_client.fail("pane_action", MEI, pane=pane["pane"], words="Other")
    assert "no such card" in await page_client.fail("pane", MEI, **{**place, "url": "https://clust.invalid/2"})


async def test_a_pane_that_is_refused_says_so(page_client: PageClient, slack: SandboxSlack) -> None:
    """The page gets Slack's error."""
    message = with_card(slack)
    opening = asyncio.create_task(page_client.act("pane", GUSTAV, channel=message.channel, ts=message.ts, url=URL))
    await answered(slack, 0, error={"status": "restricted"})
    assert (await opening)["error"] == {"status": "restricted"}
