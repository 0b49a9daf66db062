"""Runs all checks in order: settings, database, Slack, each Clust account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clust import ClustClient
from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.dialect import ApiDialect
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.typed_text import fold
from bot.doctor.clust import observe
from bot.doctor.clust_findings import findings_of
from bot.doctor.findings import Finding, fault, warning
from bot.doctor.recorded_health import look_at_work
from bot.doctor.settings_and_database import Stored, look_at_database, settings_findings
from bot.doctor.slack import AWAY, SlackChecks
from bot.slack.web_api.features import OptionalFeature, default_features
from bot.slack.web_api.responses import accepted, scopes_of
from bot.store import Store

SLACK_TIMEOUT_SECONDS = 10.0
"""Time limit of one call to Slack."""

MAX_AT_ONCE = 16
"""Workspaces, or accounts, that are examined at the same time."""

MAX_SUBJECT_SECONDS = 120.0
"""Time limit of one workspace or account."""


@dataclass(frozen=True, slots=True)
class ExaminedAccount:
    """A Clust account: the name of its connection, its address and its token."""

    name: str
    base_url: str
    token: str

    def client(self, base_url: str, dialect: ApiDialect) -> ClustClient:
        """Return a client with the account's token, for its own address or another."""
        return ClustClient(base_url, self.token, dialect=dialect)


@dataclass(frozen=True, slots=True)
class Examination:
    """What to examine. `store` is opened read-only.

    `accounts` and `bot_token` come from the settings. Those stored in the database are examined too.
    """

    store: Store
    accounts: Sequence[ExaminedAccount]
    rules: StatusRules
    slack_api_url: str
    bot_token: str | None
    dialect: ApiDialect = field(default_factory=ApiDialect)
    app_token: str | None = None
    admin_users: Sequence[str] = ()
    has_signing_secret: bool = False
    has_secret_key: bool = False
    takes_webhooks: bool = False
    features: Collection[OptionalFeature] = field(default_factory=default_features)
    """The optional features that the Slack app was made with."""
    workspace: str | None = None
    """The only workspace to examine, of many that installed the app. None means all."""


async def examine(examination: Examination) -> AsyncIterator[Finding]:
    """Run all checks and yield each finding at once. Changes nothing."""
    for finding in settings_findings(
        by_socket=examination.app_token is not None,
        has_signing_secret=examination.has_signing_secret,
        has_secret_key=examination.has_secret_key,
    ):
        yield finding
    stored = await look_at_database(examination.store)
    for finding in stored.findings:
        yield finding
    tokens = await _tokens(examination, stored)
    if not tokens:
        yield warning(
            "slack", _("No workspace has installed the app yet."), _("Open PUBLIC_URL/slack/install in a browser.")
        )
    async for finding in side_by_side([partial(_slack, examination, stored, token) for token in tokens], "slack"):
        yield finding
    kept, unread = await _kept(examination) if stored.is_current else ([], [])
    for name in unread:
        remedy = _("Put the key that encrypted it back into SECRET_KEY, or connect the account again.")
        yield fault(f"clust {name}", _("No key in SECRET_KEY can decrypt its API token."), remedy)
    accounts = (*examination.accounts, *kept)
    async for finding in side_by_side([partial(_clust, examination, stored, one) for one in accounts], "clust"):
        yield finding


async def bot_tokens(examination: Examination) -> list[str]:
    """Return the bot token of the settings, or those of the workspaces that installed the app."""
    return await _tokens(examination, await look_at_database(examination.store))


async def _tokens(examination: Examination, stored: Stored) -> list[str]:
    if examination.bot_token:
        return [examination.bot_token]
    installed = await examination.store.installations.workspaces() if stored.is_current else {}
    return [
        one.tokens.bot for team_id, one in installed.items() if one.tokens and examination.workspace in {None, team_id}
    ]


async def granted_scopes(examination: Examination) -> frozenset[str] | None:
    """Return the scopes that every installation was granted, or None without an installation. Raises DeliveryError.

    The token of the settings is asked about at Slack (`x-oauth-scopes`). Those of OAuth are stored with their scopes.
    """
    if examination.bot_token:
        async with slack_client(examination, examination.bot_token) as client:
            return scopes_of(await accepted(client.auth_test()))
    stored = await look_at_database(examination.store)
    installed = (await examination.store.installations.workspaces()).values() if stored.is_current else ()
    scopes = [frozenset(one.scopes.split(",")) for one in installed]
    return frozenset.intersection(*scopes) if scopes else None


