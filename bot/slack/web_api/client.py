"""Calls of Slack's Web API and response URLs: every way they fail, as one error of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.core.errors import DeliveryError, NotSent, OutcomeUnclear, SlackBroken, Throttled
from bot.core.language import _
from bot.core.notifications.slack_exceptions import Doing, refusal
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.scopes import RESPONSE_URL

log = structlog.get_logger(__name__)

SLACK_TROUBLE = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, json.JSONDecodeError, OSError)
"""What a call raises if there is no usable response."""

REFUSED_BLOCKS = "invalid_blocks"
"""Slack's error code for blocks that it doesn't take, or doesn't know in this workspace yet."""

DEFAULT_WAIT_SECONDS = 30.0
"""For a 429 without a valid Retry-After."""


def delivery_error(error: Exception, doing: Doing = Doing.ASKING) -> DeliveryError:
    """Return the DeliveryError for a failed call. Other modules never see errors of Slack's libraries.

    A post that was cut off may have arrived. Any other call can be repeated.
    """
    if isinstance(error, SlackApiError):
        return _refused(error, doing)
    if isinstance(error, aiohttp.ClientConnectorError):
        return NotSent(_("The connection couldn't be opened."))
    cut = OutcomeUnclear if doing is Doing.POSTING else NotSent
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
        return cut(_("It didn't respond in time."))
    return cut(_("The connection was lost."))


def _refused(error: SlackApiError, doing: Doing) -> DeliveryError:
    response: Any = error.response
    # Where the body was no JSON, the library gives the answer of its HTTP client instead of its own.
    status = int(getattr(response, "status_code", getattr(response, "status", 200)))
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    body = getattr(response, "data", None)
    code = body.get("error") if isinstance(body, Mapping) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in ("ratelimited", "rate_limited"):
        named = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
        return Throttled(float(named) if named.isdecimal() else DEFAULT_WAIT_SECONDS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = f"Slack answered {status} ({code if isinstance(code, str) else 'no code'})."
        return OutcomeUnclear(detail) if doing is Doing.POSTING else SlackBroken(detail)
    return refusal(code, doing) if isinstance(code, str) and code else SlackBroken(f"(HTTP {status})")


async def answer(session: aiohttp.ClientSession, response_url: str, message: Message, **how: object) -> bool:
    """Answer by a `response_url` (Slack: Handling user interaction, 5 uses in 30 minutes). Returns False if refused.

    `how`: `response_type`, `replace_original`, `delete_original`. By default only the person sees the answer. If Slack
    refuses its blocks, its fallback is sent.
    """
    body = {"response_type": "ephemeral", "replace_original": False, **message.payload(), **how}
    try:
        async with session.post(response_url, json=body, trace_request_ctx=RESPONSE_URL) as response:
            text = await response.text()
            is_refused = not response.ok or REFUSED_BLOCKS in text
    except SLACK_TROUBLE as error:
        log.warning("an answer could not be sent", error=type(error).__name__)
        return False
    if is_refused and message.fallback and REFUSED_BLOCKS in text:
        log.info("slack refused charts or tables, so the answer was sent without them")
        return await answer(session, response_url, message.fallback, **how)
    if is_refused:
        log.warning("slack refused an answer", status=response.status, said=text[:200])
    return not is_refused
