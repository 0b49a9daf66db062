"""Look up applications: a list, or one. Lists come from the store and say how old it is (rule L1)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog

from bot.core.applications.model import Application
from bot.core.applications.triggers import Snapshot, next_snapshot
from bot.core.errors import ClustError, ClustNotFound, NoAccount, UsageError
from bot.core.filters import language
from bot.core.filters.language import Facts
from bot.core.filters.unknown_values import Unjudged
from bot.core.language import N_, _
from bot.slack.request.command_arguments import CommandArguments, read_list
from bot.slack.request.command_line import CommandLine
from bot.slack.request.command_options import MAX_LIMIT
from bot.slack.request.services import Request
from bot.slack.views.applications.details import ApplicationView
from bot.slack.views.applications.lists import ListPage, application_list, rows_of_a_page
from bot.slack.views.building.blocks import Message
from bot.store.clust.connections import Connection
from bot.store.engine.database import DATABASE_TROUBLE

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a single look waits for Clust before it shows the stored state (rule L1)."""

MAX_READS_PER_LIST = 20
"""Applications of one look that the poller reads singly, because a list says too little of them (rule R2)."""

MAX_PAGE_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class PageWanted:
    """The page of a list that a button carries. `limit` bounds the whole list, None for no bound."""

    filter_text: str
    limit: int | None = None
    page: int = 0

    @classmethod
    def from_button(cls, value: str) -> PageWanted:
        """Parse a button's value. It is a claim: permissions are checked again. Raises UsageError."""
        try:
            position: dict[str, Any] = json.loads(value)
            limit = None if position["limit"] is None else min(MAX_LIMIT, max(1, int(position["limit"])))
            page = min(MAX_PAGE_NUMBER, max(0, int(position["page"])))
            # Up to version 0.1 a limit was that of a page, so more pages than one came of it.
            behind = limit is not None and page * rows_of_a_page(limit) >= limit
            return cls(str(position["filter"]), None if behind else limit, page)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise UsageError(_("That button is from another version of the bot. Type `/clust list` again.")) from error


async def list_applications(request: Request, line: CommandLine) -> Message:
    """Answer `list [filter] [limit:N]`."""
    arguments = read_list(line)
    return await list_page(request, PageWanted(arguments.filter_text, arguments.limit))


async def search(request: Request, line: CommandLine) -> Message | None:
    """Return a list of what the words of `list` match, or None if they match nothing or aren't a filter."""
    try:
        arguments = read_list(line)
        page = await _read_page(request, PageWanted(arguments.filter_text, arguments.limit))
    except (UsageError, NoAccount):
        return None
    return application_list(page) if page.total else None


async def shared_list(request: Request, value: str) -> Message:
    """Return the page of a button as a message for everyone in the channel."""
    return await list_page(request, PageWanted.from_button(value), shared_by=request.user_id)


async def list_page(request: Request, position: PageWanted, shared_by: str | None = None) -> Message:
    """Return one page of a list."""
    return application_list(await _read_page(request, position, shared_by))


async def _read_page(request: Request, position: PageWanted, shared_by: str | None = None) -> ListPage:
    """Read one page of a list. Only this page is kept in memory, however many applications there are."""
    now = request.now
    arguments = CommandArguments((), language.parse(position.filter_text), position.filter_text, position.limit)
    connection = await request.connection()
    per_page = rows_of_a_page(position.limit)
    first = position.page * per_page
    end = first + per_page if position.limit is None else min(first + per_page, position.limit)
    live = connection.baseline_at is None
    unjudged, unread = Unjudged(arguments.filter), list[str]()
    if not live and not arguments.filter.terms:
        total, rows = await request.services.store.applications.newest(connection.id, first, max(0, end - first))
    else:
        total, rows = 0, []
        async with request.scan_lock():
            async for snapshot in known_applications(request, connection):
                facts = Facts(
                    snapshot.application, snapshot.status_class, connection.name, snapshot.assignee, request.user_id
                )
                if unjudged.matches(facts, now, request.zone):
                    if first <= total < end:
                        rows.append(snapshot)
                    total += 1
                elif len(unread) < MAX_READS_PER_LIST and arguments.filter.unknown(facts, now, request.zone):
                    unread.append(snapshot.application.id)
    unread = [*(row.application.id for row in rows if row.application.missing is None), *unread][:MAX_READS_PER_LIST]
    if unread and not live:
        request.later(_read_soon(request, connection, unread))
    return ListPage(
        snapshots=tuple(rows),
        total=total,
        now=now,
        page=position.page,
        limit=position.limit,
        filter_text=position.filter_text,
        explained=arguments.filter.explain(),
        hint=arguments.filter.hint(),
        read_at=connection.read_at,
        live=live,
        shared_by=shared_by,
        role=None if shared_by else request.role,
        left_out=unjudged.gap(),
        kept=unjudged.kept_gap(),
    )


