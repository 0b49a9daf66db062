"""The draft of an act: what it is about, and which window asks next what is still missing.

A window asks what to do, then what that needs, then shows exactly what will be sent. Each window replaces the one
before. All of it is computed again from the draft at each step, never taken from a view.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.applications.triggers import Snapshot
from bot.core.errors import UsageError
from bot.core.forms import console_request
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.fields import Choice
from bot.core.forms.validation import Mistakes, read
from bot.core.language import N_, _
from bot.slack.listeners.actions.act import Act
from bot.slack.listeners.actions.available import act_with, acts_for
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.applications.saved_actions import ask_form, choose_form, confirm_action
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block
from bot.store.people.draft_contents import DraftContents
from bot.store.people.form_drafts import StoredDraft

TITLE = N_("More actions")
OLD = N_("That window is more than a day old or isn't yours. Open it again.")
SENT = N_("This was already sent and won't be sent twice. You'll see the result where you first sent it.")
MAX_UNFIT_NAMED = 3
"""Applications that are named if an act isn't for them."""

CHANGED = N_("Something has changed since you opened this. Nothing was sent. Open it again.")


@dataclass(frozen=True, slots=True)
class ActPlan:
    """What a draft is about: the act, the applications, and the checked values that it needs."""

    draft: StoredDraft
    act: Act
    snapshots: tuple[Snapshot, ...]
    values: Mapping[str, Any]

    async def calls(self, request: Request) -> list[ConsoleCall]:
        """Return what it sends, one call for each application. Raises UsageError if a value is missing."""
        call = self.act.call
        return [await call(request, each.application, self.values) for each in self.snapshots] if call else []


async def asking(request: Request, draft: StoredDraft, note: str = "") -> Block | None:
    """Return the next window of a draft, None if there is nothing left to ask. Raises BotError.

    With a `note`, because it failed, the last window is shown again, whatever the application's status is by then.
    """
    typed, snapshots = typed_in(draft), await applications_of(request, draft)
    first = snapshots[0]
    if "action" not in typed:
        return await choosing(request, draft, first)
    act = await act_with(request, typed["action"])
    if not note:
        check_fit(act, snapshots)
    applications = [each.application for each in snapshots]
    if act.asks and (not typed.keys() & act.asks.model_fields.keys() or (note and act.is_quick)):
        forgetful = not request.services.store.form_drafts.outlives_the_process
        how = {"is_quick": act.is_quick and len(snapshots) == 1, "forgetful": forgetful}
        return ask_form(draft.id, act.title, act.asks, applications, typed, note, **how)
    plan = await plan_of(request, draft)
    calls = await plan.calls(request)
    if act.is_quick and not note and len(snapshots) == 1:
        return None
    return confirm_action(f"{draft.id} {digest(calls)}", act.title, applications, calls[0] if calls else None, note)


async def choosing(request: Request, draft: StoredDraft, snapshot: Snapshot) -> Block:
    """Return the window that asks what to do with one application."""
    acts = await acts_for(request, [snapshot])
    if not acts:
        nothing = _("There are no actions for this application. An admin can save one with `/clust actions`.")
        return outcome_view(TITLE, plain_answer(nothing))
    return choose_form(draft.id, snapshot.application, [Choice(act.key, act.title) for act in acts])


async def plan_of(request: Request, draft: StoredDraft) -> ActPlan:
    """Return what a draft is about. Raises BotError if that can't be done any more, or not by this person."""
    typed = typed_in(draft)
    act = await act_with(request, typed.get("action", ""))
    snapshots = await applications_of(request, draft)
    values = read(act.asks, typed).model_dump() if act.asks else {}
    return ActPlan(draft, act, snapshots, values)


def check_fit(act: Act, snapshots: Sequence[Snapshot]) -> None:
    """Raise Mistakes if the act isn't for the status classes of these applications."""
    if unfit := [facts.title(each.application) for each in snapshots if not act.fits(each)]:
        names = ", ".join(unfit[:MAX_UNFIT_NAMED])
        raise Mistakes({"action": _("“{action}” isn't available for {names}.", action=act.title, names=names)})


async def applications_of(request: Request, draft: StoredDraft) -> tuple[Snapshot, ...]:
    """Return the applications that a draft is about, one or several. Raises UsageError if one is gone."""
    chosen = [draft.target] if draft.target else typed_in(draft).get("applications", ())
    if not chosen:
        raise UsageError(_(CHANGED))
    return tuple([await known_application(request, str(each)) for each in chosen])


async def known_application(request: Request, application_id: str) -> Snapshot:
    """Return an application as it was last seen. Raises UsageError if there is none any more."""
    snapshot = await request.services.store.applications.get(request.account.id, application_id)
    if snapshot is None:
        raise UsageError(
            _(
                "I haven't seen application `{id}` yet. Check its number, or try again in a minute.",
                id=application_id[:60],
            )
        )
    if snapshot.gone:
        raise UsageError(_("Application `{id}` is no longer in Clust. Nothing was sent.", id=application_id[:60]))
    return snapshot


async def own_draft(request: Request, draft_id: str) -> StoredDraft:
    """Return the person's own draft. Raises UsageError for any other: an id in a view proves nothing."""
    draft = await request.services.store.form_drafts.get(draft_id, request.team_id, request.user_id, request.now)
    if draft is None or draft.form != ids.ACTION or draft.connection_id != request.account.id:
        raise UsageError(_(OLD))
    return draft


async def open_draft(request: Request, application_id: str | None) -> StoredDraft:
    """Make the draft of an act on one application. None means several, which are chosen in its window."""
    return await request.services.store.form_drafts.open(
        request.team_id,
        request.user_id,
        ids.ACTION,
        request.account.id,
        request.now,
        target=application_id,
        contents=DraftContents(request.channel_id),
    )


async def keep(request: Request, draft: StoredDraft, values: Mapping[str, Any]) -> StoredDraft:
    """Add to what a draft holds. Raises UsageError if it was sent already."""
    contents = replace(draft.contents, typed={**typed_in(draft), **values})
    if not await request.services.store.form_drafts.keep(draft.id, contents, request.now):
        raise UsageError(_(SENT))
    return replace(draft, contents=contents)


def typed_in(draft: StoredDraft) -> dict[str, Any]:
    """Return what a draft holds."""
    return dict(draft.contents.typed or {})


def digest(calls: list[ConsoleCall]) -> str:
    """Return a hash of what is sent."""
    text = "\n\n".join(console_request.request_text(call) for call in calls)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
