"""Events. Most say that a channel may have changed, so the bot checks it again.

A repeated event does no harm. A lost one is made up for by the regular check of channels.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.slack.listeners.channels.introduction import introduce
from bot.slack.listeners.links import pane, pasted_links
from bot.slack.request.event_payloads import InnerEvent
from bot.slack.request.requester import is_id
from bot.slack.request.services import Request, Services
from bot.slack.web_api.scopes import ID_CHANGED, JOINED, LEFT, LINKS_SHARED, PANE_OPENED, REVOKED, UNINSTALLED
from bot.store.notifications.check_schedule import VIEWER

log = structlog.get_logger(__name__)

BY_PEOPLE: Mapping[str, Callable[[Request, InnerEvent], Awaitable[None]]] = {
    LINKS_SHARED: pasted_links.links_shared,
    PANE_OPENED: pane.pane_opened,
}
"""Events that are requests of a person, and who handles them. The others are about channels and the app."""


def is_farewell(event: InnerEvent) -> bool:
    """Return whether the bot's token is gone: the app was uninstalled, or the token revoked."""
    if event.type == REVOKED:
        return bool(event.tokens and event.tokens.bot)
    return event.type == UNINSTALLED


async def channel_event(services: Services, event: InnerEvent) -> None:
    """Check the channel that an event is about. After someone else joined or left it, only what they can see.

    The bot introduces itself in a channel that someone invited it to. A channel with a new id is first renamed in the
    store (Slack: channel_id_changed).
    """
    if event.type == ID_CHANGED:
        old, new = event.old_channel_id or "", event.new_channel_id or ""
        if old != new and is_id(old) and is_id(new):
            if await services.store.channel_id_changes.follow(services.workspace.team_id, old, new, services.clock()):
                log.info("a channel has another id now", old=old, new=new)
            await services.channel_changed(new)
        return
    if event.type in {JOINED, LEFT}:
        user_id, team_id, now = event.person, services.workspace.team_id, services.clock()
        is_bot = user_id == services.workspace.bot_user_id
        await services.store.check_schedule.hasten(team_id, VIEWER, now, None if is_bot else user_id)
        if not is_bot:
            return
    if is_id(event.place):
        await services.channel_changed(event.place)
        if event.type == JOINED and event.inviter:
            await introduce(services, event.place)
