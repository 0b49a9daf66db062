"""Checks of settings that are valid but unwise, and of the database, which is opened read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bot.doctor.findings import Finding, fault, ok, warning
from bot.store import Store
from bot.store.engine.database import DATABASE_TROUBLE
from bot.store.engine.migrate import REVISIONS, revision


def settings_findings(*, by_socket: bool, has_signing_secret: bool, has_secret_key: bool) -> Iterator[Finding]:
    """Yield findings about the settings."""
    if by_socket and has_signing_secret:
        both = "SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: Socket Mode is used, and HTTP takes nothing."
        yield warning("settings", both, "Leave the one out that is not meant.")
    else:
        yield ok("settings", f"They are well formed; Slack is reached by {'Socket Mode' if by_socket else 'HTTP'}.")
    if not has_secret_key:
        yield warning(
            "settings",
            "SECRET_KEY is not set: what people type into forms does not outlive the process.",
            'Make one: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
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
        what = getattr(error, "orig", None) or error
        remedy = "Check DATABASE_URL, and that the server runs and lets this machine in."
        return Stored((fault("database", f"It can't be used ({str(what) or type(what).__name__}).", remedy),))
    name = "SQLite" if database.is_sqlite else "PostgreSQL"
    return Stored((ok("database", f"{name} {version} answers."), _revision(present)), current, chosen)


def _absent(path: Path) -> Finding | None:
    """Return a finding if the SQLite file doesn't exist. Opening it read-only would give only an error."""
    if path.exists():
        return None
    if path.resolve().parent.is_dir():
        return ok("database", f"There is none at {path} yet: the bot makes it when it starts.")
    return fault("database", f"There is no folder for {path}.", "Make the folder, or correct DATABASE_URL.")


async def _chosen(store: Store) -> Mapping[str, Mapping[str, str]]:
    connections = [await store.connections.get(one) for one in await store.connections.ids()]
    return {one.name: one.chosen_status or {} for one in connections}


def _revision(present: str | None) -> Finding:
    newest = REVISIONS[-1]
    if present is None:
        return ok("database", "It is empty: the bot makes its tables when it starts.")
    if present == newest:
        return ok("database", f"Its tables are those of this bot (revision {present}).")
    if present in REVISIONS:
        return warning(
            "database",
            f"Its tables are of an earlier version (revision {present}, this bot's is {newest}).",
            "Make a backup; the bot upgrades them when it starts, or `python -m bot migrate` does.",
        )
    return fault(
        "database",
        f"Its tables are of a newer version (revision {present}, this bot knows {newest}).",
        "Install the version of the bot that made it, or a newer one.",
    )
