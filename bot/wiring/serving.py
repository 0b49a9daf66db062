"""Receive what Slack sends, over HTTP or Socket Mode, until the process stops."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from starlette.applications import Starlette
from starlette.routing import Route

from bot.http.base_app import create_application, healthz
from bot.http.body_limits import MAX_BODY_SECONDS, MAX_LARGE_BODIES
from bot.http.connection_limits import vouch
from bot.http.server import Server, listen
from bot.http.webhook_route import webhook_route
from bot.slack.entry.ack_priority import AckPriority
from bot.slack.entry.bolt_app import create_app
from bot.slack.entry.http_entry import slack_events_route
from bot.slack.entry.install_pages import install_routes
from bot.slack.entry.socket_mode import keep_connected
from bot.slack.entry.surfaces import Workspaces
from bot.slack.web_api.install import install_flow
from bot.wiring.open_workspace import SharedServices

log = structlog.get_logger(__name__)

MAX_DRAIN_SECONDS = 5.0
"""Time for the work of requests at shutdown. With the requests and closing, shutdown stays below ten seconds."""


def create_web(
    app: AsyncApp | None,
    signing_secret: str | None,
    unix_time: Callable[[], float],
    installing: AsyncOAuthFlow | None = None,
    ack_priority: AckPriority | None = None,
    max_body_seconds: float = MAX_BODY_SECONDS,
    max_large_bodies: int = MAX_LARGE_BODIES,
    webhooks: Route | None = None,
) -> Starlette:
    """Return the application for PORT: `/healthz`, Slack's requests for `app`, the pages of `installing`, `webhooks`.

    Without an app or a signing secret (Socket Mode) it accepts no requests of Slack. `unix_time` returns the time.
    """
    routes = [Route("/healthz", healthz)]
    if app is not None and signing_secret:
        routes.append(slack_events_route(app, signing_secret, unix_time, ack_priority or AckPriority(), vouch))
    if installing is not None:
        routes += install_routes(installing)
    return create_application(routes, max_body_seconds, max_large_bodies, [webhooks] if webhooks else [])


@asynccontextmanager
async def serving(
    shared: SharedServices,
    teams: Workspaces,
    session: aiohttp.ClientSession,
    stop: asyncio.Event,
    listening: socket.socket | None = None,
) -> AsyncIterator[None]:
    """Receive requests over HTTP, or by Socket Mode if there is an app token. `/healthz` and installing work in both.

    `listening` is a socket to use instead of LISTEN_HOST and PORT.
    """
    settings = shared.settings
    ack_priority, api_url = AckPriority(), settings.slack_api_url
    app, surfaces = create_app(
        teams,
        session,
        api_url,
        shared.clock,
        shared.instruments.answered,
        ack_priority.wait,
        settings.commands_per_minute,
    )
    by_socket = settings.slack_app_token is not None
    secret = settings.slack_signing_secret
    webhooks = webhook_route(shared.people, shared.clock, ack_priority.wait)
    web = create_web(
        None if by_socket else app,
        secret.get_secret_value() if secret and not by_socket else None,
        time.time,
        _installing(shared),
        ack_priority,
        webhooks=webhooks if settings.clust_hooks == "on" else None,
    )
    listening = listening or listen("PORT", settings.listen_host, settings.port)
    server = Server(web)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    homes = asyncio.create_task(surfaces.homes.run(stop))
    log.info("listening", port=listening.getsockname()[1], mode="socket" if by_socket else "http")
    token = settings.slack_app_token
    connecting = (
        asyncio.create_task(keep_connected(app, token.get_secret_value(), shared.clients(None, patient=False), stop))
        if token
        else None
    )

    async def close() -> None:
        """Accept no new requests, finish the running ones, then the work that they started."""
        await stop.wait()
        server.should_exit = True
        await serving
        await homes
        if connecting:
            await connecting
        await surfaces.drain(MAX_DRAIN_SECONDS)

    closing = asyncio.create_task(close())
    try:
        yield
    finally:
        stop.set()
        await closing


def _installing(shared: SharedServices) -> AsyncOAuthFlow | None:
    """Return what installs the app by OAuth, if this bot serves many workspaces."""
    settings = shared.settings
    if not settings.slack_client_id or not settings.slack_client_secret:
        return None
    return install_flow(
        settings.slack_client_id,
        settings.slack_client_secret.get_secret_value(),
        settings.public_url,
        f"{settings.slack_api_url.removesuffix('/api')}/oauth/v2/authorize",
        shared.clients(None, patient=False),
        shared.store.installations,
        shared.clock,
        settings.features,
    )
