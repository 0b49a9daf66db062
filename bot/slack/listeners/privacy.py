"""Which channels a person may know of."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from bot.core.permissions import Role
from bot.slack.api import SLACK_TROUBLE
from bot.slack.services import Request


async def may_see(request: Request, channel_id: str) -> bool:
    """Tell whether the person may know of a channel: all may of public ones, members of private ones."""
    try:
        answer = await request.services.client.conversations_info(channel=channel_id)
        if not answer["channel"].get("is_private"):
            return True
        members = await request.services.client.conversations_members(channel=channel_id, limit=1000)
    except (SlackApiError, *SLACK_TROUBLE):
        return request.role is Role.ADMIN
    return request.role is Role.ADMIN or request.user_id in members["members"]
