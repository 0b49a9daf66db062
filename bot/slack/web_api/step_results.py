"""Tell Slack how a step of a workflow ended (Slack: functions.completeSuccess, functions.completeError)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError
from bot.core.language import _
from bot.slack.web_api.responses import Accepted, ask

log = structlog.get_logger(__name__)

MAX_TRIES = 3
PAUSE_SECONDS = 1.0
"""Between two tries. Telling it twice does no harm: Slack refuses the second."""

MAX_ERROR = 1000
"""Characters of why a step failed."""


async def complete_step(
    client: AsyncWebClient, execution_id: str, token: str | None, outputs: Mapping[str, Any]
) -> None:
    """Report a step's outputs. `token` came with its event, and ends with the step."""
    await _report(
        lambda: client.functions_completeSuccess(
            function_execution_id=execution_id, outputs=dict(outputs), **_with(token)
        )
    )


async def fail_step(client: AsyncWebClient, execution_id: str, token: str | None, why: str) -> None:
    """Report why a step failed, in words that the workflow shows."""
    sentence = " ".join(why.split())[:MAX_ERROR] or _("Something went wrong.")
    await _report(
        lambda: client.functions_completeError(function_execution_id=execution_id, error=sentence, **_with(token))
    )


def _with(token: str | None) -> dict[str, str]:
    return {"token": token} if token else {}


async def _report(call: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    for attempt in range(1, MAX_TRIES + 1):
        try:
            await ask(call(), Accepted)
        except DeliveryError as error:
            if not error.retry or attempt == MAX_TRIES:
                log.warning("a step's result could not be sent", why=error.sentence)
                return
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return
