"""What `python -m bot doctor` checks. A separate module, so that a running bot does not import it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.accounts import OWN
from bot.core.applications.status_rules import StatusRules
from bot.doctor import Examination, ExaminedAccount, Finding, examine
from bot.settings import Settings
from bot.store import open_store


async def diagnose(settings: Settings, workspace: str | None = None) -> AsyncIterator[Finding]:
    """Check everything that the settings lead to, without changing anything, and return the findings.

    `workspace` limits this to one of many workspaces.
    """
    keys = [key.get_secret_value() for key in settings.secret_key]
    store = open_store(
        settings.database_url, posts_per_minute=settings.slack_posts_per_minute, secret_keys=keys, read_only=True
    )
    own, bot_token, app_token = settings.clust_api_token, settings.slack_bot_token, settings.slack_app_token
    case = Examination(
        store=store,
        accounts=[ExaminedAccount(OWN, settings.clust_api_url, own.get_secret_value())] if own else [],
        rules=StatusRules.parse(settings.clust_status_rules),
        slack_api_url=settings.slack_api_url,
        bot_token=bot_token.get_secret_value() if bot_token else None,
        app_token=app_token.get_secret_value() if app_token else None,
        admin_users=settings.admin_users,
        has_signing_secret=settings.slack_signing_secret is not None,
        has_secret_key=bool(settings.secret_key),
        workspace=workspace,
    )
    try:
        async for finding in examine(case):
            yield finding
    finally:
        await store.database.close()
