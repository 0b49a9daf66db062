"""Which channels a person may know of."""

from __future__ import annotations

from bot.core.errors import DeliveryError
from bot.slack.responses import ConversationInfo, Members, ask
from bot.slack.services import Request


async def may_see(request: Request, channel_id: str) -> bool:
    """Tell whether the person may know of a channel: all may of public ones, members and admins of private ones."""
    client = request.services.client
    try:
        info = await ask(client.conversations_info(channel=channel_id), ConversationInfo)
        if info.channel.is_public:
            return True
        page = await ask(client.conversations_members(channel=channel_id, limit=1000), Members)
    except DeliveryError:
        return await request.is_admin()
    return request.user_id in page.members or await request.is_admin()
