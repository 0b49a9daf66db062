"""`FORMS`: one row for each form that can be submitted, and `SELECTS` for each select with a search.

What a view carries is a claim, never a permission: the role is checked at each submission (rule W1).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.language import N_, _
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.listeners import console, picker
from bot.slack.listeners.actions import importing, managing, using
from bot.slack.listeners.admin import accounts, roles_and_audit
from bot.slack.listeners.applications import assigning, deleting, forms, from_message
from bot.slack.listeners.channels import orphans, subscription_form, subscription_submission
from bot.slack.listeners.links import pane_editing
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block

Acknowledgement = Mapping[str, Any]
"""The arguments of `ack`: empty closes the view (Slack: Modals, "Update the view in response to the submission")."""

ANOTHER_VERSION = N_("That form is from another version of the bot. Open it again.")


@dataclass(frozen=True, slots=True)
class FormHandler:
    """One form: its callback id, the role that it needs, and the handler that answers within 3 seconds."""

    callback_id: str
    role: Role
    submit: Callable[[Request, OpenView], Awaitable[Acknowledgement]]


@dataclass(frozen=True, slots=True)
class Select:
    """One external select: the field's name, the role that it needs, and the search for its options."""

    field: str
    role: Role
    search: Callable[[Request, str], Awaitable[Sequence[Block]]]


FORMS: Mapping[str, FormHandler] = {
    row.callback_id: row
    for row in (
        FormHandler(ids.CREATE, Role.EDITOR, forms.submit),
        FormHandler(ids.UPDATE, Role.EDITOR, forms.submit),
        FormHandler(ids.PANE_EDIT, Role.NOBODY, pane_editing.save),  # it says below a field who can
        FormHandler(ids.DELETE, Role.ADMIN, deleting.submit),
        FormHandler(ids.ASSIGN, Role.EDITOR, assigning.submit),
        FormHandler(ids.ACT, Role.VIEWER, using.submit_choice),
        FormHandler(ids.ACT_ON_MANY, Role.VIEWER, using.submit_list),
        FormHandler(ids.ACTION, Role.VIEWER, using.submit_values),
        FormHandler(ids.ACTION_CONFIRM, Role.VIEWER, using.confirm),
        FormHandler(ids.ACTION_SAVE, REQUIREMENTS["actions"], managing.submit),
        FormHandler(ids.ACTION_KEEP, REQUIREMENTS["actions"], managing.keep),
        FormHandler(ids.ACTION_IMPORT, REQUIREMENTS["actions"], importing.submit),
        FormHandler(ids.ACTION_IMPORT_CONFIRM, REQUIREMENTS["actions"], importing.confirm),
        FormHandler(ids.ACTION_REMOVE, REQUIREMENTS["actions"], managing.remove),
        FormHandler(ids.FROM_MESSAGE, REQUIREMENTS["create"], from_message.submit),
        FormHandler(ids.PICK, Role.VIEWER, picker.submit),
        FormHandler(ids.SUBSCRIBE, REQUIREMENTS["subscribe"], subscription_submission.submit),
        FormHandler(ids.MOVE, REQUIREMENTS["subscribe"], orphans.submit_move),
        FormHandler(ids.ROLE, REQUIREMENTS["roles"], roles_and_audit.submit_role),
        FormHandler(ids.CONNECT, REQUIREMENTS["connect"], accounts.submit),
        FormHandler(ids.DISCONNECT, REQUIREMENTS["connect"], accounts.submit_disconnect),
        FormHandler(ids.CONSOLE, REQUIREMENTS["call"], console.submit),
        FormHandler(ids.CONSOLE_CONFIRM, REQUIREMENTS["call_to_write"], console.confirm),
    )
}
SELECTS: Mapping[str, Select] = {
    row.field: row
    for row in (
        Select("template_id", Role.EDITOR, forms.templates),
        Select("application", Role.VIEWER, picker.search),
        Select("channel", REQUIREMENTS["subscribe"], subscription_form.channels),
        Select("group", REQUIREMENTS["roles"], roles_and_audit.groups),
    )
}


async def submit(request: Request, view: OpenView) -> Acknowledgement:
    """Handle a submission. An unknown form belongs to another version of the bot."""
    form = FORMS.get(view.form)
    if form is None:
        return update("Clust", plain_answer(_(ANOTHER_VERSION)))
    await request.needs(form.role)
    acknowledgement = await form.submit(request, view)
    if acknowledgement.get("response_action") == "errors" and not acknowledgement.get("errors"):
        # The window has none of the fields that are wrong, and Slack shows no errors without a field.
        return update("Clust", plain_answer(_(ANOTHER_VERSION)))
    return acknowledgement


async def search(request: Request, field: str, typed: str) -> Sequence[Block]:
    """Return the options of an external select that match, or none for an unknown select."""
    select = SELECTS.get(field)
    if select is None:
        return ()
    await request.needs(select.role)
    return await select.search(request, typed)


def refused(view: OpenView, sentence: str) -> Acknowledgement:
    """Return the acknowledgement that keeps a form open, with a sentence under its first field."""
    fields = [block["block_id"] for block in view.blocks or () if block.get("type") == "input" and "block_id" in block]
    return (
        {"response_action": "errors", "errors": {fields[0]: sentence}}
        if fields
        else update("Clust", plain_answer(sentence))
    )


def update(title: str, message: Any) -> Acknowledgement:
    """Return the acknowledgement that replaces the form with a message."""
    return {"response_action": "update", "view": outcome_view(title, message)}
