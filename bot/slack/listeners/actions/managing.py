"""Manage saved actions: `actions`, their form, the preview before one is saved, and its removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.errors import UsageError
from bot.core.forms.validation import Mistakes, read
from bot.core.language import N_, _
from bot.core.permissions import REQUIREMENTS
from bot.core.saved_actions.placeholders import Use
from bot.core.saved_actions.request_template import suggested_path
from bot.core.saved_actions.saved_action import checked
from bot.core.saved_actions.saving_form import SaveActionForm, action_of, values_of_action
from bot.slack.listeners.actions import importing
from bot.slack.listeners.actions.action_drafts import known_application
from bot.slack.listeners.modals import say_in_window
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.admin import saved_actions as views
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.forms import errors_of, values_of
from bot.store.clust.saved_actions import CHANGED
from bot.store.people.audit import AuditOutcome
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import StoredDraft

TITLE = N_("Save an action")
OLD = N_("That form is more than a day old or isn't yours. Open it again with `/clust actions`.")
SENT = N_("This was already saved. `/clust actions` shows it.")
EXAMPLE_TEXT = "1"
"""Fits wherever a text can be: into a path, and as a number."""


async def actions(request: Request, line: CommandLine) -> None:
    """Answer `actions`. Raises UsageError for an argument."""
    if line.argument():
        raise UsageError(_("`actions` takes no arguments. It opens the list."))
    await say_in_window(request, await _list(request))


async def manage(request: Request, value: str) -> None:
    """Handle a button of the list: a new action, or what to do with one."""
    await request.needs(REQUIREMENTS["actions"])
    choice, _space, key = value.partition(" ")
    if choice == views.LIST:
        await say_in_window(request, await _list(request))
        return
    if choice == views.EXPORT:
        await importing.export(request)
        return
    if choice == views.IMPORT:
        await importing.ask_for_text(request)
        return
    if choice == views.NEW:
        await say_in_window(request, await _form(request, await _open_draft(request, {})))
        return
    stored = await request.services.store.saved_actions.get(request.account.id, *_key(key))
    if choice == views.CHANGE:
        draft = await _open_draft(request, dict(values_of_action(stored.action)), key)
        await say_in_window(request, await _form(request, draft))
    elif choice == views.REMOVE:
        await say_in_window(request, views.remove_form(stored))
    elif choice == views.CONFIRM:
        await request.services.store.saved_actions.confirm(
            request.account.id, (stored.id, stored.revision), request.now
        )
        await request.write_down("action", AuditOutcome.OK, detail=f"confirm {stored.action.name}")
        await say_in_window(request, await _list(request))


async def keep_call(request: Request, values: Mapping[str, Any]) -> None:
    """Open the form with a call of the console."""
    await request.needs(REQUIREMENTS["actions"])
    values = {**values, "path": suggested_path(str(values.get("path") or ""))}
    await say_in_window(request, await _form(request, await _open_draft(request, values)))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Check the form, and show what the action would send for the chosen application. Nothing is saved yet."""
    entered, drafts = view.entered, request.services.store.form_drafts
    draft = await _draft(request, view.metadata)
    typed = values_of(SaveActionForm, entered)
    draft = replace(draft, contents=replace(draft.contents, typed=typed))
    if not await drafts.keep(draft.id, draft.contents, request.now, view.id):
        return _update(outcome_view(TITLE, plain_answer(_(SENT))))
    try:
        return _update(await _preview(request, draft))
    except UsageError as error:
        mistakes = error.fields if isinstance(error, Mistakes) else {"application": error.sentence}
        return {"response_action": "errors", "errors": errors_of(SaveActionForm, entered, mistakes)}


async def keep(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Save the action that was previewed, once."""
    draft = await _draft(request, view.metadata)
    form = read(SaveActionForm, draft.contents.typed or {})
    snapshot = await known_application(request, form.application)
    action, store = action_of(form), request.services.store
    if not await store.form_drafts.begin_sending(draft.id, request.now, view.id):
        return _update(outcome_view(TITLE, plain_answer(_(SENT))))
    try:
        replaces = _key(draft.target) if draft.target else None
        stored = await store.saved_actions.save(
            request.team_id, request.account.id, action, request.user_id, request.now, replaces=replaces
        )
    except UsageError as error:
        await store.form_drafts.withdraw(draft.id)
        mistakes = error.fields if isinstance(error, Mistakes) else {}
        return _update(await _form(request, draft, mistakes, "" if mistakes else error.sentence))
    await store.form_drafts.done(draft.id, None)
    await store.form_drafts.take_answer(draft.id)
    await request.write_down("action", AuditOutcome.OK, detail=f"save {action.name}")
    return _update(outcome_view(TITLE, views.saved(stored, snapshot.application)))


async def remove(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Remove the action that was confirmed."""
    store, key = request.services.store.saved_actions, _key(view.metadata)
    stored = await store.get(request.account.id, *key)
    await store.remove(request.account.id, key, request.now)
    await request.write_down("action", AuditOutcome.OK, detail=f"remove {stored.action.name}")
    return _update(outcome_view(TITLE, views.removed(stored.action.name)))


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Return the form with what was typed."""
    return await _form(request, draft)


async def _preview(request: Request, draft: StoredDraft) -> Block:
    """Return the preview of a draft. Raises Mistakes, and UsageError if the application can't be used."""
    form = read(SaveActionForm, draft.contents.typed or {})
    action, snapshot = action_of(form), await known_application(request, form.application)
    others = await request.services.store.saved_actions.of(request.account.id)
    checked(action, others, _key(draft.target)[0] if draft.target else None)
    user = (await request.asker.authorization()).user
    example = Use(snapshot.application, user.name or request.user_id, _(EXAMPLE_TEXT), request.now.date().isoformat())
    return views.preview(draft.id, action, snapshot.application, action.request.filled(example))


async def _list(request: Request) -> Block:
    stored = await request.services.store.saved_actions.of(request.account.id)
    return views.action_list(stored, request.account.name, request.role)


async def _form(
    request: Request, draft: StoredDraft, mistakes: Mapping[str, str] | None = None, note: str = ""
) -> Block:
    forgetful = not request.services.store.form_drafts.outlives_the_process
    return views.save_form(draft.id, draft.contents.typed, mistakes, note, forgetful=forgetful)


async def _draft(request: Request, draft_id: str) -> StoredDraft:
    """Return the person's own draft. Raises UsageError for any other: an id in a view proves nothing."""
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.ACTION_SAVE or draft.connection_id != request.account.id:
        raise UsageError(_(OLD))
    return draft


async def _open_draft(request: Request, values: Mapping[str, Any], key: str | None = None) -> StoredDraft:
    return await request.services.store.form_drafts.open(
        request.team_id,
        request.user_id,
        ids.ACTION_SAVE,
        request.account.id,
        request.now,
        target=key,
        contents=DraftContents(request.channel_id, typed=values),
    )


def _key(text: str) -> tuple[int, int]:
    """Return the id and revision of an action. Raises UsageError for anything else."""
    action_id, _dot, revision = text.partition(".")
    if not (action_id.isdecimal() and revision.isdecimal()):
        raise UsageError(_(CHANGED))
    return int(action_id), int(revision)


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
