"""Which channels a person may know of."""

from __future__ import annotations

from bot.core.errors import DeliveryError
from bot.slack.request.sender import is_id
from bot.slack.request.services import Request
from bot.slack.web_api.responses import ConversationInfo, Members, ask

DIRECT = "D"
"""How the id of a direct message between two begins."""


async def may_see(request: Request, channel_id: str) -> bool:
    """Tell whether the person may know of a conversation.

    Everybody may of public channels, members and admins of private ones, and of direct messages those who are in them:
    no admin either.
    """
    if not is_id(channel_id):
        return False
    client = request.services.client
    try:
        channel = (await ask(client.conversations_info(channel=channel_id), ConversationInfo)).channel
        if channel.is_public:
            return True
        if channel.is_im and channel.user:
            return channel.user == request.user_id
        page = await ask(client.conversations_members(channel=channel_id, limit=1000), Members)
    except DeliveryError:
        return not channel_id.startswith(DIRECT) and await request.is_admin()
    return request.user_id in page.members or (not channel.is_direct and await request.is_admin())
