"""Do something with applications: by `do`, *More actions…*, a pinned button, or *Act on these…* in a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.applications.triggers import Snapshot
from bot.core.errors import UsageError
from bot.core.forms.action_forms import ActOnManyForm, ChooseActionForm
from bot.core.forms.fields import Choice
from bot.core.forms.validation import Form, Mistakes, read
from bot.core.language import _
from bot.slack.listeners.actions.action_drafts import (
    CHANGED,
    TITLE,
    asking,
    check_fit,
    choosing,
    digest,
    keep,
    known_application,
    open_draft,
    own_draft,
    plan_of,
    typed_in,
)
from bot.slack.listeners.actions.available import act_with, acts_for, key_of
from bot.slack.listeners.actions.execution import outcome, run
from bot.slack.listeners.actions.saved import act_of
from bot.slack.listeners.applications.lookup import PageWanted, first_matching
from bot.slack.listeners.modals import carry_out_in, say_in_window, window
from bot.slack.request.command_arguments import read_target
from bot.slack.request.command_line import CommandLine, pointing_at
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.applications.saved_actions import choose_many_form
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.form_elements import MAX_OPTIONS
from bot.slack.views.building.forms import errors_of, values_of
from bot.store.people.form_drafts import StoredDraft


async def do(request: Request, line: CommandLine) -> None:
    """Answer `do ID [ACTION]`, where the action is a saved or a built-in one. Raises UsageError."""
    application_id, words = read_target(line)
    if not words:
        await choose(request, application_id)
        return
    with pointing_at(line.words[:1]):  # first: of `do close 123`, the number is what is wrong
        await known_application(request, application_id)
    with pointing_at(words):
        key = await key_of(request, line.typed(words))
    await _begin(request, key, application_id)


async def choose(request: Request, application_id: str) -> None:
    """Open the window that asks what to do with an application."""
    await say_in_window(request, await chooser(request, application_id))


async def chooser(request: Request, application_id: str) -> Block:
    """Return the window that asks what to do with an application. Raises UsageError if there is none."""
    snapshot = await known_application(request, application_id)
    return await choosing(request, await open_draft(request, application_id), snapshot)


async def choose_from_list(request: Request, value: str) -> None:
    """Open the window that asks what to do with which applications of a list."""
    position = PageWanted.from_button(value)
    most = min(MAX_OPTIONS, position.limit or MAX_OPTIONS)
    snapshots = await first_matching(request, position.filter_text, most)
    acts = await acts_for(request, [])
    if not snapshots or not acts:
        nothing = (
            _("There are no actions for these applications. An admin can save one with `/clust actions`.")
            if snapshots
            else _("No applications match.")
        )
        await say_in_window(request, outcome_view(TITLE, plain_answer(nothing)))
        return
    draft = await open_draft(request, None)
    choices = [Choice(act.key, act.title) for act in acts]
    await say_in_window(request, choose_many_form(draft.id, [_choice(each) for each in snapshots], choices))


async def use(request: Request, value: str) -> None:
    """Begin what a button names: an action, as it is now, and the application.

    Raises UsageError if the action is gone, or the button is from another version of the bot.
    """
    action_id, _space, application_id = value.partition(" ")
    if not action_id.isdecimal():
        raise UsageError(_(CHANGED))
    stored = await request.services.store.saved_actions.get(request.account.id, int(action_id))
    await _begin(request, act_of(stored).key, application_id)


async def submit_choice(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Go on with the act that was chosen."""
    draft = await own_draft(request, view.metadata)
    try:
        key = read(ChooseActionForm, values_of(ChooseActionForm, view.entered)).action
        draft = await keep(request, draft, {"action": key})
        return await _next(request, draft, view.id)
    except UsageError as error:
        return _errors(ChooseActionForm, view, error)


async def submit_list(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Go on with the act and the applications that were chosen."""
    draft = await own_draft(request, view.metadata)
    try:
        chosen = read(ActOnManyForm, values_of(ActOnManyForm, view.entered))
        draft = await keep(request, draft, {"action": chosen.action, "applications": list(chosen.applications)})
        return await _next(request, draft, view.id)
    except UsageError as error:
        return _errors(ActOnManyForm, view, error)


async def submit_values(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Go on with what was entered: show exactly what will be sent, or send it if the act doesn't ask first.

    Raises UsageError if the act is no longer the same.
    """
    draft = await own_draft(request, view.metadata)
    act = await act_with(request, typed_in(draft).get("action", ""))
    if act.asks is None:
        raise UsageError(_(CHANGED))
    try:
        typed = values_of(act.asks, view.entered)
        draft = await keep(request, draft, typed)
        read(act.asks, typed)
        return await _next(request, draft, view.id)
    except UsageError as error:
        return _errors(act.asks, view, error)


async def confirm(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Send what was confirmed. It is computed again from the draft.

    Raises UsageError if it is no longer what was shown.
    """
    draft_id, _space, confirmed_digest = view.metadata.partition(" ")
    plan = await plan_of(request, await own_draft(request, draft_id))
    check_fit(plan.act, plan.snapshots)
    if digest(await plan.calls(request)) != confirmed_digest:
        raise UsageError(_(CHANGED))
    return await run(request, plan, view.id)


async def resumed(request: Request, draft: StoredDraft) -> Block:
    """Return the window of a draft that wasn't sent."""
    return await asking(request, draft) or outcome_view(TITLE, plain_answer(_(CHANGED)))


async def _begin(request: Request, key: str, application_id: str) -> None:
    """Open the first window of an act, or do it at once if it asks nothing."""
    draft = await keep(request, await open_draft(request, application_id), {"action": key})
    if view := await asking(request, draft):
        await say_in_window(request, view)
        return
    plan = await plan_of(request, draft)
    view_id = await window(request, plan.act.title)
    if await request.services.store.form_drafts.begin_sending(draft.id, request.now, view_id):
        await carry_out_in(request, view_id, plan.act.title, outcome(request, plan), draft.id)


async def _next(request: Request, draft: StoredDraft, view_id: str) -> Mapping[str, Any]:
    if view := await asking(request, draft):
        return {"response_action": "update", "view": view}
    return await run(request, await plan_of(request, draft), view_id)


def _choice(snapshot: Snapshot) -> Choice:
    application = snapshot.application
    return Choice(application.id, f"{facts.title(application)} ({application.id})", facts.recipient(application))


def _errors(model: type[Form], view: OpenView, error: UsageError) -> Mapping[str, Any]:
    """Show mistakes below their fields, and any other sentence below the first one."""
    mistakes = error.fields if isinstance(error, Mistakes) else {"": error.sentence}
    return {"response_action": "errors", "errors": errors_of(model, view.entered, mistakes)}
