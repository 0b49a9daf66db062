"""Slack's Web API and response URLs: what can go wrong with a call, sorted once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.core.errors import (
    ChannelRefused,
    DeliveryError,
    MessageLost,
    MessageRefused,
    NotSent,
    OutcomeUnclear,
    SlackBroken,
    Throttled,
    ViewGone,
)
from bot.slack.scopes import RESPONSE_URL
from bot.slack.views.blocks import Message

log = structlog.get_logger(__name__)

SLACK_TROUBLE = (aiohttp.ClientError, asyncio.TimeoutError, SlackClientError, json.JSONDecodeError, OSError)
"""What a call raises that got no usable answer."""

MESSAGE_CODES = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "invalid_arguments",
        "invalid_attachments",
        "too_many_attachments",
        "metadata_must_be_sent_from_app",
    }
)
"""Codes of chat.postMessage that condemn the message, wherever it goes."""

LOST_CODES = frozenset(
    {
        *("message_not_found", "edit_window_closed", "cant_update_message"),
        *("thread_not_found", "cannot_reply_to_message"),
    }
)
"""Codes that condemn the message that stands there: of chat.update; and of what goes into its thread, or is looked up
there, once somebody has deleted it."""

VIEW_CODES = frozenset({"not_found", "hash_conflict"})
"""Codes of views.update and views.push that condemn the view that was meant."""

UNCLEAR_CODES = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
"""Codes after which Slack says that some part of the call may have succeeded, or may succeed later."""

DEFAULT_WAIT = 30.0
"""Seconds, where a 429 names none."""


def delivery_error(error: Exception) -> DeliveryError:
    """Return what a failed call means for a delivery; the rest of the code knows no error of Slack's libraries."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return NotSent("The connection could not be opened.")
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
        return OutcomeUnclear("It did not answer in time.")
    return OutcomeUnclear("The connection broke.")


def _refusal(error: SlackApiError) -> DeliveryError:
    response: Any = error.response
    # Where the body was no JSON, the library gives the answer of its HTTP client instead of its own.
    status = int(getattr(response, "status_code", getattr(response, "status", 200)))
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    body = getattr(response, "data", None)
    code = body.get("error") if isinstance(body, Mapping) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in ("ratelimited", "rate_limited"):
        named = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
        return Throttled(float(named) if named.isdecimal() else DEFAULT_WAIT)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or (isinstance(code, str) and code in UNCLEAR_CODES):
        return OutcomeUnclear(f"Slack answered {status} ({code if isinstance(code, str) else 'no code'}).")
    if not isinstance(code, str) or not code:
        return SlackBroken(f"(HTTP {status})")
    for codes, kind in ((LOST_CODES, MessageLost), (VIEW_CODES, ViewGone), (MESSAGE_CODES, MessageRefused)):
        if code in codes:
            return kind(code)
    return ChannelRefused(code)


async def answer(session: aiohttp.ClientSession, response_url: str, message: Message, **how: object) -> bool:
    """Answer by a `response_url` (Slack: Handling user interaction, 5 uses in 30 minutes); False when refused.

    `how`: `response_type`, `replace_original`, `delete_original`. The answer is seen by the person alone unless told
    otherwise.
    """
    body = {"response_type": "ephemeral", "replace_original": False, **message.payload(), **how}
    try:
        async with session.post(response_url, json=body, trace_request_ctx=RESPONSE_URL) as response:
            if response.ok:
                return True
            log.warning("slack refused an answer", status=response.status, said=(await response.text())[:200])
    except SLACK_TROUBLE as error:
        log.warning("an answer could not be sent", error=type(error).__name__)
    return False
