"""The forms that create and update applications: open, fill in, submit (rules M1 to M3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.clust import values_of as values_in
from bot.clust.protocol import application_of
from bot.core.errors import ClustError, ClustNotFound, UsageError
from bot.core.forms.application_forms import CreateForm, UpdateForm
from bot.core.forms.validation import Mistakes, asked_of, read
from bot.core.language import N_, _
from bot.slack.listeners.applications.creating import TITLE, create_view, look_for, send_new
from bot.slack.listeners.applications.lookup import is_stored
from bot.slack.listeners.applications.stale_cards import refreshed
from bot.slack.listeners.applications.updating import UPDATE_TITLE, ConflictChoice, send_changes, update_view
from bot.slack.listeners.draft_offers import summary_of
from bot.slack.listeners.modals import (
    ClickAnswer,
    FormResult,
    carry_out,
    clicked_view,
    form_result,
    outcome_in_time,
    redraw,
    show,
    window,
)
from bot.slack.request.command_arguments import read_title
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.details import REFRESHED
from bot.slack.views.applications.form_outcomes import gone_already, outcome_view, saving_view
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.slack.views.building.form_elements import matching_options
from bot.slack.views.building.forms import errors_of, failed_view, values_of
from bot.slack.views.form_drafts import uncertain
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import DraftState, StoredDraft


@dataclass(frozen=True, slots=True)
class WriteForm:
    """One form: its title, its model, its view with what was typed, and what sends it."""

    title: str
    model: type[UpdateForm]
    view: Callable[..., Awaitable[Block]]
    send: Callable[[Request, StoredDraft, Any], Coroutine[Any, Any, FormResult]]


FORMS: Mapping[str, WriteForm] = {
    ids.CREATE: WriteForm(TITLE, CreateForm, create_view, send_new),
    ids.UPDATE: WriteForm(UPDATE_TITLE, UpdateForm, update_view, send_changes),
}


NOT_YOURS = N_("That form is more than a day old or isn't yours. Open it again.")
NOT_YET = N_("I'm still loading this account's templates. Submit again in a moment.")


async def create(request: Request, line: CommandLine) -> None:
    """Answer `create [title]`. The form opens at once and is filled in when Clust responds."""
    await _open(request, ids.CREATE, start={"title": read_title(line)})


async def create_by_button(request: Request, _value: str) -> None:
    """Open the form of a new application."""
    await _open(request, ids.CREATE)


async def update(request: Request, application_id: str) -> None:
    """Open the form of an application, filled in from Clust's present data (rule L1)."""
    await _open(request, ids.UPDATE, application_id)


async def retry(request: Request, draft_id: str) -> None:
    """Ask Clust again for what a form needs. It begins as it was to begin, in the place where it was first opened."""
    draft = await own_draft(request, draft_id)
    begun = draft.contents
    await _open(request.within(begun.channel), draft.form, draft.target or "", begun.start)
    await request.services.store.form_drafts.discard(draft.id, request.team_id, request.user_id)


async def templates(request: Request, typed: str) -> Sequence[Block]:
    """Search the templates, if there are more than one select holds."""
    return matching_options(
        asked_of(CreateForm)["template_id"], await request.services.templates.choices(request.account), typed
    )


async def choose(request: Request, view: OpenView) -> None:
    """Redraw the form after a choice of a field or account that others depend on. What was typed stays.

    The draft of a new application moves to the account that was chosen.
    """
    writing = FORMS.get(view.callback_id or "")
    if writing and view.is_window:
        draft = await own_draft(request, view.metadata, anywhere=True)
        typed = values_of(writing.model, view.entered)
        if draft.connection_id != request.account.id:
            typed["template_id"] = None  # the other account has templates of its own
            if draft.form != ids.CREATE or not await request.services.store.form_drafts.move(
                draft.id, request.account.id
            ):
                return
        await redraw(request, await writing.view(request, _with(draft, typed)))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Validate a submitted form, store it in its draft, and send it once (rules M1, M2)."""
    form = view.callback_id or ""
    writing, entered, drafts = FORMS[form], view.entered, request.services.store.form_drafts
    draft = await own_draft(request, view.metadata, form)
    typed = values_of(writing.model, entered)
    draft = _with(draft, typed)
    if draft.state == DraftState.UNKNOWN and form == ids.UPDATE and await drafts.retry_unknown(draft.id, request.now):
        await drafts.withdraw(draft.id)  # an update may be sent again: what Clust took already is not changed twice
    await drafts.keep(draft.id, draft.contents, request.now, view.id)
    try:
        filled_in = read(writing.model, typed)
    except Mistakes as mistakes:
        return {"response_action": "errors", "errors": errors_of(writing.model, entered, mistakes.fields)}
    if typed.get("connection") not in {None, str(request.account.id)}:
        return {"response_action": "errors", "errors": errors_of(writing.model, entered, {"connection": _(NOT_YET)})}
    if not await drafts.begin_sending(draft.id, request.now, view.id):
        return _update((await as_it_stands(request, draft, writing.title)).view)
    work = writing.send(request, draft, filled_in)
    outcome = await outcome_in_time(request, view.id, writing.title, work, draft.id)
    if outcome is None:
        return _update(saving_view(writing.title))
    if errors := errors_of(writing.model, entered, outcome.mistakes):
        return {"response_action": "errors", "errors": errors}
    return _update(outcome.view)


async def check(request: Request, draft_id: str) -> ClickAnswer | None:
    """Check whether an application was created after an unknown outcome (rule M1)."""
    draft = await own_draft(request, draft_id, ids.CREATE)
    work = look_for(request, draft) if draft.state == DraftState.UNKNOWN else as_it_stands(request, draft, TITLE)
    return await carry_out(request, TITLE, work)


async def send_again(request: Request, draft_id: str) -> ClickAnswer | None:
    """Send once more what Clust doesn't have, because the person asked to."""
    draft = await own_draft(request, draft_id, ids.CREATE)
    if not await request.services.store.form_drafts.retry_unknown(draft.id, request.now, clicked_view(request)):
        return await carry_out(request, TITLE, as_it_stands(request, draft, TITLE))
    work = send_new(request, draft, read(CreateForm, draft.contents.typed or {}))
    return await carry_out(request, TITLE, work, draft.id)


