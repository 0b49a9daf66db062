"""The state of the bot: `status`, and what admins answer when detection is suspended (rule B4)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.account_notes import note_in_words
from bot.core.clust_failures import remedy
from bot.core.errors import ClustError, UsageError
from bot.core.filters.unknown_values import Gap
from bot.core.language import N_, _, ngettext
from bot.core.notifications.states import SubscriptionState
from bot.core.permissions import Role
from bot.core.staleness import is_overdue
from bot.slack.listeners.channel_visibility import visible_channels
from bot.slack.listeners.modals import ClickAnswer, show, window
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request, Services
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.admin.accounts import AccountLine
from bot.slack.views.admin.status import (
    CHECK_TITLE,
    checked,
    not_answered,
    not_checked,
    status_report,
)
from bot.slack.views.admin.status_troubles import OVERDUE, StatusReport, Trouble
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.features import lacking
from bot.store.clust.connections import ANSWER_BASELINE, ANSWER_GO_ON, Connection
from bot.store.people.audit import AuditOutcome

NOBODY_READS = N_("Nothing is reading Clust. The worker process has stopped or is stuck.")
STALLED = N_("Ask the person who runs the bot to restart the `worker` (or `run`). Nothing is lost.")
CHECK_SECONDS = 10.0
"""The longest that *Check now* waits for Clust's response."""

CONNECT = N_("An admin can connect an account with `/clust connect`, using an API token from Clust.")


async def status(request: Request, line: CommandLine) -> Message:
    """Answer `status`: is Clust reachable, how old is the data, what is waiting, what is wrong, what to do.

    Raises UsageError for an argument.
    """
    if line.argument():
        raise UsageError(_("`status` takes no arguments."))
    return status_report(await report(request))


async def report(request: Request, *, refresh: bool = True) -> StatusReport:
    """Return the state of the bot from the store, with channels that the person may see (`visible_channels`)."""
    services, now = request.services, request.now
    connections = await services.store.connections.of_team(request.team_id)
    connection = next((one for one in connections if one.id == request.account_id), None)
    backlog = await services.store.outbox.backlog(services.workspace.team_id, now)
    rows = await services.store.subscriptions.of_team(services.workspace.team_id)
    trouble = _troubles(connection, now) if connection else [Trouble(str(request.meant), _(CONNECT))]
    if backlog.failed:
        problem = ngettext(
            "Slack permanently refused {count} notification in the last day.",
            "Slack permanently refused {count:,} notifications in the last day.",
            backlog.failed,
        )
        trouble.append(Trouble(problem, _("Ask the person who runs the bot. The log has Slack's error code for each.")))
    held = {row.channel_id: row.reason or "" for row in rows if row.state == SubscriptionState.HELD}
    unsettled = await services.store.unclear_posts.overdue(services.workspace.team_id, now)
    troubled = dict.fromkeys((*held, *unsettled))
    visible = await _visible(
        request, [*troubled], {row.channel_id for row in rows if row.created_by == request.user_id}, refresh=refresh
    )
    held = {channel_id: why for channel_id, why in held.items() if channel_id in visible}
    unsettled = {channel_id: since for channel_id, since in unsettled.items() if channel_id in visible}
    summary = StatusReport(
        now=now,
        clust_reachable=None,
        poll_interval=services.poll_interval,
        waiting=backlog.waiting,
        held=backlog.held,
        subscriptions=len(rows),
        held_channels=held,
        unsettled=unsettled,
        hidden=len(troubled) - len(visible),
        trouble=trouble,
        has_account=connection is not None,
        accounts=[_in_short(one, request) for one in connections] if len(connections) > 1 else (),
        account=connection.name if connection else "",
        off=_off(services),
    )
    return await _with_data(request, summary, connection) if connection else summary


def _off(services: Services) -> list[str]:
    """Return what doesn't work because the app was installed without its scopes. If Slack didn't say: nothing."""
    granted = services.workspace.scopes
    return [] if granted is None else [_(feature.off) for feature in lacking(granted, services.features)]


