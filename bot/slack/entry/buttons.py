"""`BUTTONS`: one row for each kind of button. The value of a button is a claim, never a permission (rule W1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.core.errors import BotError
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.entry import commands
from bot.slack.listeners import answer_sharing, card_menu, picker, resumable_forms
from bot.slack.listeners.actions import execution, managing, using
from bot.slack.listeners.admin import accounts, first_contact, roles_and_audit
from bot.slack.listeners.admin.status import check_now, go_on, new_baseline
from bot.slack.listeners.applications import assigning, deleting, forms, from_message
from bot.slack.listeners.applications.lookup import PageWanted, application_view, list_page
from bot.slack.listeners.applications.stale_cards import refreshed
from bot.slack.listeners.channels import floods, orphans, subscription_form
from bot.slack.listeners.channels.subscribing import end_subscription, subscribe
from bot.slack.listeners.console import keep_as_action, preset, share_from_window
from bot.slack.listeners.draft_offers import discard
from bot.slack.listeners.links import hiding
from bot.slack.listeners.modals import ClickAnswer, clicked_view, show, window
from bot.slack.listeners.sharing import share_application
from bot.slack.request.payload_parts import Action, OpenView
from bot.slack.request.services import Request
from bot.slack.views.applications.details import application_details, message_view
from bot.slack.views.building import ids

ClickHandler = Callable[[Request, str], Awaitable[ClickAnswer | None]]


@dataclass(frozen=True, slots=True)
class Button:
    """One kind of button: the role that it needs, and its handler."""

    kind: str
    role: Role
    handler: ClickHandler


async def _details(request: Request, value: str) -> None:
    """Open Details with a loading view, then fill it in. The trigger expires after three seconds."""
    view_id = await window(request, "Application")
    try:
        details = await application_view(request, value)
        if not details.note and await refreshed(request, details.application):
            details = replace(details, refreshed=True)
        view = application_details(details)
    except BotError as error:
        view = message_view("Application", error.sentence)
    await show(request, view_id, view)


async def _turn_page(request: Request, value: str) -> ClickAnswer:
    return ClickAnswer(await list_page(request, PageWanted.from_button(value)), replace=True)


def _share(kind: str) -> ClickHandler:
    return lambda request, value: answer_sharing.share_answer(request, kind, value)


async def _share_call(request: Request, value: str) -> ClickAnswer | None:
    """Share a response of Clust from the message or the window that it is in."""
    if clicked_view(request):
        await share_from_window(request, value)
        return None
    return await answer_sharing.share_answer(request, answer_sharing.CALL, value)


async def _allow(request: Request, value: str) -> ClickAnswer:
    """Do what an admin has just allowed in a channel shared with another organization (rule W2)."""
    word, _space, rest = value.partition(" ")
    if word in answer_sharing.SHAREABLE_ANSWERS:
        return await answer_sharing.share_allowed(request, word, rest)
    return ClickAnswer(await subscribe(request, commands.parse(value), shared_ok=True), replace=True)


async def _run(request: Request, value: str) -> ClickAnswer | None:
    line = commands.parse(value)
    message = await commands.run(await commands.addressed(request, line), line)
    return ClickAnswer(message, replace=True) if message is not None else None


async def _end(request: Request, value: str) -> ClickAnswer:
    return ClickAnswer(await end_subscription(request, value), replace=True)


async def _new_baseline(request: Request, value: str) -> ClickAnswer:
    return ClickAnswer(await new_baseline(request, value), replace=True)


async def _go_on(request: Request, value: str) -> ClickAnswer:
    return ClickAnswer(await go_on(request, value), replace=True)


async def _nothing(_request: Request, _value: str) -> None:
    """Do nothing: Slack reports the click, but a link opens by itself, and the Home tab is redrawn by the caller."""


async def _choose(request: Request, value: str) -> None:
    """Redraw a form after a choice that other fields depend on."""
    view, action = request.payload.view, request.payload.action
    if action and action.block_id == "connection" and value.isdecimal():
        request = await request.about_id(int(value))
    if view and (redraw := REDRAWN.get(view.callback_id or "")):
        await redraw(request, view)


REDRAWN: Mapping[str, Callable[[Request, OpenView], Awaitable[None]]] = {
    ids.SUBSCRIBE: subscription_form.look_again,
    ids.CREATE: forms.choose,
    ids.UPDATE: forms.choose,
    ids.PICK: picker.look_again,
    ids.FROM_MESSAGE: from_message.look_again,
    ids.CONNECT: accounts.look_again,
}
"""The function that redraws each form, by callback id."""


BUTTONS: Mapping[str, Button] = {
    row.kind: row
    for row in (
        Button(ids.DETAILS, Role.VIEWER, _details),
        Button(ids.OPEN_IN_CLUST, Role.NOBODY, _nothing),
        Button(ids.REFRESH_HOME, Role.NOBODY, _nothing),
        Button(ids.CLASSIFY, Role.ADMIN, first_contact.classify),
        Button(ids.CONTACT, Role.ADMIN, first_contact.show_contact),
        Button(ids.CONTACT_SEEN, Role.ADMIN, first_contact.mark_as_seen),
        Button(ids.CONTACT_START, Role.ADMIN, first_contact.start),
        Button(ids.CONTACT_START_WITHOUT, Role.ADMIN, first_contact.start_without_held),
        Button(ids.HOME_ACCOUNT, Role.VIEWER, _nothing),
        Button(ids.MANAGE, Role.EDITOR, subscription_form.manage),
        Button(ids.MORE, Role.VIEWER, card_menu.more),
        Button(ids.FLOOD, Role.EDITOR, floods.answer_flood),
        Button(ids.MENTIONS, Role.VIEWER, assigning.mentions),
        Button(ids.LIST_PAGE, Role.VIEWER, _turn_page),
        Button(ids.SHARE_HERE, Role.VIEWER, _share(answer_sharing.LIST)),
        Button(ids.SHARE_REPORT, Role.VIEWER, _share(answer_sharing.REPORT)),
        Button(ids.SHARE_CALL, Role.VIEWER, _share_call),
        Button(ids.CONSOLE_PRESET, Role.VIEWER, preset),
        Button(ids.UNSUBSCRIBE, Role.EDITOR, _end),
        Button(ids.MOVE, Role.EDITOR, orphans.ask_where),
        Button(ids.ADOPT, Role.EDITOR, orphans.adopt),
        Button(ids.END_HELD, Role.EDITOR, orphans.end_held),
        Button(ids.CONFIRM_SHARED, Role.ADMIN, _allow),
        Button(ids.RUN_SUGGESTION, Role.VIEWER, _run),
        Button(ids.NEW_BASELINE, Role.ADMIN, _new_baseline),
        Button(ids.GO_ON, Role.ADMIN, _go_on),
        Button(ids.CHECK_NOW, Role.VIEWER, check_now),
        Button(ids.ROLE, Role.ADMIN, roles_and_audit.ask_role),
        Button(ids.CREATE, Role.EDITOR, forms.create_by_button),
        Button(ids.UPDATE, Role.EDITOR, forms.update),
        Button(ids.ACT_ON_LIST, Role.VIEWER, using.choose_from_list),
        Button(ids.ACTION, Role.VIEWER, using.use),
        Button(ids.ACTION_STOP, Role.VIEWER, execution.stop),
        Button(ids.ACTION_MANAGE, REQUIREMENTS["actions"], managing.manage),
        Button(ids.KEEP_CALL, REQUIREMENTS["actions"], keep_as_action),
        Button(ids.HIDE_LINK, Role.VIEWER, hiding.hide_link),
        Button(ids.DELETE, Role.ADMIN, deleting.delete),
        Button(ids.SHARE_APPLICATION, Role.EDITOR, share_application),
        Button(ids.VALUE, Role.EDITOR, _choose),
        Button(ids.MORE_OPTIONS, Role.EDITOR, subscription_form.more_options),
        Button(ids.RETRY, Role.EDITOR, forms.retry),
        Button(ids.RESUME, Role.VIEWER, resumable_forms.resume),
        Button(ids.CHECK, Role.EDITOR, forms.check),
        Button(ids.SEND_AGAIN, Role.EDITOR, forms.send_again),
        Button(ids.OVERWRITE, Role.EDITOR, forms.overwrite),
        Button(ids.KEEP_THEIRS, Role.EDITOR, forms.keep_theirs),
        Button(ids.BACK_TO_FORM, Role.EDITOR, resumable_forms.back_to_form),
        Button(ids.RESUME_CONNECT, Role.ADMIN, accounts.resume),
        Button(ids.DISCARD, Role.VIEWER, discard),
    )
}


async def click(request: Request, action: Action) -> ClickAnswer | None:
    """Handle a click. An unknown kind belongs to another version of the bot and is ignored."""
    row = BUTTONS.get(ids.kind(action.action_id))
    if row is None:
        return None
    await request.needs(row.role)
    return await row.handler(request, action.choice)
