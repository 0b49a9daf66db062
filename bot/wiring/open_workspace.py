"""Open a workspace: its Slack clients, the services of its listeners, its dispatcher and its checks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts import Accounts
from bot.core.applications.status_rules import StatusRules
from bot.core.language import Languages
from bot.core.permissions import Workspace
from bot.delivery import WorkspaceChecks, WorkspaceDispatcher
from bot.delivery.admin_notifications import AdminNotificationSender
from bot.delivery.item_reads import ItemReads
from bot.delivery.sender import Timing
from bot.observability.measuring import Instruments
from bot.settings import Settings
from bot.slack.request.access import Access, served
from bot.slack.request.locales import StoredLocales
from bot.slack.request.services import Services
from bot.slack.request.templates import Templates
from bot.slack.request.visibility_cache import VisibilityCache
from bot.slack.web_api.notifier import SlackNotifier
from bot.slack.web_api.rate_limits import MethodLimiter
from bot.store import Store


@dataclass(frozen=True, slots=True)
class OpenWorkspace:
    """An open workspace: services for listeners, the dispatcher, admin notifications and checks.

    `token_version` is which installation's token it has, and the version of that.
    """

    services: Services
    dispatcher: WorkspaceDispatcher
    admin_sender: AdminNotificationSender
    checks: WorkspaceChecks
    token_version: tuple[str, int]


class Clients(Protocol):
    """Creates clients of Slack's Web API."""

    def __call__(self, token: str | None, *, patient: bool) -> AsyncWebClient:
        """Return a client. A patient one waits once after a 429. The others repeat nothing."""


@dataclass
class SharedServices:
    """What all workspaces of a process share."""

    settings: Settings
    owner: str
    """Tells this process from every other."""
    store: Store
    accounts: Accounts
    clients: Clients
    session: aiohttp.ClientSession
    clock: Callable[[], datetime]
    templates: Templates
    instruments: Instruments
    people: Store
    """The store as people's requests use it: they leave connections for the work that no one asks for."""
    languages: Languages = field(default_factory=Languages)
    wake: Callable[[], None] | None = None
    """Wakes the supervisor of this process, if it has one."""

    def wake_supervisor(self) -> None:
        """Check now which accounts exist, and poll them."""
        if self.wake:
            self.wake()

    def team(
        self,
        workspace: Workspace,
        token: str,
        token_version: tuple[str, int] = ("", 0),
        serve: Callable[[], Awaitable[None]] = served,
    ) -> OpenWorkspace:
        """Open a workspace. `serve` stores that it is served, once someone in it can use the bot (rule W1)."""
        settings, store = self.settings, self.store
        pacing = MethodLimiter(workspace.team_id, store.rate_limits, self.clock)
        client = self.clients(token, patient=True)
        access = Access(
            client, workspace, settings.admin_users, self.people.people, self.people.roles, self.clock, serve
        )
        locales = StoredLocales(workspace.team_id, store.channel_settings, access)
        notifier = SlackNotifier(self.clients(token, patient=False), workspace, pacing, self.languages, locales)
        admin_sender = AdminNotificationSender(
            workspace.team_id, store, notifier, settings.admin_users, access.is_admin, self.clock
        )
        retention = timedelta(days=settings.retention_days)
        checks = WorkspaceChecks(workspace.team_id, store, notifier, admin_sender, self.clock, retention)
        services = Services(
            workspace=workspace,
            client=client,
            session=self.session,
            opener=self.clients(token, patient=False),
            accounts=self.accounts,
            store=self.people,
            notifier=notifier,
            access=access,
            visibility_cache=VisibilityCache(workspace.team_id, self.people.check_schedule, notifier, self.clock),
            templates=self.templates,
            status_rules=StatusRules.parse(settings.clust_status_rules),
            update_method=settings.clust_update_method,
            poll_interval=timedelta(seconds=settings.poll_interval),
            poll_limit=settings.poll_limit,
            retention=retention,
            clock=self.clock,
            channel_changed=checks.check,
            wake_pollers=self.wake_supervisor,
            clust_url=settings.clust_api_url,
            any_address=not settings.slack_client_id,
            languages=self.languages,
            locales=locales,
            webhook_base=settings.webhook_base,
            link_patterns=settings.link_patterns,
            features=settings.features,
        )
        timing = Timing(timedelta(seconds=settings.lease), timedelta(seconds=settings.unclear_wait))
        item_reads = ItemReads(store, self.accounts, timedelta(seconds=settings.poll_interval), self.clock)
        dispatcher = WorkspaceDispatcher(workspace.team_id, self.owner, store, notifier, timing, self.clock, item_reads)
        return OpenWorkspace(services, dispatcher, admin_sender, checks, token_version)
