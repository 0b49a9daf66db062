"""Which channels a person may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.core.errors import DeliveryError
from bot.core.language import N_
from bot.core.permissions import Role
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.web_api.responses import ConversationInfo, Members, ask

MAX_MEMBERS_PER_PAGE = 999
"""Members in one response."""

ASK_LATER = N_("Slack can't tell me right now whether you can see this channel. Try again in a moment.")


async def visible_channels(
    request: Request, channel_ids: Collection[str], *, refresh: bool = True
) -> Mapping[str, Visibility]:
    """Return which of many channels the person may see, for lists, without a call for each channel.

    `refresh` is for what a person asked for. What is updated by itself uses the cache.
    """

    async def as_kept() -> bool:
        return request.role is Role.ADMIN

    is_admin = request.is_admin if refresh else as_kept
    return await request.services.visibility_cache.of(request.user_id, channel_ids, is_admin, refresh=refresh)


async def visibility_of(request: Request, channel_id: str) -> Visibility:
    """Return whether the person may know of a conversation, asked of Slack now: for what they do there.

    Everyone may know of public channels, members and admins of private ones, and of direct messages only the people in
    them, not even admins. If Slack can't say, an admin may know only of what Slack called a channel before.
    """
    client = request.services.client
    try:
        channel = (await ask(client.conversations_info(channel=channel_id), ConversationInfo)).channel
        if channel.is_public:
            return Visibility.YES
        if channel.is_im and channel.user:
            return Visibility.YES if channel.user == request.user_id else Visibility.NO
        is_member = await _is_member(request, channel_id)
    except DeliveryError as error:
        if await request.services.visibility_cache.is_channel(channel_id) and await request.is_admin():
            return Visibility.YES
        return Visibility.UNKNOWN if error.retry else Visibility.NO
    return Visibility.YES if is_member or (not channel.is_direct and await request.is_admin()) else Visibility.NO


async def _is_member(request: Request, channel_id: str) -> bool:
    """Return whether the person is in a conversation, page by page. Raises a DeliveryError."""
    cursor, client = "", request.services.client
    while True:
        page = await ask(
            client.conversations_members(channel=channel_id, limit=MAX_MEMBERS_PER_PAGE, cursor=cursor or None), Members
        )
        if request.user_id in page.members:
            return True
        if not (cursor := page.next_cursor):
            return False
