"""The API console: `api`, its form, the confirmation before a write, and the outcome of the call (rule M5).

What is sent is computed from what was typed each time, never taken from a view. A draft is sent once (rule M2). Its
response is stored for a day in a draft of its own, so that *Share here* shares exactly that.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any

import structlog

from bot.clust.console_call import RawAnswer
from bot.core.errors import BotError, ClustOutcomeUnknown, DeliveryError, NotAllowed, UsageError
from bot.core.forms import console_request
from bot.core.forms.console_forms import PRESETS, ConsoleForm
from bot.core.forms.console_request import ConsoleCall, ConsoleMistakes
from bot.core.language import N_, _
from bot.core.notifications.slack_exceptions import Doing
from bot.core.permissions import REQUIREMENTS
from bot.slack.listeners.actions.managing import keep_call
from bot.slack.listeners.draft_offers import offers
from bot.slack.listeners.modals import FormResult, form_result, open_window, outcome_in_time, redraw
from bot.slack.listeners.sharing import post_for_all, say_above
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, resume
from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import tagged_view
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.views.console import (
    MAX_BODY,
    TITLE,
    CallAnswer,
    answered,
    confirm_call,
    console_form,
    file_comment,
    preset_values,
    running_view,
    shared_answer,
)
from bot.slack.web_api.responses import Accepted, ConversationOpened, ask
from bot.store.people.audit import AuditOutcome, called
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import StoredDraft

log = structlog.get_logger(__name__)

OLD = N_("That form is more than a day old or isn't yours. Open it again with `/clust api`.")
FORGOTTEN = N_("Responses are only kept for a day, and only for the person who made the call. Run the call again.")
SENT = N_("This was already sent and won't be sent twice. Open a new form with `/clust api`.")


async def call(request: Request, line: CommandLine) -> Message | None:
    """Answer `api [METHOD] [PATH]`: a GET with a path runs at once, anything else opens the form."""
    typed = console_request.typed(line.argument())
    if typed.runs_at_once:
        raw = await _sent(request, console_request.judge("GET", typed.path))
        return await _answer(request, raw, DraftContents(request.channel_id, {"method": "GET", "path": typed.path}))
    await _check_role(request, typed.method or "GET", typed.path)
    offered = await offers(request, ids.CONSOLE)
    draft = await _open_draft(request, ids.CONSOLE, DraftContents(request.channel_id))
    values = {"method": typed.method or "GET", "path": typed.path}
    await open_window(request, tagged_view(_form(request, draft.id, values, first=offered), request.account_id))
    return None


async def preset(request: Request, chosen: str) -> None:
    """Fill the form with a preset. What else was typed stays."""
    view = request.payload.view
    draft = await _draft(request, view.metadata) if view else None
    if view is None or draft is None or chosen not in PRESETS.values():
        return
    values = preset_values(chosen, values_of(ConsoleForm, view.entered))
    await redraw(request, _form(request, draft.id, values, fresh=secrets.token_hex(4)))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Handle the form: errors are shown under their fields, a GET runs, a write asks first (rule M5)."""
    draft = await _draft(request, view.metadata)
    if draft is None:
        return _update(outcome_view(TITLE, plain_answer(_(OLD))))
    entered = view.entered
    contents = replace(draft.contents, typed=values_of(ConsoleForm, entered))
    if not await request.services.store.form_drafts.keep(draft.id, contents, request.now, view.id):
        return _update(outcome_view(TITLE, plain_answer(_(SENT))))
    try:
        judged = _judged(contents)
        await _check_role(request, judged.method, judged.path)
    except ConsoleMistakes as error:
        return {"response_action": "errors", "errors": errors_of(ConsoleForm, entered, error.fields)}
    except NotAllowed as error:
        return {"response_action": "errors", "errors": errors_of(ConsoleForm, entered, {"method": error.sentence})}
    if judged.writes:
        return {"response_action": "push", "view": confirm_call(f"{draft.id} {_digest(judged)}", judged)}
    return await _run(request, replace(draft, contents=contents), judged, view.id)


