"""Do something with an application: by `do`, the *More actions…* window, or a pinned button.

A window asks what to do, then what that needs, then shows exactly what will be sent; each replaces the one before. What
is sent is computed again from the draft at each step, never taken from a view, and a draft is sent once (rule M2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.core.applications.triggers import Snapshot, classify
from bot.core.errors import BotError, ClustOutcomeUnknown, UsageError
from bot.core.forms import console_request
from bot.core.forms.action_forms import ChooseActionForm
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.fields import Choice
from bot.core.forms.validation import Form, Mistakes, read
from bot.core.language import N_, _
from bot.core.saved_actions.saved_action import named
from bot.slack.listeners.applications.acts import Act, act_of, act_with, acts_for
from bot.slack.listeners.modals import (
    FormResult,
    carry_out_in,
    form_result,
    outcome_in_time,
    say_in_window,
    window,
)
from bot.slack.request.command_arguments import read_application
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_models import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, resume
from bot.slack.views.applications.saved_actions import (
    action_done,
    action_failed,
    ask_form,
    choose_form,
    confirm_action,
    running_action,
)
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, notified_on_close
from bot.slack.views.building.forms import errors_of, values_of
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import StoredDraft

TITLE = N_("More actions")
OLD = N_("That window is more than a day old or isn't yours. Open it again.")
SENT = N_("This was already sent and won't be sent twice. You'll see the result where you first sent it.")
CHANGED = N_("Something has changed since you opened this. Nothing was sent. Open it again.")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a draft is about: the act, the application, and the checked values that it needs."""

    draft: StoredDraft
    act: Act
    snapshot: Snapshot
    values: Mapping[str, Any]

    async def call(self, request: Request) -> ConsoleCall | None:
        """Return what it sends. Raises UsageError if a value is missing."""
        return await self.act.call(request, self.snapshot.application, self.values) if self.act.call else None


async def do(request: Request, line: CommandLine) -> None:
    """Answer `do ID [ACTION]`. Raises UsageError."""
    typed, *others = line.argument().split(maxsplit=1) or [""]
    application_id = read_application(typed)
    if not others:
        await choose(request, application_id)
        return
    stored = await request.services.store.actions.of(request.account.id)
    await _begin(request, act_of(named(stored, others[0])).key, application_id)


async def choose(request: Request, application_id: str) -> None:
    """Open the window that asks what to do with an application."""
    snapshot = await known_application(request, application_id)
    draft = await _open_draft(request, application_id)
    await say_in_window(request, await _choosing(request, draft, snapshot))


async def use(request: Request, value: str) -> None:
    """Begin what a button names: an action, as it is now, and the application."""
    action_id, _space, application_id = value.partition(" ")
    if not action_id.isdecimal():
        raise UsageError(_(CHANGED))
    stored = await request.services.store.actions.get(request.account.id, int(action_id))
    await _begin(request, act_of(stored).key, application_id)


