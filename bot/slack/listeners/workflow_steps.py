"""What steps of Workflow Builder do, with the checks and rights of the form and the commands (Slack: Custom steps).

Each function returns the outputs of a step. The workflow shows the sentence of an error that it raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from bot.core.applications.model import Application
from bot.core.errors import ClustError, ClustNotFound, ClustOutcomeUnknown, UsageError
from bot.core.forms.application_forms import CreateForm, filled
from bot.core.forms.validation import Mistakes, asked_of, read
from bot.core.forms.workflow_steps import APPLICATION, FILTER, FORM_FIELDS, QUERY
from bot.core.language import _, labeled
from bot.core.quotas import MAX_STEP_DRAFTS
from bot.slack.listeners import picker
from bot.slack.listeners.applications import forms
from bot.slack.listeners.applications.creating import how_it_failed
from bot.slack.listeners.applications.lookup import first_matching
from bot.slack.request.command_arguments import read_application
from bot.slack.request.services import Request
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import mrkdwn as md
from bot.store.people.audit import AuditOutcome
from bot.store.people.form_drafts import DraftState

MAX_LISTED = 20
"""Applications in a list."""

MAX_TEXT = 200
"""Characters of a title, and of a status."""

FORM = "workflow.create"
"""The form of drafts that remember which runs of a step created something."""

Inputs = Mapping[str, Any]
Outputs = dict[str, Any]


class AlreadyRunningError(Exception):
    """Slack sent the event of a run again. The first one brings its result."""


async def create_application(request: Request, inputs: Inputs, execution_id: str) -> Outputs:
    """Create an application, once for each run, however often Slack sends its event (rule M2)."""
    form = _form(inputs)
    drafts, clust = request.services.store.form_drafts, request.account.clust
    draft = await drafts.open(
        request.team_id,
        request.user_id,
        FORM,
        request.account.id,
        request.now,
        draft_id=blake2b(f"{request.team_id} {execution_id}".encode(), digest_size=16).hexdigest(),
        most=MAX_STEP_DRAFTS,
    )
    if not await drafts.begin_sending(draft.id, request.now):
        return await _again(request, draft.id)
    await drafts.take_answer(draft.id)  # the workflow gets the result, and no one a message
    try:
        application, _raw = await clust.create(filled(form))
    except ClustOutcomeUnknown:
        await drafts.unknown(draft.id)
        await request.write_down("create", AuditOutcome.UNKNOWN)
        raise
    except ClustError as error:
        await drafts.done(draft.id, None)
        await request.write_down("create", how_it_failed(error))
        raise
    await drafts.done(draft.id, application.id)
    await request.write_down("create", AuditOutcome.OK, application.id)
    return _one(application)


async def _again(request: Request, draft_id: str) -> Outputs:
    """Return the outputs of a run whose event came before. Raises AlreadyRunningError while that one is under way."""
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft and draft.state == DraftState.DONE and draft.result:
        return await _read(request, draft.result)
    if draft and draft.state == DraftState.UNKNOWN:
        raise ClustOutcomeUnknown
    if draft and draft.state == DraftState.DONE:
        raise UsageError(_("This step has already failed, and I haven't retried it."))
    raise AlreadyRunningError


async def look_up_application(request: Request, inputs: Inputs, _execution_id: str) -> Outputs:
    """Read one application in Clust."""
    return await _read(request, read_application(_text(inputs, APPLICATION)))


async def list_applications(request: Request, inputs: Inputs, _execution_id: str) -> Outputs:
    """Find what a filter matches, up to MAX_LISTED. The outputs of a single application are those of the first."""
    snapshots = await first_matching(request, _text(inputs, FILTER), MAX_LISTED)
    rows = [_one(snapshot.application) for snapshot in snapshots]
    lines = (facts.joined(*(row[name] for name in ("title", "status", "link"))) for row in rows)
    return {"count": len(rows), "list": "\n".join(lines), **(rows[0] if rows else {})}


async def template_options(request: Request, inputs: Inputs, _execution_id: str) -> Outputs:
    """Offer the templates that match what the builder typed."""
    return {"options": _options(await forms.templates(request, _text(inputs, QUERY)))}


async def application_options(request: Request, inputs: Inputs, _execution_id: str) -> Outputs:
    """Offer the applications that match what the builder typed."""
    return {"options": _options(await picker.search(request, _text(inputs, QUERY)))}


def _options(options: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return options of a select, without those that a step can't use."""
    usable = [one for one in options if one["value"].isdecimal()]
    return [{"text": one["text"], "value": one["value"]} for one in usable]


def _form(inputs: Inputs) -> CreateForm:
    """Return the form that the inputs fill in. Raises UsageError that names each wrong field."""
    try:
        return read(CreateForm, {name: value for name, value in inputs.items() if name in FORM_FIELDS})
    except Mistakes as mistakes:
        fields = asked_of(CreateForm)
        named = (labeled(_(fields[name].label), sentence) for name, sentence in mistakes.fields.items())
        raise UsageError(" ".join(named)) from mistakes


async def _read(request: Request, application_id: str) -> Outputs:
    try:
        return _one(await request.account.clust.application(application_id))
    except ClustNotFound as error:
        raise UsageError(_("Clust has no application `{id}`.", id=application_id[:60])) from error


def _one(application: Application) -> Outputs:
    """Return the outputs about one application.

    The title may be its recipient's name, but nothing else about them is here.
    """
    return {
        "application_id": application.id,
        "title": md.tidy(facts.title(application))[:MAX_TEXT],
        "status": md.tidy(application.status_string or application.status or "")[:MAX_TEXT],
        "link": md.web_address(application.secured_list_url) or "",
    }


def _text(inputs: Inputs, name: str) -> str:
    """Return an input as text: Slack sends what the builder entered, or what a step before has output."""
    value = inputs.get(name)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
