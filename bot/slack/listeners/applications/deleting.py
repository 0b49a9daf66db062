"""Delete an application, after asking with its title and recipient (rule M4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.applications.model import Application
from bot.core.errors import ClustError, ClustNotFound, ClustOutcomeUnknown, UsageError
from bot.core.language import N_, _
from bot.slack.listeners.applications.creating import how_it_failed
from bot.slack.listeners.applications.lookup import is_stored
from bot.slack.listeners.applications.stale_cards import refreshed
from bot.slack.listeners.modals import FormResult, form_result, outcome_in_time, show, window
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.details import REFRESHED
from bot.slack.views.applications.form_outcomes import deleted, deleting_view, gone_already, outcome_view
from bot.slack.views.applications.forms import delete_form
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, actions, button, message, section
from bot.store.people.audit import AuditOutcome
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import DraftState, StoredDraft

TITLE = N_("Delete application")
SENT = N_("This was already confirmed. You'll see the result where you first confirmed it.")


async def delete(request: Request, application_id: str) -> None:
    """Ask whether to delete an application, in a window that opens at once."""
    view_id = await window(request, TITLE)
    await show(request, view_id, await question(request, application_id))


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Ask again about the application of a draft that may not have been carried out."""
    return await question(request, str(draft.target))


async def question(request: Request, application_id: str) -> Block:
    """Return the question with its draft, or why it can't be asked."""
    services = request.services
    try:
        application = await request.account.clust.application(application_id)
    except ClustNotFound:
        was_stored = await is_stored(request, application_id)
        return outcome_view(TITLE, gone_already(application_id, was_stored=was_stored))
    except ClustError as error:
        return _failed(application_id, error).view
    draft = await services.store.form_drafts.open(
        services.workspace.team_id,
        request.user_id,
        ids.DELETE,
        request.account.id,
        request.now,
        target=application.id,
        contents=DraftContents(application=application),
    )
    return delete_form(draft.id, application, note=_(REFRESHED) if await refreshed(request, application) else "")


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Delete the application that the question's draft names, once. The view's content is never trusted.

    Raises UsageError for a draft that is too old or someone else's.
    """
    drafts = request.services.store.form_drafts
    draft = await drafts.get(view.metadata, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.DELETE or draft.connection_id != request.account.id:
        raise UsageError(_("That question is more than a day old or isn't yours. Use `/clust delete` again."))
    before = gone_already(str(draft.target)) if draft.state == DraftState.DONE else plain_answer(_(SENT))
    outcome: FormResult | None = form_result(TITLE, before)
    if await drafts.begin_sending(draft.id, request.now, view.id):
        outcome = await outcome_in_time(request, view.id, TITLE, _send(request, draft), draft.id)
    return {"response_action": "update", "view": outcome.view if outcome else deleting_view(TITLE)}


async def _send(request: Request, draft: StoredDraft) -> FormResult:
    target = str(draft.target)
    try:
        await request.account.clust.delete(target)
    except ClustNotFound:
        await request.services.store.form_drafts.done(draft.id, None)
        await request.write_down("delete", AuditOutcome.REFUSED, target, request.account.name)
        return form_result(TITLE, gone_already(target))
    except ClustError as error:
        await request.services.store.form_drafts.reopen(draft.id)
        how = AuditOutcome.UNKNOWN if isinstance(error, ClustOutcomeUnknown) else how_it_failed(error)
        await request.write_down("delete", how, target, request.account.name)
        return _failed(target, error)
    await request.services.store.form_drafts.done(draft.id, target)
    await request.write_down("delete", AuditOutcome.OK, target, request.account.name)
    return form_result(TITLE, deleted(draft.contents.application or Application(id=target)))


def _failed(application_id: str, error: ClustError) -> FormResult:
    """Return the error with a button that asks again, which first checks whether the application still exists."""
    again = actions(button(_("Try again"), ids.DELETE, application_id))
    return form_result(TITLE, message(section(f"⚠️ {md.sentence(error.sentence, 2500)}"), again))
