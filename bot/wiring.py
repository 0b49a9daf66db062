"""The composition root: opens everything, joins it, and closes it in reverse."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.clust import ClustClient
from bot.core.errors import ChannelRefused, UsageError
from bot.core.pace import backoff
from bot.core.permissions import Workspace
from bot.core.statuses import StatusRules
from bot.delivery import Dispatcher, Operations
from bot.delivery.herald import Herald
from bot.delivery.sending import Timing
from bot.delivery.watchdog import Watchdog
from bot.doctor import Account, Case, Finding, examine
from bot.observing import Instruments, Observer, probing
from bot.poller import Poller
from bot.poller.loop import Pace
from bot.serving import Server, listen
from bot.settings import Settings
from bot.slack.access import Access
from bot.slack.api import SLACK_TROUBLE, delivery_error
from bot.slack.app import create_app
from bot.slack.notifier import SlackNotifier, permalinks
from bot.slack.services import Services
from bot.slack.socket_mode import keep_connected
from bot.slack.templates import Templates
from bot.slack.token_check import TokenCheck
from bot.slack.tracing import traced
from bot.store import Store, open_store
from bot.store.clock import DatabaseClock
from bot.store.migrate import migrate
from bot.web import create_web

log = structlog.get_logger(__name__)

SLACK_CALL = 10.0
"""Seconds that one call of Slack's Web API may take."""

LAST_WORK = 5.0
"""Seconds that the work of requests gets at shutdown: with the requests themselves and closing it stays below ten."""

CONNECTION = "default"
"""The name of the connection that CLUST_API_TOKEN makes."""


@dataclass
class Bot:
    """The open parts of one process. `services` is set as soon as Slack has said who we are."""

    settings: Settings
    store: Store
    session: aiohttp.ClientSession
    clust: ClustClient
    stop: asyncio.Event
    owner: str
    instruments: Instruments
    clock: DatabaseClock
    services: asyncio.Future[Services] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def ready(self) -> Services:
        """Return the services, waiting for Slack to say who we are."""
        return await asyncio.shield(self.services)

    def slack_client(self, *, patient: bool) -> AsyncWebClient:
        """Return a client of the Web API; a patient one waits once for a 429, the other repeats nothing at all."""
        handlers: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)] if patient else []
        return AsyncWebClient(
            token=self.settings.slack_bot_token.get_secret_value(),
            base_url=f"{self.settings.slack_api_url}/",
            session=self.session,
            retry_handlers=handlers,
        )


async def run(settings: Settings, stop: asyncio.Event, *, web: bool, worker: bool) -> None:
    """Run the parts that are asked for until `stop` is set.

    Raises UsageError for a setting that turns out to be wrong: a database of a newer version, a port that is taken, a
    token that Slack refuses.
    """
    async with _open(settings, stop) as bot:
        if await migrate(bot.store.database):
            log.info("database migrated")
        await bot.clock.ask()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                probing(_observer(bot, polls=worker), settings.metrics_host, settings.metrics_port)
            )
            if web:
                await stack.enter_async_context(_serving(bot))
            await _work(bot, worker=worker)


async def migrate_only(settings: Settings) -> bool:
    """Bring the database up to date; True when there was something to do. Raises UsageError as `migrate` does."""
    store = _store(settings)
    try:
        return await migrate(store.database)
    finally:
        await store.database.close()


async def forget(settings: Settings, application_id: str) -> bool:
    """Erase what is stored of an application of the account; False where nothing was. Raises UsageError."""
    store = _store(settings)
    try:
        await migrate(store.database)
        found = [await store.applications.erase(one, application_id) for one in await store.connections.ids()]
        return any(found)
    finally:
        await store.database.close()


