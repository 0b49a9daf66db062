"""`webhook`: whether Clust tells the bot about changes at once, and a new secret for its address."""

from __future__ import annotations

from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.typed_text import fold
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request
from bot.slack.views.admin.webhooks import rotated, webhook_state
from bot.slack.views.building.blocks import Message
from bot.store.people.audit import AuditOutcome

ROTATE = "rotate"


async def webhook(request: Request, line: CommandLine) -> Message:
    """Answer `webhook` and `webhook rotate`. Raises UsageError for another argument."""
    argument = fold(line.argument())
    if argument not in {"", ROTATE}:
        raise UsageError(_("Use `webhook` alone to see its status, or `webhook rotate` to replace the secret."))
    services, connection = request.services, await request.connection()
    if not argument:
        return webhook_state(connection.name, services.webhook_base, connection.webhook_at, request.now)
    await services.store.webhook_secrets.rotate(connection.id, request.team_id, request.user_id, request.now)
    await request.write_down("webhook", AuditOutcome.OK, detail=connection.name)
    return rotated(connection.name)
