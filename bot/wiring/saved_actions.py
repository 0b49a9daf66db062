"""Saved actions of `python -m bot actions export` and `import`, and those that the demo begins with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.accounts import OWN
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.saved_actions.saved_action import SavedAction
from bot.core.saved_actions.transfer import exported
from bot.core.typed_text import fold
from bot.settings import Settings
from bot.store import Store, open_store
from bot.store.clust.connections import Connection
from bot.store.engine.migrate import migrate

BY_COMMAND = "command line"
"""Who saved what was imported by the command line."""


async def export_actions(settings: Settings, workspace: str, account: str) -> str:
    """Return the actions of an account as text. Raises UsageError if there is no such account."""
    async with opened_store(settings) as store:
        connection = await _account(store, workspace, account)
        return exported([stored.action for stored in await store.saved_actions.of(connection.id)])


async def import_actions(settings: Settings, workspace: str, account: str, actions: list[SavedAction]) -> None:
    """Add actions to an account, all or none. They can't be used until an admin has tried them. Raises UsageError."""
    async with opened_store(settings) as store:
        connection = await _account(store, workspace, account)
        await store.saved_actions.add_imported(workspace, connection.id, actions, BY_COMMAND, datetime.now(UTC))


async def save_first_actions(settings: Settings, workspace: str, actions: list[SavedAction], user_id: str) -> None:
    """Save actions, as `user_id`, for the account of the settings. Does nothing if it has actions already.

    Nothing is saved either if the settings name no account.
    """
    if (token := settings.clust_api_token) is None:
        return
    async with opened_store(settings) as store:
        account = await store.connections.ensure(workspace, OWN, settings.clust_api_url, token.get_secret_value())
        if await store.saved_actions.of(account.id):
            return
        for action in actions:
            await store.saved_actions.save(workspace, account.id, action, user_id, datetime.now(UTC))


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the database of the settings, of the newest revision."""
    keys = [key.get_secret_value() for key in settings.secret_key]
    store = open_store(
        settings.database_url,
        posts_per_minute=settings.slack_posts_per_minute,
        secret_keys=keys,
        first_contact=settings.clust_first_contact == "on",
    )
    try:
        await migrate(store.database)
        yield store
    finally:
        await store.database.close()


async def _account(store: Store, workspace: str, name: str) -> Connection:
    connections = await store.connections.of_team(workspace)
    for connection in connections:
        if fold(connection.name) == fold(name):
            return connection
    names = ", ".join(each.name for each in connections) or _("none")
    raise UsageError(
        _(
            "Workspace {workspace} has no Clust account named {name}. Its accounts: {names}.",
            workspace=workspace,
            name=name,
            names=names,
        )
    )
