"""What `python -m bot doctor` checks, and what `manifest --diff` compares. A running bot does not import it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.accounts import OWN
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import DeliveryError, UsageError
from bot.core.language import _
from bot.core.profiles.profile import Profile
from bot.doctor import (
    Examination,
    ExaminedAccount,
    Finding,
    account_named,
    bot_tokens,
    examine,
    granted_scopes,
    slack_client,
)
from bot.doctor.openapi.comparison import Believed
from bot.doctor.openapi.difference import FOLLOWING
from bot.doctor.openapi.report import DescriptionReport, examine_description
from bot.doctor.recording import record_profile
from bot.doctor.sample_messages import sample_messages
from bot.doctor.sample_posting import show_live
from bot.settings import Settings
from bot.slack.web_api.features import OptionalFeature, to_add_by_hand
from bot.store import open_store


async def diagnose(settings: Settings, workspace: str | None = None) -> AsyncIterator[Finding]:
    """Check everything that the settings lead to, without changing anything, and return the findings.

    `workspace` limits this to one of many workspaces.
    """
    async with examination(settings, workspace) as case:
        async for finding in examine(case):
            yield finding


async def record(settings: Settings, workspace: str | None, name: str | None) -> Profile:
    """Read a Clust account and return its profile. `name` is needed if there are several.

    Raises UsageError that names the accounts, or the ClustError that kept the list from being read.
    """
    async with examination(settings, workspace) as case:
        account = await account_named(case, name)
    async with account.client(account.base_url, case.dialect) as client:
        return await record_profile(client)


async def show_samples(
    settings: Settings,
    workspace: str | None,
    channel_id: str,
    looked: Callable[[], Awaitable[object]],
    stop: asyncio.Event,
) -> int:
    """Post a message of each kind into a channel, and remove them (see `show_live`). Raises UsageError."""
    samples = sample_messages(datetime.now(UTC))
    async with examination(settings, workspace) as case:
        tokens = await bot_tokens(case)
        if len(tokens) != 1:
            raise UsageError(_("Add --workspace with the ID of a workspace that has installed the app."))
        try:
            async with slack_client(case, tokens[0]) as client:
                return await show_live(client, channel_id, samples, looked, stop, print)
        except DeliveryError as error:
            raise UsageError(error.sentence) from error


async def manifest_diff(settings: Settings, features: Collection[OptionalFeature]) -> list[str]:
    """Return what to add by hand to the app that the settings are for, in lines. Raises UsageError.

    Of an app that many workspaces installed, a scope is missing where one of them lacks it.
    """
    try:
        async with examination(settings, None) as case:
            granted = await granted_scopes(case)
    except DeliveryError as error:
        raise UsageError(_("I can't compare the app with the manifest. {why}", why=error.sentence)) from error
    if granted is None:
        return [_("No workspace has installed the app yet. The manifest has everything it needs.")]
    return to_add_by_hand(granted, features)


@asynccontextmanager
async def examination(settings: Settings, workspace: str | None) -> AsyncIterator[Examination]:
    """Open what the settings lead to, the database read-only."""
    keys = [key.get_secret_value() for key in settings.secret_key]
    store = open_store(
        settings.database_url, posts_per_minute=settings.slack_posts_per_minute, secret_keys=keys, read_only=True
    )
    own, bot_token, app_token = settings.clust_api_token, settings.slack_bot_token, settings.slack_app_token
    case = Examination(
        store=store,
        accounts=[ExaminedAccount(OWN, settings.clust_api_url, own.get_secret_value())] if own else [],
        rules=StatusRules.parse(settings.clust_status_rules),
        dialect=settings.dialect(),
        slack_api_url=settings.slack_api_url,
        bot_token=bot_token.get_secret_value() if bot_token else None,
        app_token=app_token.get_secret_value() if app_token else None,
        admin_users=settings.admin_users,
        has_signing_secret=settings.slack_signing_secret is not None,
        has_secret_key=bool(settings.secret_key),
        takes_webhooks=settings.webhook_base is not None,
        features=settings.features,
        workspace=workspace,
    )
    try:
        yield case
    finally:
        await store.database.close()


async def compare_description(settings: Settings, source: str) -> DescriptionReport:
    """Compare Clust's description, at an address or in a file, with what the bot does under these settings.

    Raises UsageError if it can't be read or is of another product.
    """
    believed = Believed(
        settings.clust_api_url,
        settings.clust_update_method,
        settings.dialect(),
        StatusRules.parse(settings.clust_status_rules),
    )
    present = {name: str(getattr(settings, name.lower())) for name in FOLLOWING}
    return await examine_description(source, believed, present)
