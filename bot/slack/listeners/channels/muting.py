"""`mute` and `unmute`: keep a channel quiet for a while.

A mute of an application is about the account of the request. Others are about every account, unless one is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.notifications.mutes import Mute, parse_until
from bot.slack.request.command_arguments import read_muted
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Message
from bot.slack.views.channels.muting import how_long, muted, unmuted
from bot.store.people.audit import AuditAction, AuditOutcome


async def mute(request: Request, line: CommandLine) -> Message:
    """Answer `mute [events] [ID] [until]`. Without an end, ask for one."""
    mutes, end = read_muted(line)
    if not end:
        return await ask_how_long(request, mutes, f"mute {line.text}".rstrip())
    return await mute_until(request, mutes, end)


async def mute_until(request: Request, mutes: Sequence[Mute], end: str) -> Message:
    """Mute in the request's channel until a time as it was typed. Raises UsageError."""
    mutes = await _of_account(request, mutes)
    until = parse_until(end, request.now, await clock_of(request))
    team_id, channels = request.services.workspace.team_id, request.services.store.channel_settings
    ending = [replace(one, until=until) for one in mutes]
    await channels.mute(team_id, request.channel_id, ending, request.user_id, request.now)
    await _write_down(request, "mute", mutes, until)
    return muted(ending, await request.account_names(), until)


async def ask_how_long(request: Request, mutes: Sequence[Mute], command: str) -> Message:
    """Ask how long to mute. Each button adds its end to `command`. Raises UsageError for an unknown application."""
    return how_long(await _of_account(request, mutes), await request.account_names(), command)


async def _of_account(request: Request, mutes: Sequence[Mute]) -> list[Mute]:
    """Return the mutes, limited to the request's account where they name an application or the person named it."""
    await _check_known(request, {one.application_id for one in mutes if one.application_id})
    return [
        replace(one, connection_id=request.account.id) if one.application_id or request.named else one for one in mutes
    ]


async def _check_known(request: Request, application_ids: set[str]) -> None:
    """Raise UsageError for an application that is not stored: its mute would have no effect."""
    if not application_ids:
        return
    stored = await request.services.store.applications.snapshots(request.account.id, application_ids)
    unknown = sorted(application_ids - stored.keys(), key=lambda one: (len(one), one))
    if unknown:
        listed = ", ".join(f"#{one[:20]}" for one in unknown[:5]) + (" …" if unknown[5:] else "")
        raise UsageError(
            _(
                "I don't know {applications}. Nothing was muted. Use `/clust list` to see the applications "
                "I know about.",
                applications=listed,
            )
        )


async def unmute(request: Request, line: CommandLine) -> Message:
    """Answer `unmute [events] [ID]`. Without arguments, end all mutes of the channel.

    Raises UsageError for a word that is neither.
    """
    mutes, end = read_muted(line)
    if end:
        raise UsageError(
            _(
                "`{text}` isn't an event or an application. `unmute` takes events, an application, or no arguments.",
                text=end[:40],
            )
        )
    team_id, channels = request.services.workspace.team_id, request.services.store.channel_settings
    of = request.account.id if request.named else None
    ended = await channels.unmute(team_id, request.channel_id, () if line.is_bare else mutes, request.now, of)
    if ended:
        await _write_down(request, "unmute", mutes, None)
    return unmuted(ended, everything=line.is_bare and not request.named)


async def clock_of(request: Request) -> str:
    """Return the channel's time zone: its setting, else that of the person."""
    row = await request.services.store.channel_settings.get(request.services.workspace.team_id, request.channel_id)
    return row.schedule.zone if row.set_by else request.zone.key


async def _write_down(request: Request, action: AuditAction, mutes: list[Mute], until: datetime | None) -> None:
    named = ", ".join(filter(None, (" ".join(filter(None, (one.trigger, one.application_id))) for one in mutes)))
    detail = f"{named or 'everything'}{f' until {until:%Y-%m-%d %H:%M} UTC' if until else ''}"
    await request.write_down(action, AuditOutcome.OK, request.channel_id, detail)
