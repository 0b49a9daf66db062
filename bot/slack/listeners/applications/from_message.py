"""Create an application from a message: what was read of it fills in the form, once the person has chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.core.errors import UsageError
from bot.core.forms.application_forms import FromMessageForm
from bot.core.forms.message_contacts import MessageContact, read_contacts
from bot.core.forms.validation import Mistakes, read
from bot.core.language import _
from bot.slack.listeners.admin.accounts import choices
from bot.slack.listeners.applications import forms
from bot.slack.listeners.applications.creating import TITLE
from bot.slack.listeners.modals import FormResult, open_window, outcome_in_time, redraw
from bot.slack.request.command_decoding import decode
from bot.slack.request.payload_models import MessageShortcut
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.details import loading_view
from bot.slack.views.applications.from_message import from_message_form
from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import tagged_view
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.web_api.notifier import permalinks

MAX_METADATA = 2900
"""Characters that a view can carry, less the tag of its account (Slack: Modals, private_metadata)."""

_Carried = tuple[str, list[MessageContact]]
_CARRIED = TypeAdapter[_Carried](_Carried)


async def ask(request: Request, payload: MessageShortcut) -> None:
    """Ask for the contact of the new application, and whether the message is linked in it. Raises NotOpened."""
    contacts = read_contacts(decode(payload.message.whole_text))
    link = permalinks(request.services.workspace.url)(request.channel_id, payload.message.ts)
    await open_window(request, tagged_view(await _view(request, link, contacts), request.account.id))


async def look_again(request: Request, view: OpenView) -> None:
    """Redraw the form for the account that was chosen in it."""
    await redraw(request, await _view(request, *_carried(view)))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Show the form of a new application, filled in with what was chosen."""
    link, contacts = _carried(view)
    try:
        chosen = read(FromMessageForm, values_of(FromMessageForm, view.entered))
    except Mistakes as mistakes:
        return {"response_action": "errors", "errors": errors_of(FromMessageForm, view.entered, mistakes.fields)}
    start = _start(contacts, chosen.contact)
    if chosen.link:
        start["custom"] = _("From Slack: {link}", link=link)

    async def work() -> FormResult:
        message = plain_answer(_("You closed the window. Choose *Create application* on the message to open it again."))
        return FormResult(await forms.new_form(request, ids.CREATE, start=start), message)

    outcome = await outcome_in_time(request, view.id, TITLE, work())
    return {"response_action": "update", "view": outcome.view if outcome else loading_view(TITLE)}


async def _view(request: Request, link: str, contacts: Sequence[MessageContact]) -> Block:
    carried = _CARRIED.dump_json((link, [*contacts])).decode()
    while len(carried) > MAX_METADATA:
        contacts = contacts[:-1]
        carried = _CARRIED.dump_json((link, [*contacts])).decode()
    accounts = await choices(request)
    return from_message_form(contacts, carried, accounts=accounts, account_id=str(request.account.id))


def _carried(view: OpenView) -> _Carried:
    """Return the link and the contacts that a view carries. Raises UsageError for a view of another version."""
    try:
        return _CARRIED.validate_json(view.metadata)
    except ValidationError as error:
        raise UsageError(_("That form is from another version of the bot. Open it again.")) from error


def _start(contacts: Sequence[MessageContact], chosen: str | None) -> dict[str, str]:
    """Return the fields of the contact that was chosen, or of the only contact if there was no choice."""
    position = int(chosen) if chosen and chosen.isdecimal() else 0 if chosen is None and len(contacts) == 1 else -1
    if not 0 <= position < len(contacts):
        return {}
    contact = contacts[position]
    values = {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
    }
    return {name: value for name, value in values.items() if value}