async def _visible(request: Request, channel_ids: Sequence[str], own: Collection[str], *, refresh: bool) -> set[str]:
    """Return which of these channels the person may see for certain, including those that they subscribed."""
    seen = await visible_channels(request, [one for one in channel_ids if one not in own], refresh=refresh)
    return {one for one in channel_ids if one in own or seen[one] is Visibility.YES}


async def _with_data(request: Request, summary: StatusReport, connection: Connection) -> StatusReport:
    """Return the report with the data of an account and its applications."""
    applications = request.services.store.applications
    classes, unknown = await applications.counts(connection.id)
    rules = await request.rules()
    # What an admin has just explained is sorted with the next look, and is no trouble any more.
    unknown = {code: number for code, number in unknown.items() if rules.classify(code, None) is None}
    next_poll = connection.read_at and connection.read_at + summary.poll_interval
    return replace(
        summary,
        clust_reachable=False if connection.error else (True if connection.read_at else None),
        last_read_at=connection.read_at,
        next_poll_at=next_poll if next_poll and next_poll > summary.now else None,
        classes=classes,
        late=await applications.late(connection.id),
        late_unjudged=Gap(await applications.unknown_lateness(connection.id), (N_("the late flag"),)),
        unknown_codes=unknown,
        pace_note=connection.pace_note,
        suspended=connection.suspended,
        stalled=connection.stalled_told_at is not None,
        paused_until=connection.paused_until,
        has_webhook=request.services.webhook_base is not None,
        webhook_at=connection.webhook_at,
    )


async def check_now(request: Request, _value: str) -> ClickAnswer | None:
    """Answer *Check now*: ask Clust, and show the result with the present state."""
    view_id = None if request.payload.response_url else await window(request, CHECK_TITLE)
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            outcome = checked(await request.account.check())
    except TimeoutError:
        outcome = not_answered(CHECK_SECONDS)
    except ClustError as error:
        outcome = not_checked(error.sentence)
    message = status_report(await report(request), outcome)
    if view_id is None:
        return ClickAnswer(message, replace=True)
    await show(request, view_id, outcome_view(CHECK_TITLE, message))
    return None


def _troubles(connection: Connection, now: datetime) -> list[Trouble]:
    trouble = []
    if connection.error:
        to_do = remedy(connection.failing_way, connection.failing_alike_since, now)
        trouble.append(Trouble(note_in_words(connection.error), to_do))
    if connection.stalled_told_at:
        trouble.append(Trouble(_(NOBODY_READS), _(STALLED)))
    return trouble


def _in_short(connection: Connection, request: Request) -> AccountLine:
    interval = request.services.poll_interval
    overdue = is_overdue(connection.read_at, interval, request.now)
    return AccountLine(
        id=connection.id,
        name=connection.name,
        hint=connection.hint,
        base_url=connection.base_url,
        read_at=connection.read_at,
        wrong=note_in_words(connection.error or connection.suspended or "")
        or (_(NOBODY_READS) if connection.stalled_told_at else _(OVERDUE) if overdue else None),
    )


async def new_baseline(request: Request, value: str) -> Message:
    """Answer *New baseline*: the next poll starts from what Clust holds then, and announces nothing."""
    return await _answer(
        request,
        value,
        ANSWER_BASELINE,
        _("The next check becomes the new baseline. Changes before it won't be posted."),
    )


async def go_on(request: Request, value: str) -> Message:
    """Answer *Go on*: changes are announced as if detection had not been suspended."""
    return await _answer(request, value, ANSWER_GO_ON, _("I'll continue from the last known data at the next check."))


async def _answer(request: Request, value: str, answer: str, done: str) -> Message:
    await request.needs(Role.ADMIN)
    services = request.services
    theirs = [one.id for one in await services.store.connections.of_team(request.team_id) if str(one.id) == value]
    if not theirs or not await services.store.connections.answer(theirs[0], answer):
        return plain_answer(_("This was already answered. Posting continues."))
    await request.write_down("baseline", AuditOutcome.OK, detail=answer)
    services.wake_pollers()
    return plain_answer(done)