async def overwrite(request: Request, draft_id: str) -> ClickAnswer | None:
    """Send all of the person's changes, whatever others have changed since then (rule M3)."""
    return await _settle(request, draft_id, ConflictChoice.OVERWRITE)


async def keep_theirs(request: Request, draft_id: str) -> ClickAnswer | None:
    """Send the person's changes, except for fields that others changed too (rule M3)."""
    return await _settle(request, draft_id, ConflictChoice.KEEP)


async def _settle(request: Request, draft_id: str, choice: ConflictChoice) -> ClickAnswer | None:
    draft = await own_draft(request, draft_id, ids.UPDATE)
    if not await request.services.store.form_drafts.begin_sending(draft.id, request.now, clicked_view(request)):
        return await carry_out(request, UPDATE_TITLE, as_it_stands(request, draft, UPDATE_TITLE))
    filled_in = read(UpdateForm, draft.contents.typed or {})
    return await carry_out(request, UPDATE_TITLE, send_changes(request, draft, filled_in, choice), draft.id)


async def _open(request: Request, form: str, application_id: str = "", start: Mapping[str, Any] | None = None) -> None:
    """Open a form. The window comes first: its trigger expires after three seconds, whatever Clust does."""
    view_id = await window(request, FORMS[form].title)
    await show(request, view_id, await new_form(request, form, application_id, start))


async def new_form(
    request: Request, form: str, application_id: str = "", start: Mapping[str, Any] | None = None
) -> Block:
    """Return a form with its draft, filled in from Clust, or why it can't be, with *Try again*.

    `start` are values to begin with, of an application that is to be created.
    """
    services, writing = request.services, FORMS[form]
    contents = DraftContents(request.channel_id, start)
    raw: Mapping[str, Any] | None = None
    try:
        if application_id:
            raw, _templates = await asyncio.gather(
                request.account.clust.raw_application(application_id), services.templates.choices(request.account)
            )
            contents = replace(contents, opened=values_in(raw))
        else:
            await services.templates.choices(request.account)
    except ClustNotFound:
        was_stored = await is_stored(request, application_id)
        return outcome_view(writing.title, gone_already(application_id, was_stored=was_stored))
    except ClustError as error:
        waiting = await _new_draft(request, form, application_id, contents)
        return failed_view(writing.title, error.sentence, waiting.id)
    draft = await _new_draft(request, form, application_id, contents)
    outdated = raw is not None and await refreshed(request, application_of(raw))
    return await writing.view(request, draft, note=_(REFRESHED) if outdated else "")


async def _new_draft(request: Request, form: str, application_id: str, contents: DraftContents) -> StoredDraft:
    return await request.services.store.form_drafts.open(
        request.team_id,
        request.user_id,
        form,
        request.account.id,
        request.now,
        target=application_id or None,
        contents=contents,
    )


async def own_draft(request: Request, draft_id: str, form: str = "", *, anywhere: bool = False) -> StoredDraft:
    """Return a person's own draft. Raises UsageError for any other: an id in a view or button proves nothing.

    Unless `anywhere`, it must be about the account of the request.
    """
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form not in FORMS or (form and draft.form != form):
        raise UsageError(_(NOT_YOURS))
    if not anywhere and draft.connection_id != request.account.id:
        raise UsageError(_(NOT_YOURS))
    return draft


async def as_it_stands(request: Request, draft: StoredDraft, title: str) -> FormResult:
    """Return the result of a draft that was sent before. Nothing is sent twice (rule M2)."""
    now = await request.services.store.form_drafts.get(draft.id, request.team_id, request.user_id, request.now) or draft
    if now.state == DraftState.UNKNOWN:
        return form_result(title, uncertain(summary_of(now)), unfinished=True)
    if now.state == DraftState.DONE:
        sent = (
            _("This form was already sent for application `{id}`.", id=now.result)
            if now.result
            else _("This form was already sent.")
        )
        return form_result(title, plain_answer(sent))
    return form_result(
        title, plain_answer(_("This form is already being sent. You'll see the result where you first sent it."))
    )


def _with(draft: StoredDraft, typed: Mapping[str, Any]) -> StoredDraft:
    return replace(draft, contents=replace(draft.contents, typed=typed))


def _update(view: Block) -> Mapping[str, Any]:
    return {"response_action": "update", "view": view}