async def first_matching(request: Request, filter_text: str, most: int) -> list[Snapshot]:
    """Return up to `most` stored applications that a filter matches, newest change first. Raises UsageError."""
    parsed, connection = language.parse(filter_text), await request.connection()
    unjudged, now, rows = Unjudged(parsed), request.now, list[Snapshot]()
    async with request.scan_lock(), aclosing(known_applications(request, connection)) as every:
        async for snapshot in every:
            facts = Facts(
                snapshot.application, snapshot.status_class, connection.name, snapshot.assignee, request.user_id
            )
            if unjudged.matches(facts, now, request.zone):
                rows.append(snapshot)
            if len(rows) == most:
                break
    return rows


async def _read_soon(request: Request, connection: Connection, application_ids: Sequence[str]) -> None:
    """Let the poller read these singly, so that the next look shows more of them."""
    try:
        await request.services.store.applications.read_soon(connection.id, application_ids)
    except DATABASE_TROUBLE as error:
        log.info("what was shown is not read singly", connection=connection.id, error=str(error))


def known_applications(request: Request, connection: Connection) -> AsyncGenerator[Snapshot, None]:
    """Return the stored applications, newest change first.

    Before the first baseline, this is page 1 of Clust's list (rule L1). To be scanned within `request.scan_lock`.
    """
    if connection.baseline_at is None:
        return _first_page_of_clust(request)
    return request.services.store.applications.newest_first(connection.id)


async def _first_page_of_clust(request: Request) -> AsyncGenerator[Snapshot, None]:
    page, rules = await request.account.clust.page(1), await request.rules()
    for application in page.rows:
        yield next_snapshot(None, application, rules)


async def is_stored(request: Request, application_id: str) -> bool:
    """Return whether the bot has ever seen an application of the account. Raises NoAccount."""
    connection = await request.connection()
    return await request.services.store.applications.get(connection.id, application_id) is not None


async def application_view(request: Request, application_id: str) -> ApplicationView:
    """Look up one application: in Clust, or, after 2 s or its first failure, as last stored (rule L1).

    Raises the ClustError if it isn't in the store.
    """
    services = request.services
    connection = await request.connection()
    stored = await services.store.applications.get(connection.id, application_id)
    history = await services.store.applications.history(connection.id, application_id)

    def view(snapshot: Snapshot, **how: Any) -> ApplicationView:
        return ApplicationView(
            snapshot.application,
            snapshot.status_class,
            request.now,
            history,
            role=request.role,
            assignee=snapshot.assignee,
            **how,
        )

    try:
        fresh = await _ask_clust(request, application_id)
    except ClustError as error:
        if stored is None and isinstance(error, ClustNotFound):
            raise UsageError(
                _("Clust has no application `{id}`. Use `/clust list` to see them all.", id=application_id)
            ) from error
        if stored is None:
            raise
        gone = isinstance(error, ClustNotFound)
        return view(stored, seen_at=connection.read_at, note=error.sentence, gone=gone)
    if stored:  # so that its cards can name what is missing
        request.later(_keep_items(request, connection, fresh))
    return view(next_snapshot(stored, None, await request.rules(), fresh))


async def _keep_items(request: Request, connection: Connection, fresh: Application) -> None:
    try:
        await request.services.store.applications.keep_items(connection.id, fresh)
    except DATABASE_TROUBLE as error:
        log.info("items were not kept", connection=connection.id, error=str(error))


async def _ask_clust(request: Request, application_id: str) -> Application:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await request.account.clust.application(application_id, attempts=1)
    except TimeoutError as error:
        raise NotAnswered from error


class NotAnswered(ClustError):
    """Clust did not respond within PATIENCE_SECONDS."""

    summary: ClassVar[str] = N_("Clust didn't respond within 2 seconds.")
