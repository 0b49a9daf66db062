"""What listeners get: the services of one workspace, and the request of a person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts import Account, Accounts
from bot.clust import UpdateMethod
from bot.core.applications.links import LinkPattern
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import NoAccount, NotAllowed, UsageError
from bot.core.language import Languages, _
from bot.core.permissions import Role, Workspace, who_may
from bot.core.suggestions import did_you_mean, suggest
from bot.core.typed_text import fold, sentences
from bot.slack.request.access import Access, Asker
from bot.slack.request.bot_channels import BotChannels
from bot.slack.request.payload_models import PersonPayload
from bot.slack.request.person_queues import PersonQueues
from bot.slack.request.templates import Templates
from bot.slack.request.visibility_cache import VisibilityCache
from bot.slack.web_api.features import OptionalFeature, default_features
from bot.slack.web_api.locales import Locales, NoLocales
from bot.slack.web_api.notifier import SlackNotifier
from bot.store import Store
from bot.store.clust.connections import Connection
from bot.store.people.audit import AuditAction, AuditEntry, AuditOutcome

Result = TypeVar("Result")


class Later(Protocol):
    """Starts work that outlives the answer to a request. Shutdown waits for it."""

    def __call__(self, work: Coroutine[Any, Any, Result], /) -> asyncio.Task[Result]:
        """Return the task that does the work."""


@dataclass(frozen=True, slots=True)
class Services:
    """What listeners work with, for one workspace.

    `client` retries once after a 429. `opener` never retries, for triggers that expire after 3 s. `session` makes calls
    that are none of the Web API's. `channel_changed` checks a channel again. `wake_pollers` starts a poll, and a check
    of which accounts there are. Events are kept for `retention`. `clust_url` is the address of Clust's production.
    `any_address` allows accounts at other addresses. `languages` are the available catalogues. `locales` remember which
    one people and channels read, for messages that no one asked for. `webhook_base` begins the address at which Clust
    can call the bot, or None if it can't. `link_patterns` are addresses of applications, by which pasted links are
    recognized too. `features` are the optional features that the app was made with.
    """

    workspace: Workspace
    client: AsyncWebClient
    session: aiohttp.ClientSession
    opener: AsyncWebClient
    accounts: Accounts
    store: Store
    notifier: SlackNotifier
    access: Access
    visibility_cache: VisibilityCache
    templates: Templates
    status_rules: StatusRules
    update_method: UpdateMethod
    poll_interval: timedelta
    poll_limit: int
    retention: timedelta
    clock: Callable[[], datetime]
    channel_changed: Callable[[str], Awaitable[None]]
    wake_pollers: Callable[[], None]
    clust_url: str
    any_address: bool
    person_queues: PersonQueues = field(default_factory=PersonQueues)
    bot_channels: BotChannels = field(default_factory=BotChannels)
    languages: Languages = field(default_factory=Languages)
    locales: Locales = field(default_factory=NoLocales)
    webhook_base: str | None = None
    link_patterns: Sequence[LinkPattern] = ()
    features: Sequence[OptionalFeature] = field(default_factory=default_features)

    async def meant(self, channel_id: str, connection_id: int | None = None) -> Account | NoAccount:
        """Return the account of `connection_id`, else the default of the channel or the workspace, else the oldest.

        If it can't be opened, return the error that says why.
        """
        store = self.store.connections
        if connection_id is None:
            connection = await store.meant(self.workspace.team_id, channel_id)
            missing = NoAccount()
        else:
            connections = await store.of_team(self.workspace.team_id)
            connection = next((one for one in connections if one.id == connection_id), None)
            missing = NoAccount(_("That Clust account isn't connected anymore."))
        return missing if connection is None else await self.opened(connection)

    async def opened(self, connection: Connection) -> Account | NoAccount:
        """Return the open account of a connection, or why it can't be opened."""
        try:
            return await self.accounts.of(connection)
        except NoAccount as error:
            return error


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a person: who, where, and what they did.

    `channel_id` is empty in a window and on the Home tab. `role` is theirs as cached for at most a minute. `asker` asks
    Slack again. `later` begins work that outlives the request. `meant` is the Clust account that it is about, or why
    there is none, and `named`: whether the person named it.
    """

    services: Services
    payload: PersonPayload
    user_id: str
    channel_id: str
    role: Role
    asker: Asker
    zone: ZoneInfo
    later: Later
    meant: Account | NoAccount
    named: bool = False

    @property
    def account(self) -> Account:
        """The Clust account that the request is about. Raises NoAccount."""
        if isinstance(self.meant, NoAccount):
            raise self.meant
        return self.meant

    @property
    def account_id(self) -> int | None:
        """Its connection's id, None without one."""
        return None if isinstance(self.meant, NoAccount) else self.meant.id

    async def connection(self) -> Connection:
        """Return the account's connection from the store. Raises NoAccount."""
        return await self.services.store.connections.get(self.account.id)

    async def rules(self) -> StatusRules:
        """Return the present classification of status codes: the setting, and what admins chose. Raises NoAccount."""
        return self.services.status_rules.with_chosen((await self.connection()).chosen_status)

    async def account_names(self) -> dict[int, str]:
        """Return the names of the accounts by connection id. Empty if there are fewer than two."""
        connections = await self.services.store.connections.of_team(self.team_id)
        return {one.id: one.name for one in connections} if len(connections) > 1 else {}

    async def about(self, name: str) -> Request:
        """Return the same request about the account `name`. Raises UsageError that lists the accounts."""
        connections = await self.services.store.connections.of_team(self.services.workspace.team_id)
        connection = next((one for one in connections if fold(one.name) == fold(name)), None)
        if connection is None:
            names = [one.name for one in connections]
            near = suggest(name, names)
            there = _("Connected accounts: {names}.", names=", ".join(names)) if names else NoAccount().sentence
            raise UsageError(sentences(_("Unknown account `{name}`.", name=name[:60]), did_you_mean(near), there))
        return replace(self, meant=await self.services.opened(connection), named=True)

    async def about_id(self, connection_id: int) -> Request:
        """Return the same request about the account of a connection of this workspace."""
        return replace(self, meant=await self.services.meant("", connection_id))

    @property
    def team_id(self) -> str:
        """The workspace that the person is in."""
        return self.services.workspace.team_id

    def within(self, channel_id: str) -> Request:
        """Return the same request as if it had been made in a channel."""
        return replace(self, channel_id=channel_id)

    def scan_lock(self) -> asyncio.Semaphore:
        """Return the semaphore to hold while scanning many rows: each person has one request of this kind at a time."""
        return self.services.person_queues.of(self.user_id)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.services.clock().astimezone(UTC)

    async def write_down(
        self, action: AuditAction, outcome: AuditOutcome, target: str | None = None, detail: str = ""
    ) -> None:
        """Write what the person did into the audit log, without values of fields or secrets."""
        entry = AuditEntry(self.now, self.user_id, action, outcome, target, detail)
        await self.services.store.audit.write(self.services.workspace.team_id, entry)

    async def needs(self, role: Role) -> None:
        """Raise NotAllowed if the person's role is lower than `role` (rule W1).

        For what only admins can do, Slack is asked again: someone may have been demoted within the minute.
        """
        authorization = await (self.asker.authorization_now() if role is Role.ADMIN else self.asker.authorization())
        if authorization.role < role:
            ask = sorted(self.services.access.admin_users - {self.user_id})
            raise NotAllowed(who_may(role, authorization.role, authorization.at_most), ask)

    async def has_right(self, name: str) -> bool:
        """Return whether the person is an admin, or was given a right, by name or by a group."""
        if await self.is_admin():
            return True
        given = await self.services.store.rights.all(self.team_id)
        return await self.services.access.is_among(self.user_id, given.get(name, ()))

    async def is_admin(self) -> bool:
        """Return whether the person is an admin, asked of Slack again. If Slack doesn't say, they are not."""
        if self.role is not Role.ADMIN:
            return False
        try:
            return (await self.asker.authorization_now()).role is Role.ADMIN
        except NotAllowed:
            return False


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone `name`, UTC for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
