"""An edit in a pane: the fields, checks and conflicts of the Update form (rules M1 to M3)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.errors import BotError, DeliveryError, UsageError
from bot.core.forms import update_diff
from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.validation import Mistakes, asked_of, read
from bot.core.language import _
from bot.core.permissions import REQUIREMENTS
from bot.slack.listeners.applications.updating import send_changes
from bot.slack.listeners.links.pane import fill_again, say_in_pane
from bot.slack.listeners.modals import PATIENCE_SECONDS, FormResult, message
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.entity_fields import IN_PANE
from bot.slack.views.building.form_elements import label_of
from bot.store.people.form_drafts import DraftState, StoredDraft


async def save(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Save an edit. What is wrong stands below its field, and what concerns none below the first."""
    entered = view.entered_in_pane
    try:
        await request.needs(REQUIREMENTS["update"])
        return await _save(request.within(view.channel or ""), view, entered)
    except BotError as error:
        if not view.is_pane:
            raise  # a window doesn't have these fields
        return _errors(entered, {}, error.sentence)


async def _save(request: Request, view: OpenView, entered: Mapping[str, Any]) -> Mapping[str, Any]:
    drafts = request.services.store.form_drafts
    draft = await drafts.of_pane(request.team_id, request.user_id, request.account.id, view.application_id, request.now)
    if draft is None:
        raise UsageError(_("This pane is more than a day old. Refresh it, then edit it again."))
    if draft.state != DraftState.OPEN:  # Slack sent the edit again
        return {}
    start = update_diff.initial(draft.contents.opened or {})
    typed = {**start, **{name: value for name, value in entered.items() if name in IN_PANE}}
    draft = replace(draft, contents=replace(draft.contents, typed=typed))
    await drafts.keep(draft.id, draft.contents, request.now)
    try:
        form = read(UpdateForm, typed)
    except Mistakes as mistakes:
        return _errors(entered, mistakes.fields)
    if not await drafts.begin_sending(draft.id, request.now):
        return {}
    return await _send(request, view, draft, form)


async def _send(request: Request, view: OpenView, draft: StoredDraft, form: UpdateForm) -> Mapping[str, Any]:
    """Send an edit, and acknowledge it with what Clust says in time."""
    task = request.later(send_changes(request, draft, form))
    await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
    if not task.done():
        request.later(_follow(request, draft.id, task))
        return {}
    result = task.result()
    await request.services.store.form_drafts.take_answer(draft.id)
    if mistakes := result.mistakes or await _conflicts(request, draft, form):
        return _errors(view.entered_in_pane, mistakes)
    request.later(_settle(request, view, draft, result))
    return {}


async def _settle(request: Request, view: OpenView, draft: StoredDraft, result: FormResult) -> None:
    """Show the pane as it is after the edit. What wasn't sent is shown there, and can be resumed."""
    after = await request.services.store.form_drafts.get(draft.id, request.team_id, request.user_id, request.now)
    if after is None or after.state == DraftState.OPEN:
        await say_in_pane(request, result.message.text)
        await _show_result(request, result)
    else:
        await fill_again(request, view)


async def _follow(request: Request, draft_id: str, task: asyncio.Task[FormResult]) -> None:
    """Say that the edit is on its way, and bring its outcome by direct message, once."""
    await say_in_pane(request, _("Clust hasn't responded yet. I'll send you a message with the result."))
    result = await task
    if await request.services.store.form_drafts.take_answer(draft_id):
        await _show_result(request, result)


async def _show_result(request: Request, result: FormResult) -> None:
    try:
        await message(request, result.message)
    except DeliveryError:
        return


async def _conflicts(request: Request, draft: StoredDraft, form: UpdateForm) -> dict[str, str]:
    """Return what others have changed since then, by field. From then on the edit is compared with that."""
    drafts = request.services.store.form_drafts
    after = await drafts.get(draft.id, request.team_id, request.user_id, request.now)
    if after is None or after.state != DraftState.OPEN or after.contents.seen is None:
        return {}
    opened = draft.contents.opened or {}
    theirs = {name: after.contents.seen.get(name) for name in opened}
    changes = update_diff.changed(update_diff.initial(opened), form)
    await drafts.keep(draft.id, replace(after.contents, opened=theirs, seen=None), request.now)
    choices = await request.services.templates.last_read(request.account)
    return {
        each.field: _(
            "Someone changed this to “{value}” in the meantime. Save again to use your value.",
            value=label_of(
                choices if each.field == "template_id" else asked_of(UpdateForm)[each.field].options, each.theirs
            ),
        )
        for each in update_diff.conflicts(opened, theirs, changes)
    }


def _errors(entered: Mapping[str, Any], mistakes: Mapping[str, str], other: str = "") -> Mapping[str, Any]:
    """Return the acknowledgement with errors below fields of the pane. Errors of other fields stand below the first."""
    first, errors = next(iter(entered), "title"), dict[str, str]()
    for name, sentence in ({first: other} if other else mistakes).items():
        place = name if name in entered else first
        errors[place] = md.bare(f"{errors.get(place, '')} {sentence}", 2000)
    return {"response_action": "errors", "errors": errors}
