"""The composition root: opens everything, joins it, and closes it in reverse."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp
import structlog
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts import Accounts
from bot.clust import ClustClient
from bot.clust.session import process_http
from bot.core.errors import UsageError
from bot.core.language import _
from bot.observability.measuring import Instruments, Observer, probing
from bot.settings import Settings
from bot.slack.request.templates import Templates
from bot.slack.web_api.tracing import traced
from bot.store import Store, open_store
from bot.store.engine.clock import DatabaseClock
from bot.store.engine.key_rotation import Rotated
from bot.store.engine.migrate import migrate
from bot.store.engine.periodic import run_periodically
from bot.store.engine.work_listener import WorkListener
from bot.store.notifications.outbox import ClaimResult
from bot.wiring.open_workspace import SharedServices
from bot.wiring.serving import serving
from bot.wiring.supervisor import Supervisor
from bot.wiring.translation_catalogues import read_languages
from bot.wiring.workspaces import InstalledWorkspaces, SingleWorkspace

log = structlog.get_logger(__name__)

MAX_SLACK_CALL_SECONDS = 10.0
"""Time limit of one call of Slack's Web API."""

MAX_CLOSING_SECONDS = 5.0
"""Time for other tasks to end by themselves when the process stops."""

RETRY_SECONDS = 60.0
"""Between two attempts to end first contacts, if the database fails."""


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bot:
    """The open parts of one process."""

    shared: SharedServices
    teams: SingleWorkspace | InstalledWorkspaces
    supervisor: Supervisor
    session: aiohttp.ClientSession
    clock: DatabaseClock


async def run(
    settings: Settings,
    stop: asyncio.Event,
    *,
    web: bool,
    worker: bool,
    clock: Callable[[], datetime] = utc_now,
    listening: socket.socket | None = None,
) -> None:
    """Run the web or worker part, or both, until `stop` is set. `listening` is a socket to use instead of PORT.

    Raises UsageError for settings that don't work: a database of a newer version, a port in use, a token that Slack
    refuses.
    """
    async with _open(settings, clock, worker=worker) as bot:
        if await migrate(bot.shared.store.database):
            log.info("database migrated")
        await bot.clock.ask()
        async with AsyncExitStack() as stack:
            if settings.clust_first_contact == "off":
                await stack.enter_async_context(_going_on(partial(_end_first_contacts, bot.shared)))
            await stack.enter_async_context(
                probing(_observer(bot, polls=worker), settings.metrics_host, settings.metrics_port)
            )
            if web:
                await stack.enter_async_context(serving(bot.shared, bot.teams, bot.session, stop, listening))
            await stack.enter_async_context(_going_on(bot.clock.keep))
            # Now that requests are acknowledged, and before they are answered: not with half of the texts.
            await asyncio.to_thread(list, bot.shared.languages.by_code.values())
            if worker:
                await stack.enter_async_context(_going_on(WorkListener(bot.shared.store.database).run))
            await bot.teams.begin(stop)
            await bot.supervisor.run(stop)


async def migrate_only(settings: Settings) -> bool:
    """Migrate the database. Returns whether there was something to do. Raises UsageError as `migrate` does."""
    async with _stored(settings, migrated=False) as store:
        return await migrate(store.database)


async def forget(settings: Settings, application_id: str) -> bool:
    """Erase the stored data of an application in every account. Returns whether there was any. Raises UsageError."""
    async with _stored(settings) as store:
        erased = [await store.applications.erase(one, application_id) for one in await store.connections.ids()]
        return any(erased)


async def rotate_keys(settings: Settings) -> Rotated:
    """Re-encrypt stored secrets with the first key of SECRET_KEY, so that old keys can be removed.

    Raises UsageError if there is none.
    """
    if not settings.secret_key:
        raise UsageError(
            _("SECRET_KEY: Set it first, to the new key followed by the previous keys, separated by commas.")
        )
    async with _stored(settings) as store:
        return await store.key_rotation.rotate()


@asynccontextmanager
async def _stored(settings: Settings, *, migrated: bool = True) -> AsyncIterator[Store]:
    store = _store(settings)
    try:
        if migrated:
            await migrate(store.database)
        yield store
    finally:
        await store.database.close()


async def _end_first_contacts(shared: SharedServices, stop: asyncio.Event) -> None:
    """End once, as soon as the database allows it, the first contacts from before they were switched off."""

    async def end() -> None:
        await shared.store.first_contacts.end_all(shared.clock())
        stop.set()

    await run_periodically(end, RETRY_SECONDS, stop, "first contacts can't be ended")


@asynccontextmanager
async def _going_on(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> AsyncIterator[None]:
    """Run a task during the context. At its end the task is asked to stop, then cancelled."""
    ending = asyncio.Event()
    task = asyncio.create_task(work(ending))
    try:
        yield
    finally:
        ending.set()
        await asyncio.wait({task}, timeout=MAX_CLOSING_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _observer(bot: Bot, *, polls: bool) -> Observer:
    shared = bot.shared
    interval = timedelta(seconds=shared.settings.poll_interval)
    return Observer(shared.instruments, shared.store, bot.teams.readiness(), interval, shared.clock, polls=polls)


def _store(settings: Settings, marked: Callable[[ClaimResult], None] = lambda _: None) -> Store:
    return open_store(
        settings.database_url,
        posts_per_minute=settings.slack_posts_per_minute,
        secret_keys=[key.get_secret_value() for key in settings.secret_key],
        marked=marked,
        first_contact=settings.clust_first_contact == "on",
        max_connections=settings.database_pool,
    )


@asynccontextmanager
async def _open(settings: Settings, wall: Callable[[], datetime], *, worker: bool) -> AsyncIterator[Bot]:
    async with AsyncExitStack() as stack:
        instruments = Instruments(settings.metrics_workspaces)
        store = _store(settings, instruments.delivered)
        stack.push_async_callback(store.database.close)
        timeout = aiohttp.ClientTimeout(total=MAX_SLACK_CALL_SECONDS)
        tracing = traced(instruments.slack_called, settings.slack_api_url)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout, trace_configs=[tracing]))
        own = settings.clust_api_token
        is_discreet = settings.slack_client_id is not None
        http = await stack.enter_async_context(process_http())
        make_client = partial(
            ClustClient,
            http=http,
            called=instruments.clust_called,
            is_discreet=is_discreet,
            dialect=settings.dialect(),
        )

        def wake_pollers() -> None:
            shared.wake_supervisor()

        accounts = await stack.enter_async_context(
            Accounts(store, own.get_secret_value() if own else None, make_client, wake_pollers)
        )

        def slack_client(token: str | None, *, patient: bool) -> AsyncWebClient:
            handlers: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)] if patient else []
            base_url = f"{settings.slack_api_url}/"
            return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=handlers)

        clock = DatabaseClock(store.database, wall)
        # People's requests never wait for polling and posting, nor these for people.
        for_people = settings.database_pool // 2
        owner = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        shared = SharedServices(
            settings,
            owner,
            store.share(settings.database_pool - for_people),
            accounts,
            slack_client,
            session,
            clock,
            Templates(clock),
            instruments,
            store.share(for_people),
            read_languages(),
        )
        client_id, client_secret = settings.slack_client_id, settings.slack_client_secret
        teams: SingleWorkspace | InstalledWorkspaces
        if client_id and client_secret:
            teams = InstalledWorkspaces(shared, client_id, client_secret.get_secret_value())
        else:
            teams = SingleWorkspace(
                shared, settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
            )
        supervisor = Supervisor(shared, teams, worker=worker)
        shared.wake = supervisor.wake
        yield Bot(shared, teams, supervisor, session, clock)
