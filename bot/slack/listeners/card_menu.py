"""Clicks on the menu of a card, wherever an application is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.core.applications.actions import APPLICATION_ACTIONS
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.notifications.mutes import Mute
from bot.core.permissions import Role
from bot.slack.listeners.actions import using
from bot.slack.listeners.applications import assigning, deleting, forms
from bot.slack.listeners.applications.lookup import application_view
from bot.slack.listeners.applications.why import explain
from bot.slack.listeners.channels.muting import ask_how_long
from bot.slack.listeners.modals import ClickAnswer, show
from bot.slack.request.services import Request
from bot.slack.views.applications.details import application_details
from bot.slack.views.building import ids
from bot.slack.views.channels.muting import mute_elsewhere

REDRAWS_DETAILS = ("take", "release")
"""Menu entries after which an open Details window is redrawn."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry in the menu of a card: the role that it needs, and its handler."""

    role: Role
    handler: Callable[[Request, str], Awaitable[ClickAnswer | None]]


async def more(request: Request, value: str) -> ClickAnswer | None:
    """Handle a choice from the menu of a card. Raises UsageError for one of another version of the bot."""
    name, _space, application_id = value.partition(" ")
    choice = MENU.get(name)
    if choice is None or not application_id:
        raise UsageError(_("That menu is from another version of the bot. Use `/clust show` for the same choices."))
    await request.needs(choice.role)
    reply = await choice.handler(request, application_id)
    view = request.payload.view
    if name in REDRAWS_DETAILS and view and view.callback_id == ids.DETAILS_VIEW:
        await show(request, view.id, application_details(await application_view(request, application_id)))
        return None  # the window says who has it now
    return reply


async def _mute(request: Request, application_id: str) -> ClickAnswer:
    if not request.channel_id:  # a window, or the Home tab
        return ClickAnswer(mute_elsewhere(application_id))
    return ClickAnswer(await ask_how_long(request, [Mute(application_id)], f"mute application:{application_id}"))


async def _why(request: Request, application_id: str) -> ClickAnswer:
    return ClickAnswer(await explain(request, application_id))


MENU_HANDLERS: Mapping[str, Callable[[Request, str], Awaitable[ClickAnswer | None]]] = {
    "take": assigning.assign_to_me,
    "assign": assigning.ask_assignee,
    "release": assigning.unassign,
    "update": forms.update,
    "mute": _mute,
    "why": _why,
    "delete": deleting.delete,
    "actions": using.choose,
}

MENU: Mapping[str, MenuEntry] = {
    name: MenuEntry(APPLICATION_ACTIONS[name].role, handler) for name, handler in MENU_HANDLERS.items()
}
"""The handlers of the menu. `views.cards` shows the entries that fit the state of the application."""
