"""`links`: whether the workspace shows cards for pasted links."""

from __future__ import annotations

from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.permissions import Role
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request
from bot.slack.views.building.blocks import Message
from bot.slack.views.links import links_switch
from bot.store.people.audit import AuditOutcome


async def links(request: Request, line: CommandLine) -> Message:
    """Answer `links [on or off]`. Only admins change it. Raises UsageError for another argument."""
    store, word = request.services.store.pasted_links, line.argument().strip().lower()
    if word not in {"", "on", "off"}:
        raise UsageError(_("Use `links on` or `links off`, or `links` alone to see the current setting."))
    if word:
        await request.needs(Role.ADMIN)
        await store.switch(request.team_id, request.user_id, request.now, on=word == "on")
        await request.write_down("links", AuditOutcome.OK, detail=word)
    return links_switch(on=not await store.are_off(request.team_id))
