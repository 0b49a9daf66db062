"""Carry out an act, once (rule M2): on one application, or on several, one after the other.

With several, the window shows how far it has come, and so does the draft: whatever happens to the window or to this
process, the person gets a message with what was done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.core.applications.status_rules import classify
from bot.core.applications.triggers import Snapshot
from bot.core.errors import BotError, ClustBusy, ClustOutcomeUnknown, DeliveryError
from bot.core.language import N_, _
from bot.slack.listeners import modals
from bot.slack.listeners.actions.action_drafts import SENT, ActPlan, asking, own_draft, typed_in
from bot.slack.listeners.modals import FormResult, form_result, outcome_in_time, redraw, show
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view, resume
from bot.slack.views.applications.saved_actions import (
    ActResult,
    action_done,
    action_failed,
    many_done,
    many_running,
    many_stopping,
    running_action,
)
from bot.slack.views.building.blocks import Block, notified_on_close

NOT_RETRIED = N_("I haven't retried. Look at the application before you try again.")
SHUT_DOWN = N_("Not done, because I'm restarting.")
STOPPED = N_("Not done, because you clicked Stop.")

MAX_TRIES = 3
"""Of one call that Clust answers with 429, which means that it wasn't carried out."""

MAX_WAIT_SECONDS = 120.0
"""The longest `Retry-After` that is waited for."""

USUAL_WAIT_SECONDS = 5.0
"""The wait after a 429 that names none."""

SLICE_SECONDS = 5.0
"""While it waits, the draft is marked this often as being on its way, and it is seen whether the person stopped it."""


async def run(request: Request, plan: ActPlan, view_id: str) -> Mapping[str, Any]:
    """Send a draft once. The result comes in the acknowledgement, or later in the view (rule M1)."""
    title = plan.act.title
    if not await request.services.store.form_drafts.begin_sending(plan.draft.id, request.now, view_id):
        return {"response_action": "update", "view": outcome_view(title, plain_answer(_(SENT)))}
    request = request.within(plan.draft.contents.channel)
    work = outcome(request, plan) if len(plan.snapshots) == 1 else _outcomes(request, plan, view_id)
    result = await outcome_in_time(request, view_id, title, work, plan.draft.id)
    return {"response_action": "update", "view": result.view if result else _running(plan)}


async def outcome(request: Request, plan: ActPlan) -> FormResult:
    """Do it with one application. If it failed for certain, the window comes back with what was typed."""
    drafts, act, snapshot = request.services.store.form_drafts, plan.act, plan.snapshots[0]
    application = snapshot.application
    try:
        done = await act.perform(request, snapshot, plan.values)
    except ClustOutcomeUnknown as error:
        await drafts.unknown(plan.draft.id)
        return form_result(act.title, action_failed(act.title, application, f"{error.sentence} {_(NOT_RETRIED)}"))
    except BotError as error:
        await drafts.reopen(plan.draft.id)
        view = await asking(request, plan.draft, error.sentence)
        message = resume(plan.draft.id, error.sentence)
        return FormResult(notified_on_close(view), message) if view else form_result(act.title, message)
    await drafts.done(plan.draft.id, application.id)
    status_class = snapshot.status_class
    if done.fresh:
        application = application.merged(done.fresh, is_single=True)
        status_class = classify(application, await request.rules(), status_class)
    how = {"is_gone": done.is_gone, "assigned": snapshot.assignee is not None}
    words = action_done(act.title, application, status_class, done.sentence, done.body, request.role, **how)
    return form_result(act.title, words)