async def diagnose(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything that the settings lead to, changing nothing, and give what is found."""
    store = open_store(settings.database_url, posts_per_minute=settings.slack_posts_per_minute, read_only=True)
    token = settings.slack_app_token
    case = Case(
        store=store,
        accounts=[Account(CONNECTION, settings.clust_api_url, settings.clust_api_token.get_secret_value())],
        rules=StatusRules.parse(settings.clust_status_rules),
        slack_api_url=settings.slack_api_url,
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=token.get_secret_value() if token else None,
        admin_users=settings.admin_users,
        has_signing_secret=settings.slack_signing_secret is not None,
        has_secret_key=bool(settings.secret_key),
    )
    try:
        async for finding in examine(case):
            yield finding
    finally:
        await store.database.close()


def _observer(bot: Bot, *, polls: bool) -> Observer:
    token = TokenCheck(bot.slack_client(patient=False), bot.clock)
    interval = timedelta(seconds=bot.settings.poll_interval)
    return Observer(bot.instruments, bot.store, token, interval, bot.clock, polls=polls)


def _store(settings: Settings, marked: Callable[[str], None] = lambda _: None) -> Store:
    return open_store(
        settings.database_url,
        posts_per_minute=settings.slack_posts_per_minute,
        secret_keys=[key.get_secret_value() for key in settings.secret_key],
        marked=marked,
    )


@asynccontextmanager
async def _open(settings: Settings, stop: asyncio.Event) -> AsyncIterator[Bot]:
    async with AsyncExitStack() as stack:
        instruments = Instruments()
        store = _store(settings, instruments.delivered)
        stack.push_async_callback(store.database.close)
        timeout = aiohttp.ClientTimeout(total=SLACK_CALL)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                timeout=timeout, trace_configs=[traced(instruments.slack_called, settings.slack_api_url)]
            )
        )
        clust = ClustClient(
            settings.clust_api_url, settings.clust_api_token.get_secret_value(), called=instruments.clust_called
        )
        await stack.enter_async_context(clust)
        owner = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        clock = DatabaseClock(store.database)
        yield Bot(settings, store, session, clust, stop, owner, instruments, clock)


async def _work(bot: Bot, *, worker: bool) -> None:
    """Learn who we are, then do what a worker does; a web process only waits to be stopped."""
    workspace = await _identify(bot)
    if workspace is None:
        return
    settings, store = bot.settings, bot.store
    token = settings.clust_api_token.get_secret_value()
    connection = await store.connections.ensure(workspace.team_id, CONNECTION, settings.clust_api_url, token)
    rules = StatusRules.parse(settings.clust_status_rules)
    notifier = SlackNotifier(bot.slack_client(patient=False), permalinks(workspace.url))
    kept = timedelta(days=settings.retention_days)
    herald = Herald(workspace.team_id, store, notifier, settings.admin_users)
    operations = Operations(connection.id, workspace.team_id, store, notifier, herald, bot.clock, kept)
    watchdog = Watchdog(connection.id, store, herald, timedelta(seconds=settings.poll_interval), bot.clock)
    dispatcher = Dispatcher(
        workspace.team_id,
        bot.owner,
        store,
        notifier,
        Timing(timedelta(seconds=settings.lease), timedelta(seconds=settings.unclear_wait)),
        bot.clock,
    )
    poller = Poller(
        connection.id,
        bot.owner,
        bot.clust,
        store,
        rules,
        settings.clust_status_rules,
        Pace(settings.poll_interval, settings.lease, settings.poll_limit),
        bot.clock,
        dispatcher.wake,
        bot.instruments.polled,
    )
    client = bot.slack_client(patient=True)
    bot.services.set_result(
        Services(
            workspace=workspace,
            connection_id=connection.id,
            client=client,
            opener=bot.slack_client(patient=False),
            clust=bot.clust,
            store=store,
            notifier=notifier,
            access=Access(client, workspace, settings.admin_users, store.people, store.roles, bot.clock),
            templates=Templates(bot.clust, bot.clock),
            status_rules=rules,
            update_method=settings.clust_update_method,
            poll_interval=settings.poll_interval,
            poll_limit=settings.poll_limit,
            clock=bot.clock,
            channel_changed=operations.check,
            wake_poller=poller.wake,
        )
    )
    # A web process watches too, so that a dead worker is noticed.
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bot.clock.keep(bot.stop))
        for part in (watchdog, *((poller, dispatcher, operations) if worker else ())):
            tasks.create_task(part.run(bot.stop))


async def _identify(bot: Bot) -> Workspace | None:
    """Ask Slack who we are, until it answers; None when the process is stopped before that. Raises UsageError."""
    client = bot.slack_client(patient=False)
    attempt = 0
    while not bot.stop.is_set():
        try:
            told = await client.auth_test()
            return Workspace(
                team_id=str(told["team_id"]),
                enterprise_id=told.get("enterprise_id"),
                bot_user_id=str(told["user_id"]),
                bot_id=str(told.get("bot_id") or ""),
                url=str(told.get("url") or "https://slack.com/"),
            )
        except (SlackApiError, *SLACK_TROUBLE) as error:
            problem = delivery_error(error)
            if isinstance(problem, ChannelRefused):
                raise UsageError(f"SLACK_BOT_TOKEN: Slack does not accept it ({problem.code}).") from error
            attempt += 1
            if attempt == 1:
                log.warning("slack can't be reached", why=problem.sentence)
        await _pause(bot.stop, backoff(attempt, random.random()))
    return None


@asynccontextmanager
async def _serving(bot: Bot) -> AsyncIterator[None]:
    """Take requests: over HTTP, or by Socket Mode where there is an app token; `/healthz` in both."""
    settings = bot.settings
    app, surfaces = create_app(
        bot.ready,
        bot.session,
        settings.slack_bot_token.get_secret_value(),
        settings.slack_api_url,
        bot.clock,
        bot.instruments.answered,
    )
    by_socket = settings.slack_app_token is not None
    secret = settings.slack_signing_secret
    web = create_web(
        None if by_socket else app, secret.get_secret_value() if secret and not by_socket else None, time.time
    )
    listening = listen("PORT", settings.listen_host, settings.port)
    server = Server(web)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    homes = asyncio.create_task(surfaces.homes.run(bot.stop))
    log.info("listening", port=listening.getsockname()[1], mode="socket" if by_socket else "http")
    token = settings.slack_app_token
    connecting = (
        asyncio.create_task(keep_connected(app, token.get_secret_value(), bot.slack_client(patient=False), bot.stop))
        if token
        else None
    )

    async def close() -> None:
        """Take no new request, finish those that came, then what they began."""
        await bot.stop.wait()
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
        bot.stop.set()
        await closing


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
