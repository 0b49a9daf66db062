"""The HTTP entry: `/slack/events`, for everything that Slack sends.

A request's age and signature are checked first (rule W5). The log has the reason of a refusal, and nothing of the
request.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import nullcontext
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.entry import payloads
from bot.slack.entry.ack_priority import AckPriority
from bot.slack.entry.request_verification import ReplayGuard, RequestRefused, verify
from bot.slack.entry.steps import step_run
from bot.slack.request.event_payloads import EventCallback
from bot.slack.request.payload_models import BlockSuggestion, ViewSubmission
from bot.slack.request.payload_parts import PayloadPart

log = structlog.get_logger(__name__)

ANSWERED_BY_ACK = (ViewSubmission, BlockSuggestion)
"""Payloads that are answered in their acknowledgement, which takes as long as the work does."""


def slack_events_route(
    app: AsyncApp,
    signing_secret: str,
    unix_time: Callable[[], float],
    ack_priority: AckPriority,
    vouch: Callable[[MutableMapping[str, Any]], None],
) -> Route:
    """Return the route of `/slack/events`, which dispatches verified requests to `app`.

    `unix_time` returns the present Unix time. `ack_priority` is entered until a request is acknowledged. `vouch` is
    called with the ASGI scope of a verified request, so that its connection is kept.
    """
    replay_guard = ReplayGuard()

    async def slack_events(request: Request) -> Response:
        with structlog.contextvars.bound_contextvars(request=secrets.token_hex(4)):
            return await answer(request)

    async def answer(request: Request) -> Response:
        try:
            body = await request.body()
            verify(signing_secret, request.headers, body, unix_time())
            replay_guard.accept(request.headers["x-slack-signature"], body, unix_time())
            vouch(request.scope)
        except RequestRefused as refused:
            log.warning("request refused", status=refused.status, why=refused.reason)
            return PlainTextResponse(refused.reason, refused.status)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
        try:
            received = payloads.read(body.decode())
        except ValueError as error:
            reason = str(error) if isinstance(error, payloads.Malformed) else "not UTF-8"
            log.warning("request refused", status=400, why=reason)
            return PlainTextResponse(reason, 400)
        if received is None:
            return PlainTextResponse("not for this bot", 404)
        with nullcontext() if _takes_long(received.payload) else ack_priority:
            response = await app.async_dispatch(received.for_bolt(headers, _query(request)))
        return Response(response.body, response.status, {name: values[0] for name, values in response.headers.items()})

    return Route("/slack/events", slack_events, methods=["POST"])


def _takes_long(payload: PayloadPart) -> bool:
    """Return whether a payload is acknowledged only after its work."""
    run = step_run(payload.event) if isinstance(payload, EventCallback) else None
    return isinstance(payload, ANSWERED_BY_ACK) or (run is not None and run.offers_options)


def _query(request: Request) -> str:
    """Return the query string. `request.url` would fail on an invalid Host header."""
    return bytes(request.scope["query_string"]).decode("latin-1")