async def _outcomes(request: Request, plan: ActPlan, view_id: str) -> FormResult:
    """Do it with each application, until the person stops it. A refusal and a closed window stop nothing."""
    results: list[ActResult] = []
    loop = asyncio.get_running_loop()
    # An earlier update of the view would be overwritten by the acknowledgement.
    next_look = loop.time() + modals.PATIENCE_SECONDS + modals.SETTLING_SECONDS
    try:
        for snapshot in plan.snapshots:
            results.append(await _one(request, plan, snapshot, results))
            if not await _advance(request, plan, results):
                break
            if loop.time() >= next_look and len(results) < len(plan.snapshots):
                next_look = loop.time() + modals.SETTLING_SECONDS
                await _show_progress(request, plan, view_id, results)
    except asyncio.CancelledError:  # the bot is being stopped: the person learns what was done
        await request.services.store.form_drafts.unknown(plan.draft.id)
        return form_result(plan.act.title, many_done(plan.act.title, [*results, *_cut_off(plan, len(results))]))
    await request.services.store.form_drafts.done(plan.draft.id, None)
    rest = [ActResult(each.application, _(STOPPED), is_done=False) for each in plan.snapshots[len(results) :]]
    return form_result(plan.act.title, many_done(plan.act.title, [*results, *rest]))


async def stop(request: Request, draft_id: str) -> None:
    """Stop an act on several applications after the call that is on its way. Its result comes as usual."""
    draft = await own_draft(request, draft_id)
    # Drawn first: what comes after it is the result, which this must not replace.
    await redraw(request, many_stopping())
    await request.services.store.form_drafts.stop(draft.id)


def _cut_off(plan: ActPlan, finished: int) -> Iterator[ActResult]:
    """Yield how it went with those that were left: the first was perhaps on its way, the others weren't sent."""
    for number, snapshot in enumerate(plan.snapshots[finished:]):
        sentence = _(SHUT_DOWN) if number else f"{ClustOutcomeUnknown().sentence} {_(NOT_RETRIED)}"
        yield ActResult(snapshot.application, sentence, is_done=False)


async def _one(request: Request, plan: ActPlan, snapshot: Snapshot, results: Sequence[ActResult]) -> ActResult:
    """Do it with one of several applications, and wait where Clust asks to. Returns how it went."""
    tries = 0
    while True:
        tries += 1
        try:
            done = await plan.act.perform(request, snapshot, plan.values)
        except ClustOutcomeUnknown as error:
            return ActResult(snapshot.application, f"{error.sentence} {_(NOT_RETRIED)}", is_done=False)
        except ClustBusy as error:
            seconds = USUAL_WAIT_SECONDS if error.retry_after is None else error.retry_after
            if tries == MAX_TRIES or seconds > MAX_WAIT_SECONDS:
                return ActResult(snapshot.application, error.sentence, is_done=False)
            if not await _wait(request, plan, results, seconds):
                return ActResult(snapshot.application, _(STOPPED), is_done=False)
        except BotError as error:
            return ActResult(snapshot.application, error.sentence, is_done=False)
        else:
            return ActResult(snapshot.application, done.sentence, is_done=True)


async def _wait(request: Request, plan: ActPlan, results: Sequence[ActResult], seconds: float) -> bool:
    """Wait. Returns False if the person has stopped it."""
    while seconds > 0:
        await asyncio.sleep(min(seconds, SLICE_SECONDS))
        seconds -= SLICE_SECONDS
        if not await _advance(request, plan, results):
            return False
    return True


async def _advance(request: Request, plan: ActPlan, results: Sequence[ActResult]) -> bool:
    """Keep how far it has come, so that another process can bring the result (see `FormDrafts.advance`)."""
    done = [each.application.id for each in results if each.is_done]
    contents = replace(plan.draft.contents, typed={**typed_in(plan.draft), "done": done})
    return await request.services.store.form_drafts.advance(plan.draft.id, contents, request.now)


async def _show_progress(request: Request, plan: ActPlan, view_id: str, results: Sequence[ActResult]) -> None:
    with suppress(DeliveryError):  # the result comes all the same
        await show(request, view_id, _many_running(plan, len(results)))


def _running(plan: ActPlan) -> Block:
    return running_action(plan.act.title) if len(plan.snapshots) == 1 else _many_running(plan, 0)


def _many_running(plan: ActPlan, done: int) -> Block:
    return many_running(plan.act.title, done, len(plan.snapshots), plan.draft.id)
