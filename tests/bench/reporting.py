"""An export and a report over 100,000 applications, against plain programs that read the same rows."""

from __future__ import annotations

import csv
import gc
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.applications.export import COLUMNS
from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.filters import language
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.listeners.applications.csv_file import csv_file
from bot.slack.listeners.applications.exporting import write_rows
from bot.store import Store, open_store
from bot.store.clust.connections import Connection
from bot.store.clust.reports import ReportQuery
from bot.store.engine.migrate import migrate
from bot.store.engine.tables import applications, connections, events, polls
from tests.bench.figures import Figure, Size, by_turns
from tests.bench.running import healthy, resident, running
from tests.processes import environment, held

MB = 1_000_000
AT_ONCE = 5_000
"""Rows written by one statement."""

WEEKS = 8
RETENTION = timedelta(days=90)
FILTER = "-title:nobody"
"""Matches every application, so that each is looked at."""


async def figures(size: Size, folder: Path) -> AsyncIterator[Figure]:
    """Measure both in this process, and their memory in one of their own."""
    count = size.of(100_000)
    account = SandboxClust(clock=lambda: datetime.now(UTC))
    async with SandboxSlack() as slack, serve_clust(account) as clust_url:
        url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
        async with _filled(url, slack, clust_url, account.token, count) as (store, connection):
            plain = partial(_plain_export, store, connection)
            floor, measured = await by_turns(plain, partial(_export, store, connection), size.rounds)
            subject = f"an export of {count:,} applications, against the same SELECT through `csv`"
            yield Figure(subject, measured, floor, "s", 2)
            for subject, typed in ((f"a report over {count:,} applications", ""), ("the same with a filter", FILTER)):
                plain = partial(_plain_report, store, connection, filtered=bool(typed))
                floor, measured = await by_turns(plain, partial(_report, store, connection, typed), size.rounds)
                yield Figure(f"{subject}, against reading the same rows", measured, floor, "s", 3)
        settings = environment(slack, clust_url, account.token, url, POLL_INTERVAL="86400", LOG_LEVEL="WARNING")
        with held() as listening:
            slack.events_url = listening.events_url
            async with running("-m", "bot", "web", settings=settings, folder=folder, listening=listening) as process:
                await healthy(listening.port)
                for command, most in ((f"export {FILTER}", 50), (f"report {FILTER}", 100)):
                    peak = await _peak(slack, process.pid, command)
                    yield Figure(f"peak of `/clust {command.split()[0]}` above idle", peak / MB, None, "MB", most)


async def _export(store: Store, connection: Connection) -> None:
    with csv_file() as file:
        await write_rows(file, COLUMNS, store.applications.newest_first(connection.id))
        file.finished()


