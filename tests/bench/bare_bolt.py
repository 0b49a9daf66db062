"""The floor of acknowledging: a plain Bolt app with a no-op listener, on the server that the bot has.

Run as `python -m tests.bench.bare_bolt --fd N`, with the bot's settings in the environment.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http.server import inherited, served


async def main() -> None:
    """Serve until killed."""
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], client=client)
    handler = AsyncSlackRequestHandler(app)

    @app.command("/clust")
    async def nothing(ack: Callable[[], Awaitable[object]]) -> None:
        await ack()

    async def slack_events(request: Request) -> Response:
        return await handler.handle(request)

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route("/slack/events", slack_events, methods=["POST"]), Route("/healthz", healthz)]
    async with served(Starlette(routes=routes), inherited(int(sys.argv[2]))):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
