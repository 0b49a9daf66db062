"""Import and export saved actions in Slack. An import shows every call, and keeps nothing before an admin confirms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.core.errors import DeliveryError, UsageError
from bot.core.forms.validation import Mistakes, read
from bot.core.language import N_, _
from bot.core.notifications.slack_exceptions import Doing
from bot.core.saved_actions.saving_form import ImportActionsForm
from bot.core.saved_actions.transfer import exported, imported
from bot.slack.listeners.modals import say_in_window
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.admin import saved_actions as views
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building import ids
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.web_api.responses import Accepted, ConversationOpened, ask
from bot.store.people.audit import AuditOutcome
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import StoredDraft

log = structlog.get_logger(__name__)

TITLE = N_("Import actions")
OLD = N_("That form is more than a day old or isn't yours. Open it again with `/clust actions`.")
SENT = N_("These were already imported. `/clust actions` shows them.")
FILE_NAME = "clust-actions.json"


async def export(request: Request) -> None:
    """Send the actions of the account as a file, by direct message."""
    stored = await request.services.store.saved_actions.of(request.account.id)
    text = exported([each.action for each in stored])
    client = request.services.client
    try:
        opened = await ask(client.conversations_open(users=request.user_id), ConversationOpened)
        upload = client.files_upload_v2(channel=opened.channel.id, filename=FILE_NAME, title=FILE_NAME, content=text)
        await ask(upload, Accepted, Doing.POSTING)
        is_sent = True
    except DeliveryError as error:
        log.warning("an export could not be sent", error=error.sentence)
        is_sent = False
    await request.write_down("action", AuditOutcome.OK, detail="export")
    await say_in_window(request, outcome_view(_("Actions"), views.export_done(is_sent=is_sent)))


async def ask_for_text(request: Request) -> None:
    """Open the form that asks for an export."""
    draft = await request.services.store.form_drafts.open(
        request.team_id,
        request.user_id,
        ids.ACTION_IMPORT,
        request.account.id,
        request.now,
        contents=DraftContents(request.channel_id),
    )
    await say_in_window(request, views.import_form(draft.id))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Show every call of an export, or what is wrong with it. Nothing is imported yet.

    Raises UsageError if it was imported already.
    """
    draft, entered = await _draft(request, view.metadata), view.entered
    typed = values_of(ImportActionsForm, entered)
    try:
        listed = imported(read(ImportActionsForm, typed).text)
    except UsageError as error:
        mistakes = error.fields if isinstance(error, Mistakes) else {"text": error.sentence}
        return {"response_action": "errors", "errors": errors_of(ImportActionsForm, entered, mistakes)}
    if not await request.services.store.form_drafts.keep(draft.id, DraftContents(typed=typed), request.now):
        raise UsageError(_(SENT))
    return {"response_action": "update", "view": views.import_preview(draft.id, listed)}


async def confirm(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Import what was confirmed, all or none, once. Raises UsageError the second time."""
    draft, store = await _draft(request, view.metadata), request.services.store
    listed = imported(str((draft.contents.typed or {}).get("text") or ""))
    if not await store.form_drafts.begin_sending(draft.id, request.now, view.id):
        raise UsageError(_(SENT))
    try:
        await store.saved_actions.add_imported(
            request.team_id, request.account.id, listed, request.user_id, request.now
        )
    except UsageError as error:
        await store.form_drafts.withdraw(draft.id)
        return {"response_action": "update", "view": views.import_form(draft.id, error.sentence)}
    await store.form_drafts.done(draft.id, None)
    await store.form_drafts.take_answer(draft.id)
    await request.write_down("action", AuditOutcome.OK, detail=f"import {len(listed)}")
    return {"response_action": "update", "view": outcome_view(TITLE, views.import_done(len(listed)))}


async def _draft(request: Request, draft_id: str) -> StoredDraft:
    """Return the person's own draft. Raises UsageError for any other: an id in a view proves nothing."""
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.ACTION_IMPORT or draft.connection_id != request.account.id:
        raise UsageError(_(OLD))
    return draft
