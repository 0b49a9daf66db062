"""Checks of settings that are valid but unwise, and of the database, which is opened read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bot.core.language import _
from bot.doctor.findings import Finding, fault, ok, warning
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.migrate import REVISIONS, revision


def settings_findings(*, by_socket: bool, has_signing_secret: bool, has_secret_key: bool) -> Iterator[Finding]:
    """Yield findings about the settings."""
    if by_socket and has_signing_secret:
        both = _(
            "Both SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are set. Socket Mode is used and HTTP requests are ignored."
        )
        yield warning("settings", both, _("Remove the one you don't want."))
    else:
        yield ok(
            "settings",
            _("The settings are valid. Slack is connected through Socket Mode.")
            if by_socket
            else _("The settings are valid. Slack is connected through HTTP."),
        )
    if not has_secret_key:
        yield warning(
            "settings",
            _("SECRET_KEY isn't set. What people type into forms is lost when the process stops."),
            _("Create one with `openssl rand -base64 32 | tr +/ -_`."),
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """The database checks: findings, whether the tables are current, and the status classes that admins chose."""

    findings: tuple[Finding, ...]
    is_current: bool = False
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


async def look_at_database(store: Store) -> Stored:
    """Check whether the database can be used, its version, and whether its tables are up to date."""
    database = store.database
    if database.is_sqlite and (absent := _absent(Path(database.url.database or ""))):
        return Stored((absent,))
    ask = "SELECT sqlite_version()" if database.is_sqlite else "SHOW server_version"
    try:
        async with database.read() as connection:
            version = str((await connection.execute(sa.text(ask))).scalar_one())
            present = await revision(connection)
        current = present == REVISIONS[-1]
        chosen = await _chosen(store) if current else {}
    except DATABASE_TROUBLE as error:
        cause = getattr(error, "orig", None) or error
        remedy = _("Check DATABASE_URL, and that the server is running and accepts connections from this machine.")
        return Stored(
            (
                fault(
                    "database", _("The database can't be used: {why}.", why=str(cause) or type(cause).__name__), remedy
                ),
            )
        )
    name = "SQLite" if database.is_sqlite else "PostgreSQL"
    return Stored(
        (ok("database", _("{name} {version} is responding.", name=name, version=version)), _revision(present)),
        current,
        chosen,
    )


def _absent(path: Path) -> Finding | None:
    """Return a finding if the SQLite file doesn't exist. Opening it read-only would give only an error."""
    if path.exists():
        return None
    if path.resolve().parent.is_dir():
        return ok("database", _("There's no database at {path} yet. The bot creates it when it starts.", path=path))
    return fault(
        "database",
        _("The folder of {path} doesn't exist.", path=path),
        _("Create the folder, or correct DATABASE_URL."),
    )


async def _chosen(store: Store) -> Mapping[str, Mapping[str, str]]:
    connections = [await store.connections.get(one) for one in await store.connections.ids()]
    return {one.name: one.chosen_status or {} for one in connections}


def _revision(present: str | None) -> Finding:
    newest = REVISIONS[-1]
    if present is None:
        return ok("database", _("The database is empty. The bot creates its tables when it starts."))
    if present == newest:
        return ok("database", _("The tables match this version of the bot (revision {present}).", present=present))
    if present in REVISIONS:
        return warning(
            "database",
            _(
                "The tables are from an earlier version (revision {present}, this bot uses {newest}).",
                present=present,
                newest=newest,
            ),
            _("Make a backup. Then start the bot, which upgrades the tables, or run `python -m bot migrate`."),
        )
    return fault(
        "database",
        _(
            "The tables are from a newer version (revision {present}, this bot uses {newest}).",
            present=present,
            newest=newest,
        ),
        _("Install the version of the bot that created them, or a newer one."),
    )
