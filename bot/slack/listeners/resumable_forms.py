"""`RESUMABLE`: one row for each form whose draft is kept, and *Resume*, which opens it again (rules M1, M2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.core.errors import UsageError
from bot.core.forms import update_diff
from bot.core.forms.fields import Kind
from bot.core.forms.validation import asked_of
from bot.core.language import _
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.listeners import console
from bot.slack.listeners.actions import action_drafts, managing, using
from bot.slack.listeners.admin import accounts
from bot.slack.listeners.applications import deleting, forms
from bot.slack.listeners.channels import subscription_form
from bot.slack.listeners.modals import ClickAnswer, carry_out, show, window
from bot.slack.request.services import Request
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.forms import values_of
from bot.slack.views.console import TITLE as CONSOLE_TITLE
from bot.store.people.form_drafts import DraftState, StoredDraft

TYPED = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.PHONE, Kind.URL})
"""Fields that are empty until someone types into them, or a message fills them in."""


@dataclass(frozen=True, slots=True)
class Resumable:
    """One form that can be resumed: its title, the role that it needs, and its view with what was typed."""

    title: str
    role: Role
    view: Callable[[Request, StoredDraft], Awaitable[Block]]


RESUMABLE: Mapping[str, Resumable] = {
    ids.CREATE: Resumable(forms.FORMS[ids.CREATE].title, Role.EDITOR, forms.FORMS[ids.CREATE].view),
    ids.UPDATE: Resumable(forms.FORMS[ids.UPDATE].title, Role.EDITOR, forms.FORMS[ids.UPDATE].view),
    ids.DELETE: Resumable(deleting.TITLE, Role.ADMIN, deleting.resumed),
    ids.CONSOLE: Resumable(CONSOLE_TITLE, REQUIREMENTS["call"], console.resumed),
    ids.ACTION: Resumable(action_drafts.TITLE, REQUIREMENTS["show"], using.resumed),
    ids.ACTION_SAVE: Resumable(managing.TITLE, REQUIREMENTS["actions"], managing.resumed),
    ids.CONNECT: Resumable(accounts.TITLE, REQUIREMENTS["connect"], accounts.resumed),
    ids.SUBSCRIBE: Resumable(subscription_form.TITLE, REQUIREMENTS["subscribe"], subscription_form.resumed),
}


async def resume(request: Request, draft_id: str) -> ClickAnswer | None:
    """Show a form again with what was typed, if it was not sent. After an unknown create, first offer to check.

    Raises UsageError for a draft that is too old or someone else's.
    """
    drafts = request.services.store.form_drafts
    draft = await drafts.get(draft_id, request.team_id, request.user_id, request.now)
    row = RESUMABLE.get(draft.form) if draft else None
    if draft is None or row is None:
        raise UsageError(_(forms.NOT_YOURS))
    await request.needs(row.role)
    if draft.connection_id is not None:
        request = await request.about_id(draft.connection_id)
    # A create may have made something: the person checks before it is sent again. The others can be looked at first.
    if (
        draft.state == DraftState.UNKNOWN
        and draft.form != ids.CREATE
        and await drafts.retry_unknown(draft.id, request.now)
    ):
        await drafts.withdraw(draft.id)
    elif draft.state != DraftState.OPEN:
        return await carry_out(request, row.title, forms.as_it_stands(request, draft, row.title))
    await _set_aside(request)
    view_id = await window(request, row.title)
    await show(request, view_id, await row.view(request, draft))
    return None


async def _set_aside(request: Request) -> None:
    """Keep the form of an application that was clicked in, if it says anything: another one takes its place.

    It is offered from then on, like every form that wasn't sent.
    """
    view = request.payload.view
    form = forms.FORMS.get(view.callback_id or "") if view and view.is_window else None
    if view is None or form is None:
        return
    drafts = request.services.store.form_drafts
    draft = await drafts.get(view.metadata, request.team_id, request.user_id, request.now)
    typed = values_of(form.model, view.entered)
    if draft is None or draft.form != view.callback_id:
        return
    begun = update_diff.initial(draft.contents.opened or {})
    texts = (name for name, field in asked_of(form.model).items() if field.kind in TYPED)
    if any((typed.get(name) or "") != (begun.get(name) or "") for name in texts):
        await drafts.keep(draft.id, replace(draft.contents, typed=typed), request.now)


async def back_to_form(request: Request, draft_id: str) -> ClickAnswer | None:
    """Show the form of an application again. What Clust doesn't have can be sent again."""
    drafts, draft = request.services.store.form_drafts, await forms.own_draft(request, draft_id)
    if await drafts.retry_unknown(draft.id, request.now):
        await drafts.withdraw(draft.id)
    return await resume(request, draft.id)
