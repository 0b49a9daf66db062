"""Makes the dumps in `revisions/`: `python -m tests.store.engine.dump 0006`, once, when 0006 is the newest revision.

A dump is a database as a bot of that revision left it, with a few rows in every table. Those of earlier revisions are
never made again: they are what the tests upgrade from.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.store.engine import migrate
from bot.store.engine.database import Database
from tests.databases import address, postgresql_server

FOLDER = Path(__file__).parent / "revisions"

ROWS = 2
"""In each table."""

PLAUSIBLE: dict[str, Any] = {
    "snapshot": json.dumps(
        {"id": "7", "title": "Acme", "status": "1_ongoing", "contact": {"email": "ana@acme.example"}}
    ),
    "events": json.dumps(["late", "approved"]),
    "style": "{}",
    "schedule": "{}",
    "occurrences": {"late": 1},
    "verdicts": [],
    "subscription_ids": [1],
    "chosen_status": {"7_signed": "submitted"},
    "about": None,
    "filter": "late:yes",
    "base_url": "https://clust.invalid/api",
    "trigger": "late",
    "kind": "event",
    "zone": "Europe/Paris",
    "state": "sent",
    "role": "viewer",
}
"""What columns hold whose text means something."""


def rows_for(table: sa.Table) -> Iterator[dict[str, Any]]:
    """Give rows that satisfy a table of whatever revision."""
    for number in range(1, ROWS + 1):
        yield {column.name: _value(table, column, number) for column in table.columns}


def _value(table: sa.Table, column: sa.Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column.table, key.column, number)
    if column.primary_key and isinstance(column.type, sa.Integer):
        return number
    is_key = column.primary_key or any(
        column.name in constraint.columns
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    )
    if column.name in PLAUSIBLE and not is_key:
        return PLAUSIBLE[column.name]
    return _of_type(column, number)


def _of_type(column: sa.Column[Any], number: int) -> Any:
    match column.type:
        case sa.DateTime():
            return datetime(2026, 3, number, 12, tzinfo=UTC) + timedelta(microseconds=number)
        case sa.Boolean():
            return number == 1
        case sa.Integer() | sa.Float():
            return number
        case sa.JSON():
            return {}
        case sa.LargeBinary():
            return f"{column.name} {number}".encode()
    length = getattr(column.type, "length", None) or 40
    return f"{column.name} {number}"[-length:]


def fill(connection: sa.Connection) -> None:
    """Put rows into every table."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), list(rows_for(table)))


def upgrade_to(connection: sa.Connection, revision: str) -> None:
    """Bring an empty database to a revision."""
    command, config = import_module("alembic.command"), import_module("alembic.config")
    settings = config.Config()
    settings.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


async def _made(url: str, revision: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(upgrade_to, revision)
        await connection.run_sync(fill)
    await database.close()


def main(revision: str) -> None:
    """Make both dumps of a revision."""
    with tempfile.TemporaryDirectory(prefix="clust-dump-") as name:
        folder = Path(name)
        asyncio.run(_made(f"sqlite:///{folder}/bot.db", revision))
        with sqlite3.connect(folder / "bot.db") as opened:
            (FOLDER / f"{revision}.sqlite.sql").write_text("\n".join(opened.iterdump()) + "\n")
    with postgresql_server() as server:
        asyncio.run(_made(address(str(server.pgdata), "postgres"), revision))
        program = [str(server.bin_path / "pg_dump"), "--inserts", "--no-owner", "--no-comments"]
        dumped = subprocess.run(  # noqa: S603  the server's own program
            [*program, "-U", "postgres", "-h", str(server.pgdata), "postgres"], check=True, capture_output=True
        ).stdout.decode()
    kept = [
        line for line in dumped.splitlines() if line and not re.match(r"--|\\|SET |SELECT pg_catalog.set_config", line)
    ]
    (FOLDER / f"{revision}.postgresql.sql").write_text("\n".join(kept) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