async def _plain_export(store: Store, connection: Connection) -> None:
    """Write the same columns, as they are stored."""
    with TemporaryFile("w+", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        async with store.database.read() as tx:
            rows = await tx.stream(_all_rows(connection.id).execution_options(yield_per=1000))
            async for row in rows:
                writer.writerow(_cells(json.loads(row.snapshot), row.status_class, row.taken_by))
        file.flush()


def _cells(stored: dict[str, Any], status_class: int | None, assignee: str | None) -> list[Any]:
    recipient, template = stored.get("recipient") or {}, stored.get("template") or {}
    names = ("external_id", "status_string", "is_late", "progress", "missing", "eligible")
    return [
        *(stored["id"], stored.get("title"), template.get("title")),
        *(recipient.get(name) for name in ("firstname", "lastname", "full_name", "email", "phone")),
        *(stored.get(name) for name in names),
        *(status_class, assignee, stored.get("created_at"), stored.get("updated_at"), stored.get("secured_list_url")),
    ]


def _all_rows(connection_id: int) -> sa.Select[Any]:
    """Select what the bot selects of each application."""
    names = ("id", "snapshot", "status_class", "occurrences", "gone", "discovered", "taken_by", "changed_at")
    newest = applications.c.updated_at.desc().nulls_last()
    of_account = sa.and_(applications.c.connection_id == connection_id, ~applications.c.gone)
    return sa.select(*(applications.c[name] for name in names)).where(of_account).order_by(newest, applications.c.id)


async def _report(store: Store, connection: Connection, typed: str) -> None:
    query = ReportQuery(language.parse(typed), WEEKS, ZoneInfo("UTC"), RETENTION)
    await store.reports.figures(connection, query, datetime.now(UTC))


async def _plain_report(store: Store, connection: Connection, *, filtered: bool) -> None:
    """Read the same rows: events, and applications with what a filter looks at, or their classes alone."""
    of_account = applications.c.connection_id == connection.id
    columns = (events.c.application_id, events.c.trigger, events.c.occurrence, events.c.seen_at)
    classes = sa.select(applications.c.status_class, sa.func.count()).where(of_account)
    async with store.database.read() as tx:
        if filtered:
            async for row in await tx.stream(_all_rows(connection.id).execution_options(yield_per=1000)):
                json.loads(row.snapshot)
        else:
            (await tx.execute(classes.group_by(applications.c.status_class))).all()
        of_events = sa.select(*columns).where(events.c.connection_id == connection.id).order_by(events.c.id)
        async for _row in await tx.stream(of_events.execution_options(yield_per=5000)):
            pass


async def _peak(slack: SandboxSlack, pid: int, command: str) -> int:
    """Return the most memory that a command takes above what the process has before it, in bytes (Linux)."""
    admin = slack.workspace.admin
    await (await slack.command("/clust", "status", user=admin)).answer()
    idle = resident(pid)
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # noqa: ASYNC240  no disk is written: it resets the peak
    exchange = await slack.command("/clust", command, user=admin)
    answers = 1
    while (await exchange.answer(answers, timeout=600)).text.startswith("⏳"):
        answers += 1
    status = Path(f"/proc/{pid}/status").read_text()  # noqa: ASYNC240  no disk is read
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    slack.state.files.clear()
    gc.collect()
    return int(peak[1]) * 1024 - idle


@asynccontextmanager
async def _filled(
    url: str, slack: SandboxSlack, clust_url: str, token: str, count: int
) -> AsyncIterator[tuple[Store, Connection]]:
    """Give a database with an account of so many applications, each created and submitted in the last weeks."""
    store = open_store(url, posts_per_minute=300)
    await migrate(store.database)
    connection = await store.connections.ensure(slack.workspace.bot.team_id, "default", clust_url, token)
    now = datetime.now(UTC)
    async with store.database.write() as tx:
        baseline = {"baseline_at": now - RETENTION, "read_at": now, "totals_until": now.date()}
        await tx.execute(connections.update().values(**baseline))
        poll = {"connection_id": connection.id, "started_at": now, "ended_at": now, "pages": 1, "seen": 1, "changed": 1}
        poll_id = (await tx.execute(polls.insert().values(**poll).returning(polls.c.id))).scalar_one()
        for start in range(0, count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, count))
            await tx.execute(applications.insert(), [_application_row(connection.id, one, now) for one in numbers])
            await tx.execute(
                events.insert(), [row for one in numbers for row in _event_rows(connection.id, one, poll_id, now)]
            )
    try:
        yield store, await store.connections.get(connection.id)
    finally:
        await store.database.close()


def _application_row(connection_id: int, number: int, now: datetime) -> dict[str, Any]:
    updated_at = now - timedelta(seconds=number)
    application = Application(
        id=str(number),
        title=f"Client {number}, Ltd",
        status="3_submitted",
        status_string="Submitted",
        is_late=number % 7 == 0,
        progress=100.0,
        missing=0,
        eligible=12,
        recipient=Recipient(firstname="Ana", lastname=f"Bell {number}", email=f"a{number}@example.com", phone="+351 1"),
        template=Template(id="3", title="KYC company"),
        external_id=f"C-{number}",
        secured_list_url=f"https://clust.example/dossiers/{number}",
        created_at=updated_at - timedelta(days=20),
        updated_at=updated_at,
    )
    return {
        "connection_id": connection_id,
        "id": application.id,
        "fingerprint": number,
        "snapshot": application.model_dump_json(exclude_none=True),
        "status_class": StatusClass.SUBMITTED,
        "late": application.is_late,
        "occurrences": {"created": 1, "submitted": 1},
        "updated_at": updated_at,
        "absent": 0,
        "gone": False,
        "discovered": False,
    }


def _event_rows(connection_id: int, number: int, poll_id: int, now: datetime) -> Iterator[dict[str, Any]]:
    for trigger, days in (("created", 30), ("submitted", 10)):
        yield {
            "connection_id": connection_id,
            "application_id": str(number),
            "trigger": trigger,
            "occurrence": 1,
            "seen_at": now - timedelta(days=days, seconds=number % 86400),
            "poll_id": poll_id,
            "snapshot": "{}",
        }
