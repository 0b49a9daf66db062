"""Bring the database up to date. Alembic is imported only when there is something to do."""

from __future__ import annotations

import asyncio
from importlib import import_module

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import UsageError
from bot.core.language import _
from bot.store.engine.database import DATABASE_TROUBLE, Database
from bot.store.engine.postgresql import unlimited

DRIVER_CLOSE_SECONDS = 0.1
"""Seconds that the driver gets to close after a database could not be opened."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""All revisions in `migrations/versions`, oldest first. A test compares it with the files."""


async def revision(connection: AsyncConnection) -> str | None:
    """Return the revision of the database, or None if it is new."""
    names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    if "alembic_version" not in names:
        return None
    return (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()


async def migrate(database: Database) -> bool:
    """Upgrade the database to the newest revision. Returns whether there was something to do.

    Raises UsageError if it can't be opened, or if a newer version of the bot has changed it: an older one must not
    write there.
    """
    try:
        return await _migrate(database)
    except DATABASE_TROUBLE as error:
        # aiosqlite's thread still reports to the loop that it has stopped, and prints a traceback if that is closed.
        await asyncio.sleep(DRIVER_CLOSE_SECONDS)
        cause = getattr(error, "orig", None) or error
        raise UsageError(
            _("DATABASE_URL: The database can't be used ({error}: {why}).", error=type(cause).__name__, why=cause)
        ) from error


async def _migrate(database: Database) -> bool:
    async with database.read() as connection:
        present = await revision(connection)
    if present == REVISIONS[-1]:
        return False
    if present is not None and present not in REVISIONS:
        raise UsageError(
            _(
                "The database is at revision {present}, which is newer than this bot ({newest}). Install the version "
                "of the bot that created it, or a newer one.",
                present=present,
                newest=REVISIONS[-1],
            )
        )
    async with database.write() as connection:
        if not database.is_sqlite:
            await unlimited(connection)
        # Several processes may start at once: the first one migrates, the others wait and find nothing to do.
        await database.lock(connection, "migrations")
        await connection.run_sync(_upgrade)
    return True


def _upgrade(connection: sa.Connection) -> None:
    command, config = import_module("alembic.command"), import_module("alembic.config")
    settings = config.Config()
    settings.set_main_option("script_location", "bot.store.engine:migrations")
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
