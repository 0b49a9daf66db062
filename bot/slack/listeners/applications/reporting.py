"""`report`: figures of the applications that a filter matches, to the person alone or shared with the channel."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.core.errors import UsageError
from bot.core.filters import language
from bot.core.language import _
from bot.core.reports.figures import MAX_WEEKS, USUAL_WEEKS
from bot.slack.request.command_arguments import read_list
from bot.slack.request.command_line import CommandLine
from bot.slack.request.command_options import WEEKS
from bot.slack.request.services import Request, zone_of
from bot.slack.views.building.blocks import Message
from bot.slack.views.report import Report, report_message
from bot.store.clust.reports import ReportQuery


@dataclass(frozen=True, slots=True)
class ReportWanted:
    """The report that a button carries."""

    filter_text: str
    weeks: int

    @classmethod
    def from_button(cls, value: str) -> ReportWanted:
        """Parse a button's value. It is a claim: permissions are checked again. Raises UsageError."""
        try:
            position: dict[str, Any] = json.loads(value)
            return cls(str(position["filter"]), min(MAX_WEEKS, max(1, int(position["weeks"]))))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise UsageError(
                _("That button is from another version of the bot. Type `/clust report` again.")
            ) from error


async def report(request: Request, line: CommandLine) -> Message:
    """Answer `report [filter] [weeks:N]`."""
    arguments = read_list(line)
    return report_message(
        replace(
            await _read(request, ReportWanted(arguments.filter_text, line.value(WEEKS) or USUAL_WEEKS)), can_share=True
        )
    )


async def shared_report(request: Request, value: str) -> Message:
    """Return the report of a button with present figures, as a message for everyone in the channel."""
    report = await _read(request, ReportWanted.from_button(value))
    return report_message(replace(report, shared_by=request.user_id))


async def _read(request: Request, selection: ReportWanted) -> Report:
    services, now, connection = request.services, request.now, await request.connection()
    parsed = language.parse(selection.filter_text)
    channel = await services.store.channel_settings.get(request.team_id, request.channel_id)
    # A channel without settings has no zone: then the person's own counts.
    zone = zone_of(channel.schedule.zone) if channel.set_by else request.zone
    query = ReportQuery(parsed, selection.weeks, zone, services.retention, request.user_id)
    async with request.scan_lock():
        figures = await services.store.reports.figures(connection, query, now)
    return Report(
        figures=figures,
        now=now,
        weeks=selection.weeks,
        zone=zone.key,
        overdue=await services.store.reports.overdue(connection.id, figures),
        filter_text=selection.filter_text,
        explained=parsed.explain(),
        account=(await request.account_names()).get(connection.id, ""),
        read_at=connection.read_at,
    )