async def confirm(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Send what was confirmed. It is computed again from the draft, and must be the same as was shown."""
    draft_id, _space, digest = view.metadata.partition(" ")
    draft = await _draft(request, draft_id)
    if draft is None or not (draft.contents.typed or {}).get("path"):
        return _update(outcome_view(TITLE, plain_answer(_(OLD))))
    judged = _judged(draft.contents)
    if _digest(judged) != digest:
        changed = _("The request has changed since you reviewed it. Nothing was sent. Send the form again.")
        return _update(outcome_view(TITLE, plain_answer(changed)))
    return await _run(request, draft, judged, view.id)


async def shared_call(request: Request, draft_id: str) -> Message:
    """Return the stored response as a message for a channel. Raises UsageError if it isn't stored any more."""
    _, answer = await _kept(request, draft_id)
    return shared_answer(answer, request.user_id)


async def keep_as_action(request: Request, draft_id: str) -> None:
    """Open the form that keeps a call as an action, filled in with the call as it was typed.

    Raises UsageError if the call is too old or someone else's.
    """
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.SHARE_CALL or not draft.contents.typed:
        raise UsageError(_(FORGOTTEN))
    await keep_call(request, draft.contents.typed)


async def share_from_window(request: Request, draft_id: str) -> None:
    """Share the response in a window with the channel where the console was opened, and say so above it."""
    channel_id, answer = await _kept(request, draft_id)
    otherwise = _(
        "Type `/clust api {method} {path}` in the channel, then click *Share here*.",
        method=answer.method,
        path=answer.path,
    )
    message = shared_answer(answer, request.user_id)
    await say_above(request, plain_answer(await post_for_all(request, channel_id, message, "api", otherwise)))


async def _kept(request: Request, draft_id: str) -> tuple[str, CallAnswer]:
    """Return the channel of a stored response, and the response. Raises UsageError if it isn't stored any more."""
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.SHARE_CALL or draft.contents.answer is None:
        raise UsageError(_(FORGOTTEN))
    return draft.contents.channel, CallAnswer(**draft.contents.answer)


async def _run(request: Request, draft: StoredDraft, judged: ConsoleCall, view_id: str) -> Mapping[str, Any]:
    """Run a draft's call once. The response comes in the acknowledgement, or later in the view (rule M1)."""
    if not await request.services.store.form_drafts.begin_sending(draft.id, request.now, view_id):
        return _update(outcome_view(TITLE, plain_answer(_(SENT))))
    outcome = await outcome_in_time(request, view_id, TITLE, _outcome(request, draft, judged), draft.id)
    return _update(outcome.view if outcome else running_view())


async def _outcome(request: Request, draft: StoredDraft, judged: ConsoleCall) -> FormResult:
    """Return the result of a call. If it failed for certain, the form comes back with what was typed (rule M1)."""
    drafts = request.services.store.form_drafts
    try:
        raw = await _sent(request, judged)
    except ClustOutcomeUnknown as error:
        await drafts.unknown(draft.id)
        again = _("I haven't retried. Check with a GET before you send it again.")
        return form_result(TITLE, plain_answer(f"⚠️ {error.sentence} {again}"))
    except BotError as error:
        await drafts.reopen(draft.id)
        view = _form(
            request, draft.id, draft.contents.typed or {}, note=_("{why} Nothing was changed.", why=error.sentence)
        )
        return FormResult(view, resume(draft.id, _("{why} Nothing was changed.", why=error.sentence)))
    await drafts.done(draft.id, None)
    return form_result(TITLE, await _answer(request, raw, draft.contents))


async def _sent(request: Request, judged: ConsoleCall) -> RawAnswer:
    """Send a call and write it into the audit log: method, path and outcome, never its query or body."""
    outcome = AuditOutcome.FAILED
    try:
        answer = await request.account.clust.call(judged.method, judged.path, judged.query, judged.headers, judged.body)
        outcome = AuditOutcome.OK if answer.status < HTTPStatus.BAD_REQUEST else AuditOutcome.FAILED
    except ClustOutcomeUnknown:
        outcome = AuditOutcome.UNKNOWN
        raise
    finally:
        await request.write_down("api", outcome, detail=called(judged.method, judged.path))
    return answer


async def _answer(request: Request, raw: RawAnswer, contents: DraftContents) -> Message:
    """Return the response for the person, a long one as a file too. It is stored for *Share here* and *Keep…*."""
    text = console_request.pretty(raw.body, raw.content_type)
    answer = CallAnswer(raw.method, raw.path, raw.status, raw.seconds, text[:MAX_BODY], len(text), raw.truncated)
    filed = not answer.fits and await _filed(request, answer, text)
    kept = await _open_draft(request, ids.SHARE_CALL, replace(contents, answer=asdict(answer)))
    return answered(answer, kept.id, filed=filed, can_keep=request.role >= REQUIREMENTS["actions"])


async def _filed(request: Request, answer: CallAnswer, text: str) -> bool:
    """Send a response as a file by direct message. Returns False if Slack refuses it."""
    client = request.services.client
    name = "answer.json" if text[:1] in {"{", "["} else "answer.txt"
    try:
        opened = await ask(client.conversations_open(users=request.user_id), ConversationOpened)
        upload = client.files_upload_v2(
            channel=opened.channel.id,
            filename=name,
            title=f"{answer.method} {answer.path}"[:200],
            content=text,
            initial_comment=file_comment(answer),
        )
        await ask(upload, Accepted, Doing.POSTING)
    except DeliveryError as error:
        log.warning("an answer could not be sent as a file", error=error.sentence)
        return False
    return True


async def _check_role(request: Request, method: str, path: str) -> None:
    """Raise NotAllowed if the person's role doesn't allow the method (rule W1). The refusal is in the audit log."""
    try:
        await request.needs(REQUIREMENTS["call" if method == "GET" else "call_to_write"])
    except NotAllowed:
        await request.write_down("api", AuditOutcome.REFUSED, detail=called(method, path.partition("?")[0]))
        raise


async def _draft(request: Request, draft_id: str) -> StoredDraft | None:
    """Return the person's draft of a call, or None if it is another's, has expired, or isn't a call."""
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    return draft if draft and draft.form == ids.CONSOLE else None


async def _open_draft(request: Request, form: str, contents: DraftContents) -> StoredDraft:
    services = request.services
    return await services.store.form_drafts.open(
        services.workspace.team_id, request.user_id, form, request.account.id, request.now, contents=contents
    )


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Return the form with what was typed."""
    return _form(request, draft.id, draft.contents.typed or {})


def _form(request: Request, draft_id: str, values: Mapping[str, Any], **more: Any) -> Block:
    forgetful = not request.services.store.form_drafts.outlives_the_process
    may_write = request.role >= REQUIREMENTS["call_to_write"]
    return console_form(draft_id, values, forgetful=forgetful, may_write=may_write, **more)


def _judged(contents: DraftContents) -> ConsoleCall:
    values = contents.typed or {}
    names = ("method", "path", "query", "headers", "body")
    return console_request.judge(*(str(values.get(name) or "") for name in names))


def _digest(judged: ConsoleCall) -> str:
    """Return a hash of a call."""
    return hashlib.sha256(console_request.request_text(judged).encode()).hexdigest()[:16]


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
