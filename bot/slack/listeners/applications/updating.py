"""Update an application: send only what changed, and never overwrite others' changes unasked (rule M3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from bot.clust import values_of
from bot.clust.protocol import application_of
from bot.core.errors import ClustError, ClustNotFound, ClustOutcomeUnknown, ClustRejected
from bot.core.forms import update_diff
from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.update_diff import FieldChange
from bot.core.language import N_, _
from bot.slack.listeners.applications.creating import having_template, how_it_failed
from bot.slack.listeners.draft_offers import offers
from bot.slack.listeners.modals import FormResult, form_result
from bot.slack.request.services import Request
from bot.slack.views.applications.form_outcomes import conflict_view, gone_already, resume, updated
from bot.slack.views.applications.forms import update_form
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.store.people.audit import AuditOutcome
from bot.store.people.form_drafts import StoredDraft

UPDATE_TITLE = N_("Update application")
AGAIN = N_("You can send the form again. Clust won't apply the same change twice.")
CHANGED = N_("The application changed in Clust since you opened the form. Nothing was sent.")


class ConflictChoice(Enum):
    """What a person decides about a conflict with changes of others: not asked yet, to overwrite or to keep theirs."""

    NONE = auto()
    OVERWRITE = auto()
    KEEP = auto()


async def update_view(
    request: Request, draft: StoredDraft, mistakes: Mapping[str, str] | None = None, note: str = ""
) -> Block:
    """Return the form as it opened, or with what was typed."""
    services = request.services
    return update_form(
        draft.id,
        await services.templates.last_read(request.account),
        update_diff.initial(draft.contents.opened or {}),
        draft.contents.typed,
        mistakes,
        note,
        forgetful=not services.store.form_drafts.outlives_the_process,
        first=[] if draft.contents.typed is not None else await offers(request, ids.UPDATE, draft.target),
    )


async def send_changes(
    request: Request, draft: StoredDraft, form: UpdateForm, choice: ConflictChoice = ConflictChoice.NONE
) -> FormResult:
    """Send a draft's changes, after checking what others changed since it was opened (rule M3)."""
    drafts, clust, target = request.services.store.form_drafts, request.account.clust, str(draft.target)
    opened, names = draft.contents.opened or {}, list[str]()
    try:
        raw = await clust.raw_application(target)
        now, start = values_of(raw), update_diff.initial(opened)
        changes = update_diff.changed(start, form)
        # A person who chose to overwrite has seen what others had changed by then, and nothing newer.
        seen = draft.contents.seen if choice is ConflictChoice.OVERWRITE else None
        conflicts = update_diff.conflicts(opened if seen is None else seen, now, changes)
        if choice is ConflictChoice.KEEP:
            changes = {
                name: change for name, change in changes.items() if name not in {each.field for each in conflicts}
            }
        elif conflicts:
            await drafts.reopen(draft.id)
            await drafts.keep(draft.id, replace(draft.contents, seen=now), request.now)
            view = conflict_view(
                draft.id, application_of(raw), conflicts, await request.services.templates.last_read(request.account)
            )
            return FormResult(view, resume(draft.id, _(CHANGED)))
        if "template_id" in changes:
            form = await having_template(request, draft, form)
            changes["template_id"] = (changes["template_id"][0], form.template_id)
        names = list(changes)
        if changes:
            sent = {name: new for name, (_, new) in changes.items()}
            await clust.update(target, sent, request.services.update_method)
    except ClustNotFound:
        await drafts.done(draft.id, None)
        await request.write_down("update", AuditOutcome.REFUSED, target)
        return form_result(UPDATE_TITLE, gone_already(target))
    except ClustError as error:
        return await _refused(request, draft, error, names)
    await drafts.done(draft.id, target)
    if names:
        await request.write_down("update", AuditOutcome.OK, target, ", ".join(names))
    return await _read_back(request, target, raw, changes)


async def _refused(request: Request, draft: StoredDraft, error: ClustError, names: list[str]) -> FormResult:
    """Show the form again. An update can be sent twice: what Clust has already is not changed again."""
    drafts, unknown = request.services.store.form_drafts, isinstance(error, ClustOutcomeUnknown)
    await drafts.reopen(draft.id)
    if unknown:
        await drafts.keep(draft.id, replace(draft.contents, unknown=True), request.now)
    await request.write_down(
        "update", AuditOutcome.UNKNOWN if unknown else how_it_failed(error), draft.target, ", ".join(names)
    )
    mistakes = error.fields if isinstance(error, ClustRejected) else {}
    sentence = f"{error.sentence} {_(AGAIN)}" if unknown else error.sentence
    return FormResult(await update_view(request, draft, mistakes, sentence), resume(draft.id, sentence), mistakes)


async def _read_back(
    request: Request, target: str, before: Mapping[str, Any], sent: Mapping[str, FieldChange]
) -> FormResult:
    """Return what was changed, and what Clust changed by itself, as a PUT that erases does (rule M3)."""
    try:
        after = await request.account.clust.raw_application(target) if sent else before
    except ClustError:
        after = before
    also = update_diff.also_changed(values_of(before), values_of(after), set(sent))
    templates = await request.services.templates.last_read(request.account)
    return form_result(UPDATE_TITLE, updated(application_of(after), sent, also, templates))
