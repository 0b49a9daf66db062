"""Show cards below pasted links: `chat.unfurl` with entities or, where Slack refuses those, with blocks."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.errors import SlackRefused
from bot.slack.views.applications.entities import LinkedCard, entity, fitting, plain_card
from bot.slack.web_api.responses import Accepted, ask

log = structlog.get_logger(__name__)

REFUSED_ENTITIES = frozenset(
    {
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "error_processing_metadata",
        "cannot_unfurl_url",
    }
)
"""Codes after which blocks may still be taken (Slack: chat.unfurl)."""


async def unfurl(client: AsyncWebClient, where: Mapping[str, str], cards: Mapping[str, LinkedCard]) -> None:
    """Show the cards by the links as they were pasted, as many as fit. Raises a DeliveryError.

    `where` is `channel` and `ts` or, for a message that isn't sent yet, `unfurl_id` and `source`.
    """
    entities = fitting(entity(card, url) for url, card in cards.items())
    try:
        if entities:
            await ask(noted(_unfurl(client, where, metadata={"entities": entities})), Accepted)
            return
    except SlackRefused as error:
        if error.code not in REFUSED_ENTITIES:
            raise
        log.warning("slack refused entities, so links are shown as blocks", code=error.code)
    unfurls = {url: {"blocks": list(plain_card(card).blocks)} for url, card in cards.items()}
    await ask(noted(_unfurl(client, where, unfurls=unfurls)), Accepted)


async def present_details(client: AsyncWebClient, trigger_id: str, **answer: Mapping[str, object]) -> None:
    """Fill a pane with the `metadata` of an entity, or an `error`. Raises a DeliveryError."""
    arguments = {"trigger_id": trigger_id, **answer}
    await ask(noted(client.api_call("entity.presentDetails", json=arguments)), Accepted)


def _unfurl(client: AsyncWebClient, where: Mapping[str, str], **content: object) -> Awaitable[AsyncSlackResponse]:
    return client.api_call("chat.unfurl", json={**where, **content})


async def noted(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Make a call, and log what Slack says about what it left out (Slack: `response_metadata`)."""
    try:
        response = await call
    except SlackApiError as error:
        _log_notes(getattr(error.response, "data", None))
        raise
    _log_notes(response.data)
    return response


def _log_notes(body: object) -> None:
    notes = body.get("response_metadata") if isinstance(body, Mapping) else None
    if isinstance(notes, Mapping) and (notes.get("messages") or notes.get("warnings")):
        log.warning("slack had notes on an entity", messages=notes.get("messages"), warnings=notes.get("warnings"))
