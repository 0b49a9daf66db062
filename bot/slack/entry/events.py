"""What Slack tells by itself. Most events say that a channel may work differently now, so it is looked at again.

A redelivered event does no harm, and a lost one is made up for: channels are looked at now and then anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.slack.request.sender import is_id
from bot.slack.request.services import Services
from bot.slack.web_api.scopes import ID_CHANGED, JOINED, LEFT, REVOKED, UNINSTALLED
from bot.store.notifications.rounds import VIEWER

log = structlog.get_logger(__name__)


def is_farewell(event: Mapping[str, Any]) -> bool:
    """Tell whether the bot's token is gone: the app was taken out, or its token revoked."""
    if event.get("type") == REVOKED:
        return bool((event.get("tokens") or {}).get("bot"))
    return event.get("type") == UNINSTALLED


async def channel_event(services: Services, event: Mapping[str, Any]) -> None:
    """Look at the channel that an event names; of somebody else's joining or leaving only what they may see follows.

    A channel that has another id now is followed there first (Slack: channel_id_changed).
    """
    if event.get("type") == ID_CHANGED:
        old, new = event.get("old_channel_id"), event.get("new_channel_id")
        if isinstance(old, str) and isinstance(new, str) and old != new and is_id(old) and is_id(new):
            if await services.store.renaming.follow(services.workspace.team_id, old, new, services.clock()):
                log.info("a channel has another id now", old=old, new=new)
            await services.channel_changed(new)
        return
    if event.get("type") in {JOINED, LEFT}:
        user_id, team_id, now = str(event.get("user") or ""), services.workspace.team_id, services.clock()
        is_bot = user_id == services.workspace.bot_user_id
        await services.store.rounds.hasten(team_id, VIEWER, now, None if is_bot else user_id)
        if not is_bot:
            return
    channel = event.get("channel")
    channel_id = channel.get("id") if isinstance(channel, dict) else channel
    if isinstance(channel_id, str) and is_id(channel_id):
        await services.channel_changed(channel_id)