async def submit_choice(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Go on with the act that was chosen."""
    draft = await _draft(request, view.metadata)
    try:
        key = read(ChooseActionForm, values_of(ChooseActionForm, view.entered)).action
        draft = await _keep(request, draft, {"action": key})
        return await _next(request, draft, view.id)
    except UsageError as error:
        return _errors(ChooseActionForm, view, error)


async def submit_values(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Go on with what was entered: show exactly what will be sent, or send it if the act doesn't ask first."""
    draft = await _draft(request, view.metadata)
    act = await act_with(request, _typed(draft).get("action", ""))
    if act.asks is None:
        raise UsageError(_(CHANGED))
    try:
        typed = values_of(act.asks, view.entered)
        draft = await _keep(request, draft, typed)
        read(act.asks, typed)
        return await _next(request, draft, view.id)
    except UsageError as error:
        return _errors(act.asks, view, error)


async def confirm(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Send what was confirmed. It is computed again from the draft, and must be the same as was shown."""
    draft_id, _space, digest = view.metadata.partition(" ")
    plan = await _plan(request, await _draft(request, draft_id))
    if _digest(await plan.call(request)) != digest:
        raise UsageError(_(CHANGED))
    return await _run(request, plan, view.id)


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Return the window of a draft that wasn't sent."""
    return await _asking(request, draft) or outcome_view(TITLE, plain_answer(_(CHANGED)))


async def _begin(request: Request, key: str, application_id: str) -> None:
    """Open the first window of an act, or do it at once if it asks nothing."""
    draft = await _keep(request, await _open_draft(request, application_id), {"action": key})
    if view := await _asking(request, draft):
        await say_in_window(request, view)
        return
    plan = await _plan(request, draft)
    view_id = await window(request, plan.act.title)
    if await request.services.store.drafts.begin_sending(draft.id, request.now, view_id):
        await carry_out_in(request, view_id, plan.act.title, _outcome(request, plan), draft.id)


async def _next(request: Request, draft: StoredDraft, view_id: str) -> Mapping[str, Any]:
    view = await _asking(request, draft)
    return _update(view) if view else await _run(request, await _plan(request, draft), view_id)


async def _asking(request: Request, draft: StoredDraft, note: str = "") -> Block | None:
    """Return the next window of a draft, None if there is nothing left to ask. Raises BotError.

    With a `note`, because it failed, the last window is shown again.
    """
    typed = _typed(draft)
    snapshot = await known_application(request, str(draft.target))
    if "action" not in typed:
        return await _choosing(request, draft, snapshot)
    act = await act_with(request, typed["action"])
    if act.asks and (not typed.keys() & act.asks.model_fields.keys() or (note and act.is_quick)):
        forgetful = not request.services.store.drafts.outlives_the_process
        how = {"is_quick": act.is_quick, "forgetful": forgetful}
        return ask_form(draft.id, act.title, act.asks, snapshot.application, typed, note, **how)
    plan = await _plan(request, draft)
    call = await plan.call(request)
    if call is None or (act.is_quick and not note):
        return None
    return confirm_action(f"{draft.id} {_digest(call)}", act.title, snapshot.application, call, note)


async def _choosing(request: Request, draft: StoredDraft, snapshot: Snapshot) -> Block:
    acts = await acts_for(request, [snapshot])
    if not acts:
        nothing = _("There are no actions for this application. An admin can save one with `/clust actions`.")
        return outcome_view(TITLE, plain_answer(nothing))
    return choose_form(draft.id, snapshot.application, [Choice(act.key, _(act.title)) for act in acts])


async def _plan(request: Request, draft: StoredDraft) -> _Plan:
    """Return what a draft is about. Raises BotError if that can't be done any more, or not by this person."""
    typed = _typed(draft)
    act = await act_with(request, typed.get("action", ""))
    snapshot = await known_application(request, str(draft.target))
    values = read(act.asks, typed).model_dump() if act.asks else {}
    return _Plan(draft, act, snapshot, values)


async def _run(request: Request, plan: _Plan, view_id: str) -> Mapping[str, Any]:
    """Send a draft once. The result comes in the acknowledgement, or later in the view (rule M1)."""
    title = plan.act.title
    if not await request.services.store.drafts.begin_sending(plan.draft.id, request.now, view_id):
        return _update(outcome_view(title, plain_answer(_(SENT))))
    outcome = await outcome_in_time(request, view_id, title, _outcome(request, plan), plan.draft.id)
    return _update(outcome.view if outcome else running_action(title))


async def _outcome(request: Request, plan: _Plan) -> FormResult:
    """Return the result. If it failed for certain, the window comes back with what was typed."""
    drafts, act, application = request.services.store.drafts, plan.act, plan.snapshot.application
    try:
        done = await act.perform(request, plan.snapshot, plan.values)
    except ClustOutcomeUnknown as error:
        await drafts.unknown(plan.draft.id)
        again = _("We haven't retried. Look at the application before you try again.")
        return form_result(act.title, action_failed(act.title, application, f"{error.sentence} {again}"))
    except BotError as error:
        await drafts.reopen(plan.draft.id)
        view = await _asking(request, plan.draft, error.sentence)
        message = resume(plan.draft.id, error.sentence)
        return FormResult(notified_on_close(view), message) if view else form_result(act.title, message)
    await drafts.done(plan.draft.id, application.id)
    after, status_class = application, plan.snapshot.status_class
    if done.fresh:
        after = application.merged(done.fresh, is_single=True)
        status_class = classify(after, await request.rules(), status_class)
    return form_result(act.title, action_done(act.title, after, status_class, done.sentence, done.body, request.role))


async def known_application(request: Request, application_id: str) -> Snapshot:
    """Return an application as it was last seen. Raises UsageError if there is none any more."""
    snapshot = await request.services.store.applications.get(request.account.id, application_id)
    if snapshot is None:
        raise UsageError(_("I haven't seen application `{id}` yet.", id=application_id[:60]))
    if snapshot.gone:
        raise UsageError(_("Application `{id}` is no longer in Clust. Nothing was sent.", id=application_id[:60]))
    return snapshot


async def _draft(request: Request, draft_id: str) -> StoredDraft:
    """Return the person's own draft. Raises UsageError for any other: an id in a view proves nothing."""
    draft = await request.services.store.drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.ACTION or draft.connection_id != request.account.id:
        raise UsageError(_(OLD))
    return draft


async def _open_draft(request: Request, application_id: str) -> StoredDraft:
    return await request.services.store.drafts.open(
        request.team_id,
        request.user_id,
        ids.ACTION,
        request.account.id,
        request.now,
        target=application_id,
        contents=DraftContents(request.channel_id),
    )


async def _keep(request: Request, draft: StoredDraft, values: Mapping[str, Any]) -> StoredDraft:
    """Add to what a draft knows. Raises UsageError if it was sent already."""
    contents = replace(draft.contents, typed={**_typed(draft), **values})
    if not await request.services.store.drafts.keep(draft.id, contents, request.now):
        raise UsageError(_(SENT))
    return replace(draft, contents=contents)


def _typed(draft: StoredDraft) -> dict[str, Any]:
    return dict(draft.contents.typed or {})


def _digest(call: ConsoleCall | None) -> str:
    """Return a hash of what is sent."""
    return hashlib.sha256((console_request.request_text(call) if call else "").encode()).hexdigest()[:16]


def _errors(model: type[Form], view: OpenView, error: UsageError) -> Mapping[str, Any]:
    """Show mistakes below their fields, and any other sentence below the first one."""
    mistakes = error.fields if isinstance(error, Mistakes) else {"": error.sentence}
    return {"response_action": "errors", "errors": errors_of(model, view.entered, mistakes)}


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
