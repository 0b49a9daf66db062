"""Workspaces that a process serves: the one of SLACK_BOT_TOKEN, or all that installed the app by OAuth."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from functools import partial

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts import OWN
from bot.core.backoff import backoff
from bot.core.errors import DeliveryError, NotAllowed, TokenRefused, UsageError
from bot.core.language import N_, _
from bot.core.permissions import Workspace
from bot.core.readiness import Check
from bot.delivery.independent_work import run_independently
from bot.slack.request.access import TimeBudget
from bot.slack.request.requester import Actor
from bot.slack.request.services import Services
from bot.slack.web_api.install import RENEW_BEFORE, renewed
from bot.slack.web_api.responses import Accepted, Identity, accepted, ask, read, scopes_of
from bot.slack.web_api.token_check import TokenCheck, TokensCheck
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.periodic import pause
from bot.store.people.installations import Installation
from bot.wiring.open_workspace import OpenWorkspace, SharedServices

log = structlog.get_logger(__name__)

CURRENT_SECONDS = 2.0
"""Seconds for which an open workspace is taken to have the newest token."""

FORGOTTEN_AFTER_SECONDS = 600.0
"""Seconds after which a workspace that nothing needed is open no longer: its clients and caches are made again."""

NOT_INSTALLED = N_("Clust is no longer installed in this workspace.")
ORGANIZATION_UNKNOWN = N_("Slack didn't tell me which organization this is for, so I did nothing. `/clust` works.")


class SingleWorkspace:
    """The workspace of SLACK_BOT_TOKEN."""

    def __init__(self, shared: SharedServices, token: str) -> None:
        self._shared, self._token = shared, token
        self._team: asyncio.Future[OpenWorkspace] = asyncio.get_running_loop().create_future()

    async def services(self, _actor: Actor, _budget: TimeBudget | None = None) -> Services:
        """Return what listeners work with, once Slack has identified the bot."""
        return (await asyncio.shield(self._team)).services

    async def left(self, team_id: str, _enterprise_id: str | None) -> None:
        """Log that the token of the settings no longer works. Channels are held as their posts fail."""
        log.warning("the app was taken out of the workspace", team=team_id)

    async def team_ids(self) -> Collection[str]:
        """Return the workspace, once it is known."""
        return [self._team.result().services.workspace.team_id] if self._team.done() else []

    async def open(self, team_id: str) -> OpenWorkspace | None:
        """Return the workspace, once it is known. None for any other."""
        return self._team.result() if team_id in await self.team_ids() else None

    async def tend(self) -> None:
        """Do nothing: the token of the settings does not expire, and the workspace stays open."""

    def readiness(self) -> Callable[[], Awaitable[Check]]:
        """Return the check whether Slack accepts the token."""
        return TokenCheck(self._shared.clients(self._token, patient=False), self._shared.clock)

    async def begin(self, stop: asyncio.Event) -> None:
        """Identify the bot, and store the account of the settings. Retries until both work or `stop` is set.

        Raises UsageError for a token that Slack refuses.
        """
        attempt = 0
        while not stop.is_set():
            try:
                workspace = await self._identify()
                await self._keep_account(workspace.team_id)
            except TokenRefused as error:
                raise UsageError(_("SLACK_BOT_TOKEN: Slack doesn't accept it ({code}).", code=error.code)) from error
            except DeliveryError as error:
                trouble = {"event": "slack can't be reached", "why": error.sentence}
            except DATABASE_TROUBLE as error:
                trouble = {"event": "the database does not take the account of the settings", "why": str(error)}
            else:
                self._team.set_result(self._shared.team(workspace, self._token))
                return
            attempt += 1
            if attempt == 1:
                log.warning(**trouble)
            await pause(stop, backoff(attempt, random.random()))

    async def _identify(self) -> Workspace:
        response = await accepted(self._shared.clients(self._token, patient=False).auth_test())
        return replace(read(Identity, response.data).workspace, scopes=scopes_of(response))

    async def _keep_account(self, team_id: str) -> None:
        settings = self._shared.settings
        if settings.clust_api_token:
            token = settings.clust_api_token.get_secret_value()
            await self._shared.store.connections.ensure(team_id, OWN, settings.clust_api_url, token)


class InstalledWorkspaces:
    """Workspaces that installed the app. Each is opened on first use, and again for a new token."""

    def __init__(self, shared: SharedServices, client_id: str, client_secret: str) -> None:
        self._shared, self._credentials = shared, (client_id, client_secret)
        self._open: dict[str, OpenWorkspace] = {}
        self._asked_at: dict[str, float] = {}
        self._used_at: dict[str, float] = {}
        self._begun = asyncio.Event()

    async def services(self, actor: Actor, budget: TimeBudget | None = None) -> Services:
        """Return what listeners of someone's workspace work with. Raises NotAllowed if the app is not installed.

        For a stranger that is the organization itself, in which no one has a role (rule W1). Its token says whether
        someone from a workspace with an installation of its own is one, within `budget`. Raises NotAllowed, too, if
        Slack doesn't say what is needed. Waits until `begin`.
        """
        await self._begun.wait()
        installations, team_id, enterprise_id = self._shared.people.installations, actor.team_id, actor.enterprise_id
        await self._check_organization(actor)
        if actor.may_be_foreign and enterprise_id and await installations.may_be_foreign(team_id, enterprise_id):
            organization = await self._services(enterprise_id, enterprise_id)
            with (budget or TimeBudget()).spend() as seconds:
                is_stranger = not await organization.access.is_in(team_id, actor.user_id, seconds)
            if is_stranger:
                return organization
        return await self._services(team_id, enterprise_id)

    async def _check_organization(self, actor: Actor) -> None:
        """Raise NotAllowed for an organization that only `team` names, unless it alone has the app."""
        if actor.is_organization_certain:
            return
        organizations = await self._shared.people.installations.organizations(limit=2)
        if not organizations:
            raise NotAllowed(_(NOT_INSTALLED))
        if organizations != [actor.enterprise_id]:
            raise NotAllowed(_(ORGANIZATION_UNKNOWN))

    async def _services(self, team_id: str, enterprise_id: str | None) -> Services:
        installation = await self._shared.people.installations.serving(team_id, enterprise_id)
        if installation is None:
            raise NotAllowed(_(NOT_INSTALLED))
        return (await self._team(team_id, installation)).services

    async def left(self, team_id: str, enterprise_id: str | None) -> None:
        """Stop serving a workspace, or all of an organization that removed the app."""
        installations = self._shared.store.installations
        for key in filter(None, (team_id, enterprise_id)):
            installation = await installations.of(key)
            if installation and installation.tokens and await self._is_refused(installation.tokens.bot):
                await installations.end(key, self._shared.clock())
                log.info("the app was taken out", installation=key)
        self._shared.wake_supervisor()

    async def _is_refused(self, token: str) -> bool:
        try:
            await ask(self._shared.clients(token, patient=True).auth_test(), Accepted)
        except DeliveryError as error:
            return isinstance(error, TokenRefused)
        return False

    async def team_ids(self) -> Collection[str]:
        """Return the workspaces that the app is installed in now."""
        return await self._shared.store.installations.team_ids()

    async def open(self, team_id: str) -> OpenWorkspace | None:
        """Return a workspace for work that no one asked for, None where it can't be worked for now.

        The database says at most every 2 seconds whether its token has changed.
        """
        now = asyncio.get_running_loop().time()
        if team_id in self._open and now - self._asked_at.get(team_id, -math.inf) < CURRENT_SECONDS:
            self._used_at[team_id] = now
            return self._open[team_id]
        installation = await self._shared.store.installations.of_workspace(team_id)
        if installation is None:
            self._open.pop(team_id, None)
            return None
        try:
            team = await self._team(team_id, installation)
        except NotAllowed as error:
            log.warning("a workspace can't be worked for", team=team_id, why=error.detail)
            return None
        self._asked_at[team_id] = now
        return team

    async def tend(self) -> None:
        """Exchange the tokens that end soon, each for itself, and forget workspaces that nothing needed for a while."""
        long_ago = asyncio.get_running_loop().time() - FORGOTTEN_AFTER_SECONDS
        for team_id in [team_id for team_id, used_at in self._used_at.items() if used_at < long_ago]:
            self._open.pop(team_id, None)
            del self._used_at[team_id]
            self._asked_at.pop(team_id, None)
        expiring = await self._shared.store.installations.expiring(self._shared.clock() + RENEW_BEFORE)
        await run_independently((partial(self.open, team_id) for team_id in expiring), "renewing a token")

    def readiness(self) -> Callable[[], Awaitable[Check]]:
        """Return what tells whether Slack answers, asked for one workspace, in turn."""

        async def client_of(team_id: str) -> AsyncWebClient | None:
            team = await self.open(team_id)
            return team.services.opener if team else None

        return TokensCheck(self.team_ids, client_of, self._shared.clock)

    async def begin(self, _stop: asyncio.Event) -> None:
        """Serve people from now on. The catalogues that answers are worded in are read by now."""
        self._begun.set()

    async def _team(self, team_id: str, installation: Installation) -> OpenWorkspace:
        installation = await self._fresh(installation)
        team, token_version = self._open.get(team_id), (installation.id, installation.version)
        if team is None or team.token_version != token_version:
            if installation.tokens is None:
                raise NotAllowed(_("I can't read my Slack token, because no key in SECRET_KEY can decrypt it."))
            workspace = Workspace(
                team_id,
                installation.enterprise_id,
                installation.bot_user_id,
                installation.bot_id,
                installation.url,
                frozenset(installation.scopes.split(",")),
            )
            serve = partial(self._shared.store.installations.serve, team_id, installation.id)
            team = self._shared.team(workspace, installation.tokens.bot, token_version, serve)
            self._open[team_id] = team
        self._used_at[team_id] = asyncio.get_running_loop().time()
        return team

    async def _fresh(self, installation: Installation) -> Installation:
        """Return the installation with a token that lasts, exchanged by one process of all (Slack: Token rotation)."""
        tokens, now = installation.tokens, self._shared.clock()
        if tokens is None or tokens.refresh is None or tokens.expires_at is None:
            return installation
        store = self._shared.store.installations
        if tokens.expires_at - now > RENEW_BEFORE or not await store.begin_renewal(installation, now):
            return installation
        try:
            fresh = await renewed(self._shared.clients(None, patient=False), *self._credentials, tokens.refresh, now)
        except DeliveryError as error:
            log.warning("a token could not be renewed", installation=installation.id, why=error.sentence)
            return installation
        await store.renew(installation, fresh)
        return await store.of(installation.id) or installation
