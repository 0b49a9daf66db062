"""Where pasted links are shown, and as what (rules W1, W2). What can't be known counts as no, without a message."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.applications.links import LinkedApplication
from bot.core.applications.triggers import Snapshot
from bot.core.errors import DeliveryError
from bot.core.notifications.channel_settings import MessageStyle
from bot.core.notifications.states import SubscriptionState
from bot.slack.request.services import Request
from bot.slack.views.applications.entities import LinkedCard
from bot.slack.web_api.responses import ConversationInfo, ask


@dataclass(frozen=True, slots=True)
class LinkStyle:
    """How a channel reads links: its style, and whether it may read the names of missing items.

    The default is for where no channel is known: no more than any channel may read.
    """

    style: MessageStyle = field(default_factory=MessageStyle)
    item_names: bool = False


async def link_style(request: Request, channel_id: str) -> LinkStyle | None:
    """Return how a channel reads links. None if it gets none.

    That is the case if Slack doesn't say what it is, or people of other organizations read it and no admin has allowed
    notifications there (rule W2).
    """
    services, store = request.services, request.services.store
    try:
        channel = (await ask(services.client.conversations_info(channel=channel_id), ConversationInfo)).channel
    except DeliveryError:
        return None
    if channel.is_shared:
        rows = await store.subscriptions.of_channel(request.team_id, channel_id)
        if not any(row.shared_ok and row.state == SubscriptionState.ACTIVE for row in rows):
            return None
    style = (await store.channel_settings.get(request.team_id, channel_id)).style
    return LinkStyle(style, style.allows_item_names(is_shared=channel.is_shared))


async def linked_card(
    request: Request, linked: LinkedApplication, snapshot: Snapshot, url: str, style: LinkStyle, note: str = ""
) -> LinkedCard:
    """Return a snapshot as a channel with that style can read it. `url` identifies it in Slack."""
    history = await request.services.store.applications.history(linked.connection_id, linked.application.id)
    late_since = next((event.seen_at for event in reversed(history) if event.trigger == "late"), None)
    return LinkedCard(
        linked.connection_id,
        snapshot.application,
        snapshot.status_class,
        url,
        request.now,
        is_late=snapshot.is_late,
        late_since=late_since,
        assignee=snapshot.assignee,
        account_name=(await request.account_names()).get(linked.connection_id, ""),
        item_names=style.item_names,
        style=style.style,
        note=note,
    )
