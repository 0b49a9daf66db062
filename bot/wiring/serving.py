"""Taking what Slack sends: over HTTP or by Socket Mode, until the process is stopped."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import structlog
import uvicorn
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from bot.core.errors import UsageError
from bot.slack.app import Teams, create_app
from bot.slack.install import install_flow
from bot.slack.socket_mode import keep_connected
from bot.web import create_web
from bot.wiring.teams import Parts

log = structlog.get_logger(__name__)

LAST_REQUESTS, LAST_WORK = 3, 5.0
"""Seconds that requests, and then the work they began, get at shutdown: with closing it stays below ten."""


@asynccontextmanager
async def serving(
    parts: Parts, teams: Teams, session: aiohttp.ClientSession, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Take requests: over HTTP, or by Socket Mode where there is an app token; `/healthz` and installing in both."""
    settings = parts.settings
    app, surfaces = create_app(teams, session, settings.slack_api_url, parts.clock)
    by_socket = settings.slack_app_token is not None
    secret = settings.slack_signing_secret
    web = create_web(
        None if by_socket else app,
        secret.get_secret_value() if secret and not by_socket else None,
        time.time,
        _installing(parts),
    )
    listening = _listen(settings.listen_host, settings.port)
    config = uvicorn.Config(web, log_config=None, lifespan="off", timeout_graceful_shutdown=LAST_REQUESTS)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    homes = asyncio.create_task(surfaces.homes.run(stop))
    log.info("listening", port=listening.getsockname()[1], mode="socket" if by_socket else "http")
    token = settings.slack_app_token
    connecting = (
        asyncio.create_task(keep_connected(app, token.get_secret_value(), parts.clients(None, patient=False), stop))
        if token
        else None
    )

    async def close() -> None:
        """Take no new request, finish those that came, then what they began."""
        await stop.wait()
        server.should_exit = True
        await serving
        await homes
        if connecting:
            await connecting
        await surfaces.drain(LAST_WORK)

    closing = asyncio.create_task(close())
    try:
        yield
    finally:
        stop.set()
        await closing


class _Server(uvicorn.Server):
    """Leaves signals to `bot.cli`, which stops every part in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), reuse_port=False, backlog=2048)
    except OSError as error:
        raise UsageError(
            f"PORT: {host}:{port} can't be listened on ({os.strerror(error.errno or 0)}); choose another."
        ) from error


def _installing(parts: Parts) -> AsyncOAuthFlow | None:
    """Return what installs the app by OAuth, where this bot serves many workspaces."""
    settings = parts.settings
    if not settings.slack_client_id or not settings.slack_client_secret:
        return None
    return install_flow(
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
        settings.public_url,
        f"{settings.slack_api_url.removesuffix('/api')}/oauth/v2/authorize",
        parts.clients(None, patient=False),
        parts.store.installations,
        parts.clock,
    )
