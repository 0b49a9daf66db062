"""Socket Mode: one connection to Slack, retried until it opens and kept until the process stops."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.backoff import backoff
from bot.core.errors import DeliveryError, SlackRefused, TokenRefused, UsageError
from bot.core.language import _
from bot.slack.entry import payloads
from bot.slack.web_api.client import SLACK_TROUBLE, delivery_error
from bot.slack.web_api.responses import SocketAddress, ask

log = structlog.get_logger(__name__)

NO_APP_TOKEN = frozenset({"missing_scope", "missing_args", "forbidden_team"})
"""Error codes of apps.connections.open that waiting does not fix, besides those of an invalid token."""

MAX_OPENING_SECONDS = 10.0
"""For one attempt to open the WebSocket."""


class PayloadHandler(AsyncSocketModeHandler):
    """Bolt's handler, with each payload read as over HTTP."""

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Dispatch the payload of an envelope, and acknowledge it.

        A malformed payload is logged and acknowledged, or Slack would send it again. One that isn't for this bot is
        only acknowledged.
        """
        began_at = time.time()
        try:
            received = payloads.parse(req.payload)
        except payloads.Malformed as error:
            log.warning("request refused", why=str(error))
            received = None
        if received is None:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            return
        response = await self.app.async_dispatch(received.for_bolt(build_headers(req)))
        await send_async_response(client, req, response, began_at)


async def keep_connected(app: AsyncApp, app_token: str, client: AsyncWebClient, stop: asyncio.Event) -> None:
    """Keep Socket Mode connected until `stop` is set. After the first connection the library reconnects by itself.

    Sets `stop` and raises UsageError if Slack refuses the token.
    """
    handler = PayloadHandler(app, app_token, web_client=client)
    connecting = asyncio.create_task(_connect(handler, stop))
    try:
        await stop.wait()
        connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await connecting
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the library's


async def _connect(handler: AsyncSocketModeHandler, stop: asyncio.Event) -> None:
    """Open the first connection, with a new address for each attempt.

    By itself, the library would retry one address and log a traceback for each attempt.
    """
    socket_mode, attempt = handler.client, 0
    while True:
        try:
            call = socket_mode.web_client.apps_connections_open(app_token=socket_mode.app_token or "")
            socket_mode.wss_uri = (await ask(call, SocketAddress)).url
            async with asyncio.timeout(MAX_OPENING_SECONDS):
                await handler.connect_async()  # type: ignore[no-untyped-call]  # the library's
        except (DeliveryError, *SLACK_TROUBLE) as error:
            problem = error if isinstance(error, DeliveryError) else delivery_error(error)
            if isinstance(problem, TokenRefused) or (
                isinstance(problem, SlackRefused) and problem.code in NO_APP_TOKEN
            ):
                stop.set()
                raise UsageError(_("SLACK_APP_TOKEN: Slack doesn't accept it ({code}).", code=problem.code)) from error
            attempt += 1
            if attempt == 1:
                log.warning("socket mode can't connect", why=problem.sentence)
            await asyncio.sleep(backoff(attempt, random.random()))
        else:
            log.info("socket mode connected")
            return
