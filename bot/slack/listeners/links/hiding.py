"""*Hide this card*: a link's card goes, and doesn't come back with the next refresh."""

from __future__ import annotations

from bot.core.errors import UsageError
from bot.core.language import _
from bot.slack.listeners.modals import ClickAnswer
from bot.slack.request.services import Request
from bot.slack.views.links import link_hidden
from bot.store.clust.pasted_links import subject


async def hide_link(request: Request, application_id: str) -> ClickAnswer:
    """Stop showing the link whose card was clicked, in its message. Raises UsageError if it was not clicked there."""
    container = request.payload.container
    is_card = container is not None and container.app_unfurl_url and request.payload.response_url
    if container is None or not is_card or not container.channel_id or not container.message_ts:
        raise UsageError(_("To hide a card, use its menu in the channel."))
    await request.services.store.pasted_links.hide(
        request.team_id,
        container.channel_id,
        container.message_ts,
        subject(request.account.id, application_id),
        request.user_id,
        request.now,
    )
    return ClickAnswer(link_hidden(), deletes=True)
