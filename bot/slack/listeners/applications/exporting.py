"""`export`: the stored applications that a filter matches, as a CSV file to the person alone.

The file is written row by row and sent from disk, and no connection to the database is held while rows are matched. The
audit log has who exports what, and how much, before Slack gets the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import structlog

from bot.core.applications.export import Column, columns_for, heading, row
from bot.core.applications.triggers import Snapshot
from bot.core.errors import DeliveryError, OutcomeUnclear, UsageError
from bot.core.filters.language import Facts
from bot.core.filters.unknown_values import Unjudged
from bot.core.language import _
from bot.core.permissions import EXPORT
from bot.slack.listeners.applications.csv_file import CsvFile, csv_file
from bot.slack.request.command_arguments import read_list
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request
from bot.slack.views.applications.export import exported_file, exporting, not_exported, nothing_to_export
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.client import answer
from bot.slack.web_api.responses import ConversationOpened, ask
from bot.slack.web_api.uploads import upload
from bot.store.clust.connections import Connection
from bot.store.people.audit import AuditOutcome

log = structlog.get_logger(__name__)

PROGRESS_AFTER_SECONDS = 3.0
"""How long an export takes before the person reads that it is on its way."""


async def export(request: Request, line: CommandLine) -> Message:
    """Answer `export [filter]`. Raises UsageError until Clust was read wholly for the first time."""
    arguments = read_list(line)
    connection = await request.connection()
    if connection.baseline_at is None:
        raise UsageError(_("I'm still reading everything from Clust for the first time. Try again in a few minutes."))
    has_contacts = await request.has_right(EXPORT)
    columns = columns_for(may_see_contacts=has_contacts)
    explained, unjudged = arguments.filter.explain(), Unjudged(arguments.filter)
    progress = request.later(_show_progress(request))
    try:
        with csv_file() as file:
            async with request.scan_lock():
                count = await _write(request, connection, file, columns, unjudged)
            if not count:
                return nothing_to_export(explained, arguments.filter.hint(), unjudged.gap())
            contacts = "yes" if has_contacts else "no"
            detail = f"rows:{count} columns:{len(columns)} contacts:{contacts} {arguments.filter_text}".rstrip()
            await request.write_down("export", AuditOutcome.OK, detail=detail)
            try:
                await _send(request, file)
            except DeliveryError as error:
                log.warning("an export could not be sent", error=error.sentence)
                await request.write_down(
                    "export", AuditOutcome.UNKNOWN if isinstance(error, OutcomeUnclear) else AuditOutcome.FAILED
                )
                return not_exported(error.sentence)
    finally:
        progress.cancel()
    return exported_file(count, has_contacts=has_contacts, filter_in_words=explained, left_out=unjudged.gap())


async def _write(
    request: Request,
    connection: Connection,
    file: CsvFile,
    columns: Sequence[Column],
    unjudged: Unjudged,
) -> int:
    """Write the applications that match, newest change first. Returns their number."""
    now = request.now

    def is_wanted(snapshot: Snapshot) -> bool:
        facts = Facts(snapshot.application, snapshot.status_class, connection.name, snapshot.assignee, request.user_id)
        return unjudged.matches(facts, now, request.zone)

    snapshots = request.services.store.applications.newest_first(connection.id)
    return await write_rows(file, columns, snapshots, is_wanted if unjudged.filter.terms else None)


async def write_rows(
    file: CsvFile,
    columns: Sequence[Column],
    snapshots: AsyncIterator[Snapshot],
    is_wanted: Callable[[Snapshot], bool] | None = None,
) -> int:
    """Write a heading and a row for each wanted application, all if None says which. Returns their number."""
    file.add(heading(columns))
    async for snapshot in snapshots:
        if is_wanted is None or is_wanted(snapshot):
            file.add(row(columns, snapshot))
    return file.rows - 1


async def _send(request: Request, file: CsvFile) -> None:
    """Send the file by direct message. Raises a DeliveryError."""
    client, session = request.services.client, request.services.session
    opened = await ask(client.conversations_open(users=request.user_id), ConversationOpened)
    name = f"clust-{request.now.astimezone(request.zone):%Y-%m-%d}.csv"
    content, size = file.finished()
    await upload(client, session, content, size, name, opened.channel.id)


async def _show_progress(request: Request) -> None:
    await asyncio.sleep(PROGRESS_AFTER_SECONDS)
    if request.payload.response_url:
        await answer(request.services.session, request.payload.response_url, exporting())
