"""The page opens the pane of a card, and edits it, as Slack's client does."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.sandbox.slack.block_kit.elements import with_ids
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api import methods
from tests.demo.conftest import Bot, PageClient

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
    """It shows what the bot answers. The fields that can be edited come with their values."""
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
    assert "this card doesn't exist" in await page_client.fail(
        "pane", MEI, **{**place, "url": "https://clust.invalid/2"}
    )


async def test_a_pane_that_is_refused_says_so(page_client: PageClient, slack: SandboxSlack) -> None:
    """The page gets Slack's error."""
    message = with_card(slack)
    opening = asyncio.create_task(page_client.act("pane", GUSTAV, channel=message.channel, ts=message.ts, url=URL))
    await answered(slack, 0, error={"status": "restricted"})
    assert (await opening)["error"] == {"status": "restricted"}


async def test_a_link_is_previewed_in_the_composer(page_client: PageClient, slack: SandboxSlack) -> None:
    """The page gets the preview on its stream, and nothing is sent."""
    async with page_client.watching("live?as=mei") as stream:
        await page_client.act("compose", MEI, text=URL)
        cards = {"entities": [{"app_unfurl_url": URL, **entity("Acme")}]}
        sent = {"unfurl_id": list(slack.state.composers)[-1], "source": "composer", "metadata": cards}
        assert methods.answer(slack.state, "chat.unfurl", slack.bot_token, sent)["ok"]
        preview = await stream.next("preview")
    assert preview["text"] == URL
    assert [one["entity"]["external_ref"] for one in preview["cards"]] == [{"id": "1:1"}]
    assert slack.messages("onboarding") == []
    assert "1 to" in await page_client.fail("compose", MEI, text="")


async def test_a_card_of_blocks_is_clicked(page_client: PageClient, slack: SandboxSlack, bot: Bot) -> None:
    """Where Slack took no entity, its buttons work as those of a message. It has no pane."""
    button = {"type": "button", "action_id": "details", "value": "1", "text": {"type": "plain_text", "text": "Details"}}
    blocks = with_ids([{"type": "actions", "elements": [button]}])
    message = slack.state.messages.post(slack.workspace.onboarding.id, user=slack.workspace.member.id, text=URL)
    card = {"id": 1, "app_unfurl_url": URL, "blocks": blocks}
    assert slack.state.messages.change(message, attachments=[card]).edited is None
    place = {"channel": message.channel, "ts": message.ts, "url": URL}
    await page_client.act("card", MEI, **place, block_id=blocks[0]["block_id"], action_id="details")
    (click,) = (one for one in bot.received if one.get("type") == "block_actions")
    assert (click["actions"][0]["value"], click["container"]["app_unfurl_url"]) == ("1", URL)
    assert "no pane" in await page_client.fail("pane", MEI, **place)
