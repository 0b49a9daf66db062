"""What Slack tells by itself. Most events say that a channel may work differently now, so it is looked at again.

A redelivered event does no harm, and a lost one is made up for: channels are looked at now and then anyway.
"""

from __future__ import annotations

import structlog

from bot.slack.request.payloads import InnerEvent
from bot.slack.request.sender import is_id
from bot.slack.request.services import Services
from bot.slack.web_api.scopes import ID_CHANGED, JOINED, LEFT, REVOKED, UNINSTALLED
from bot.store.notifications.rounds import VIEWER

log = structlog.get_logger(__name__)


def is_farewell(event: InnerEvent) -> bool:
    """Tell whether the bot's token is gone: the app was taken out, or its token revoked."""
    if event.type == REVOKED:
        return bool(event.tokens and event.tokens.bot)
    return event.type == UNINSTALLED


async def channel_event(services: Services, event: InnerEvent) -> None:
    """Look at the channel that an event names; of somebody else's joining or leaving only what they may see follows.

    A channel that has another id now is followed there first (Slack: channel_id_changed).
    """
    if event.type == ID_CHANGED:
        old, new = event.old_channel_id or "", event.new_channel_id or ""
        if old != new and is_id(old) and is_id(new):
            if await services.store.renaming.follow(services.workspace.team_id, old, new, services.clock()):
                log.info("a channel has another id now", old=old, new=new)
            await services.channel_changed(new)
        return
    if event.type in {JOINED, LEFT}:
        user_id, team_id, now = event.person, services.workspace.team_id, services.clock()
        is_bot = user_id == services.workspace.bot_user_id
        await services.store.rounds.hasten(team_id, VIEWER, now, None if is_bot else user_id)
        if not is_bot:
            return
    if is_id(event.place):
        await services.channel_changed(event.place)
