"""`why ID`, and *Why this?* on a card: the history of each event of an application."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.core.errors import UsageError
from bot.core.language import _
from bot.slack.listeners.channel_visibility import visible_channels
from bot.slack.request.command_arguments import read_application
from bot.slack.request.command_line import CommandLine
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.applications.event_history import why_answer
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.notifier import permalinks


async def why(request: Request, line: CommandLine) -> Message:
    """Answer `why ID`. Raises UsageError as `explain` does."""
    return await explain(request, read_application(line.argument()))


async def explain(request: Request, application_id: str) -> Message:
    """Return the history of each event of an application. Raises UsageError if the bot has never seen it."""
    services = request.services
    team_id = services.workspace.team_id
    story = await services.store.event_history.of(team_id, request.account.id, application_id)
    if story is None:
        connection = await request.connection()
        if connection.baseline_at is None:
            raise UsageError(_("I'm still reading Clust for the first time and haven't seen this application yet."))
        raise UsageError(_("I've never seen application `{id}`. It wasn't in any list from Clust.", id=application_id))
    deliveries = {one.channel_id for chapter in story.chapters for one in chapter.deliveries}
    with_verdict = {one.channel_id for chapter in story.chapters for one in chapter.verdicts or ()}
    hidden = await _hidden(request, deliveries | with_verdict)
    return why_answer(story, hidden, request.now, permalinks(services.workspace.url))


async def _hidden(request: Request, channels: Iterable[str]) -> Collection[str]:
    """Return which of these channels the person can't see. The one they are in is not asked about."""
    others = sorted(set(channels) - {request.channel_id})
    return {
        channel_id
        for channel_id, visibility in (await visible_channels(request, others)).items()
        if visibility is not Visibility.YES
    }