async def side_by_side(subjects: Sequence[Callable[[], AsyncIterator[Finding]]], about: str) -> AsyncIterator[Finding]:
    """Examine many workspaces or accounts, some at the same time. Yields findings in the order of the subjects."""
    places = asyncio.Semaphore(MAX_AT_ONCE)

    async def examined(subject: Callable[[], AsyncIterator[Finding]]) -> list[Finding]:
        findings: list[Finding] = []
        try:
            async with places, asyncio.timeout(MAX_SUBJECT_SECONDS):
                async for finding in subject():
                    findings += [finding]
        except TimeoutError:
            findings.append(fault(about, _("The check took too long."), _("Run the doctor again.")))
        return findings

    tasks = [asyncio.create_task(examined(subject)) for subject in subjects]
    try:
        for task in tasks:
            for finding in await task:
                yield finding
    finally:
        for task in tasks:
            task.cancel()


async def _clust(examination: Examination, stored: Stored, account: ExaminedAccount) -> AsyncIterator[Finding]:
    # A token connected in Slack was given for one address, by someone other than who runs the doctor.
    is_own = account in examination.accounts
    connect = partial(account.client, dialect=examination.dialect)
    observations = await observe(account.name, account.base_url, connect, anywhere=is_own)
    for finding in findings_of(observations, examination.rules.with_chosen(stored.chosen.get(account.name))):
        yield finding


async def account_named(examination: Examination, name: str | None) -> ExaminedAccount:
    """Return one account of the settings or the database. Raises UsageError if the name fits none, or several."""
    stored = await look_at_database(examination.store)
    kept = (await _kept(examination))[0] if stored.is_current else []
    accounts = [*examination.accounts, *kept]
    matching = [one for one in accounts if name is None or fold(one.name) == fold(name)]
    if len(matching) == 1:
        return matching[0]
    names = ", ".join(dict.fromkeys(one.name for one in accounts)) or _("none")
    if len(matching) > 1 and name is not None:
        raise UsageError(_("Several workspaces have an account named {name}. Choose one with --workspace.", name=name))
    if matching:
        raise UsageError(_("Choose one of these accounts with --account: {names}.", names=names))
    if name is None:
        raise UsageError(_("There's no Clust account. Set CLUST_API_TOKEN, or connect one in Slack."))
    raise UsageError(_("Unknown account {name}. Connected accounts: {names}.", name=name, names=names))


async def _kept(examination: Examination) -> tuple[list[ExaminedAccount], list[str]]:
    """Return the accounts connected in Slack, and the names of those whose token can't be decrypted."""
    store, workspace = examination.store, examination.workspace
    connected = await store.connections.of_team(workspace) if workspace else await store.connections.all()
    sealed = [one for one in connected if one.sealed]
    tokens = [(one, store.connections.token(one)) for one in sealed]
    kept = [ExaminedAccount(one.name, one.base_url, token) for one, token in tokens if token]
    return kept, [one.name for one, token in tokens if token is None]


async def _slack(examination: Examination, stored: Stored, token: str) -> AsyncIterator[Finding]:
    async with slack_client(examination, token) as client:
        checks = SlackChecks(client, examination.features)
        identity, findings = await checks.identity()
        for finding in findings:
            yield finding
        is_away = any(finding.about == AWAY for finding in findings)
        if examination.app_token and not is_away:
            yield await checks.app_token(examination.app_token)
        if identity is None:
            return
        for finding in await checks.admins(examination.admin_users):
            yield finding
        if stored.is_current:
            rows = await examination.store.subscriptions.of_team(identity.team_id)
            for finding in await checks.channels({row.channel_id for row in rows}):
                yield finding
            for finding in await look_at_work(
                examination.store, identity.team_id, takes_webhooks=examination.takes_webhooks
            ):
                yield finding


@asynccontextmanager
async def slack_client(examination: Examination, token: str) -> AsyncIterator[AsyncWebClient]:
    """Open a client of Slack for a bot token."""
    timeout = aiohttp.ClientTimeout(total=SLACK_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield AsyncWebClient(token=token, base_url=f"{examination.slack_api_url}/", session=session, retry_handlers=[])
