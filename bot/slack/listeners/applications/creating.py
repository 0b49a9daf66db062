"""Create an application: fill in the form, send it once, and search for it if the outcome is unknown (M1, M2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from bot.core.applications.model import Application
from bot.core.applications.webhook_urls import webhook_url
from bot.core.errors import (
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustOutcomeUnknown,
    ClustRejected,
    ClustUnauthorized,
)
from bot.core.forms.application_forms import EVENT_CHOICES, NEW_TEMPLATE, CreateForm, UpdateForm, filled, with_template
from bot.core.forms.validation import read
from bot.core.language import N_
from bot.slack.listeners.admin.accounts import choices
from bot.slack.listeners.draft_offers import offers
from bot.slack.listeners.modals import FormResult, form_result
from bot.slack.request.services import Request
from bot.slack.views.applications.form_outcomes import created, nothing_found, outcome_unknown, resume
from bot.slack.views.applications.forms import create_form
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.store.people.audit import AuditOutcome
from bot.store.people.form_drafts import DraftState, StoredDraft

TITLE = N_("New application")

Model = TypeVar("Model", bound=UpdateForm)


async def create_view(
    request: Request,
    draft: StoredDraft,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
) -> Block:
    """Return the form with what it began with, and what was typed since."""
    services, contents = request.services, draft.contents
    return create_form(
        draft.id,
        await services.templates.last_read(request.account),
        {"connection": str(request.account.id), **(contents.start or {}), **(contents.typed or {})},
        mistakes,
        note,
        accounts=await choices(request),
        forgetful=not services.store.form_drafts.outlives_the_process,
        first=[] if contents.typed is not None else await offers(request, ids.CREATE),
        has_webhook=services.webhook_base is not None,
    )


async def send_new(request: Request, draft: StoredDraft, form: CreateForm) -> FormResult:
    """Create the application of a draft in state sending. If the outcome is unknown, the person decides."""
    services = request.services
    try:
        form = await having_template(request, draft, form)
        application, _ = await request.account.clust.create(filled(form) | await _own_webhook(request, form))
    except ClustOutcomeUnknown:
        await services.store.form_drafts.unknown(draft.id)
        await request.write_down("create", AuditOutcome.UNKNOWN)
        return unsure(draft)
    except ClustError as error:
        await services.store.form_drafts.reopen(draft.id)
        await request.write_down("create", how_it_failed(error))
        mistakes = error.fields if isinstance(error, ClustRejected) else {}
        view = await create_view(request, draft, mistakes, error.sentence)
        return FormResult(view, resume(draft.id, error.sentence), mistakes)
    return await _done(request, draft, application)


async def _own_webhook(request: Request, form: CreateForm) -> dict[str, Any]:
    """Return the address and events of the bot's own webhook, if the form asks for it. All events if it chose none."""
    base = request.services.webhook_base
    if base is None or not form.webhook_to_bot:
        return {}
    secrets, account_id = request.services.store.webhook_secrets, request.account.id
    secret = await secrets.current(account_id, request.team_id, request.user_id, request.now)
    events = form.webhook_events or tuple(each.value for each in EVENT_CHOICES)
    return {"webhook_url": webhook_url(base, secret), "webhook_events": list(events)}


async def look_for(request: Request, draft: StoredDraft) -> FormResult:
    """Search Clust for the application of a draft with an unknown outcome: by external id, else e-mail and title."""
    form = read(CreateForm, draft.contents.typed or {})
    try:
        matching = await request.account.clust.search(external_id=form.external_id, email=form.email, title=form.title)
    except ClustError as error:
        return form_result(TITLE, resume(draft.id, error.sentence), unfinished=True)
    for application in matching:
        if not await _was_known(request, draft, application.id):
            return await _done(request, draft, application)
    return form_result(TITLE, nothing_found(draft.id), unfinished=True)


async def _was_known(request: Request, draft: StoredDraft, application_id: str) -> bool:
    """Return whether the application existed before the form was opened, so that the form did not create it."""
    services = request.services
    connection = await request.connection()
    stored = await services.store.applications.get(connection.id, application_id)
    read_before = connection.baseline_at is not None and connection.baseline_at <= draft.created_at
    if stored is None or stored.discovered or not read_before:
        return False
    history = await services.store.applications.history(connection.id, application_id)
    return not any(each.trigger == "created" and each.seen_at >= draft.created_at for each in history)


def unsure(draft: StoredDraft) -> FormResult:
    """Return the result for a create with an unknown outcome: Check, Send again, Back."""
    return form_result(TITLE, outcome_unknown(draft.id), unfinished=True)


def how_it_failed(error: ClustError) -> AuditOutcome:
    """Return the audit log's word for a write that Clust did not carry out."""
    refusals = (ClustRejected, ClustUnauthorized, ClustForbidden, ClustNotFound)
    return AuditOutcome.REFUSED if isinstance(error, refusals) else AuditOutcome.FAILED


async def having_template(request: Request, draft: StoredDraft, form: Model) -> Model:
    """Return the form with its template. A new template is created first, once (rule M2).

    If it is unknown whether it was created before, a template of that title is searched for. Raises ClustError.
    """
    if form.template_id != NEW_TEMPLATE:
        return form
    services, made = request.services, draft.template
    if made is None and (draft.state == DraftState.UNKNOWN or draft.contents.unknown):
        templates = await request.account.clust.templates()
        made = next((template.id for template in templates if template.title == form.new_template), None)
    if made is None:
        made = (await request.account.clust.create_template(str(form.new_template))).id
    services.templates.forget(request.account)
    await services.store.form_drafts.remember_template(draft.id, str(made))
    return with_template(form, str(made))


async def _done(request: Request, draft: StoredDraft, application: Application) -> FormResult:
    """End the draft. *Share here* finds its channel by the draft."""
    await request.services.store.form_drafts.done(draft.id, application.id)
    await request.write_down("create", AuditOutcome.OK, application.id)
    return form_result(TITLE, created(application, draft.id if draft.contents.channel else None, request.role))
