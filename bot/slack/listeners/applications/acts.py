"""What can be done with applications in the *More actions…* window, with one or several: built in, or saved.

`BUILT_IN` has one row for each built-in act. A saved action becomes an act by `act_of`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog

from bot.clust.console_call import response_words
from bot.core.applications.model import Application
from bot.core.applications.triggers import Snapshot
from bot.core.errors import BotError, ClustError, ClustOutcomeUnknown, UsageError
from bot.core.forms import console_request
from bot.core.forms.action_forms import ASKED
from bot.core.forms.console_request import ConsoleCall
from bot.core.forms.validation import Form
from bot.core.language import _
from bot.core.permissions import Role
from bot.core.saved_actions.placeholders import Use
from bot.core.saved_actions.saved_action import Readiness, StoredAction
from bot.slack.listeners.applications.creating import how_it_failed
from bot.slack.listeners.applications.stale_cards import redraw_all
from bot.slack.request.services import Request
from bot.store.clust.saved_actions import CHANGED
from bot.store.people.audit import FAILED, OK, UNKNOWN, called

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """How an act went: a sentence, the answer to a GET, and the application as Clust has it now, if that is known."""

    sentence: str = ""
    body: str = ""
    fresh: Application | None = None


Perform = Callable[[Request, Snapshot, Mapping[str, Any]], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done with an application.

    `key` names it in a select and in a draft. `asks` is the form of what it needs. `perform` does it with the checked
    values of that form, and raises BotError. `call` is what it sends, None if it isn't a saved action. `is_quick`: it
    is done without a question.
    """

    key: str
    title: str
    role: Role
    perform: Perform
    fits: Callable[[Snapshot], bool]
    asks: type[Form] | None = None
    call: Callable[[Request, Application, Mapping[str, Any]], Awaitable[ConsoleCall]] | None = None
    is_quick: bool = False


async def acts_for(request: Request, snapshots: Sequence[Snapshot]) -> list[Act]:
    """Return what the person can do with all of these applications, saved actions first."""
    stored = await request.services.store.actions.of(request.account.id)
    every = [act_of(each) for each in stored if each.is_ready or _can_try(request, each)]
    return [act for act in every if request.role >= act.role and all(act.fits(each) for each in snapshots)]


async def act_with(request: Request, key: str) -> Act:
    """Return the act with a key, if it is still the same and can be used.

    Raises UsageError, and NotAllowed if the person's role is too low (rule W1).
    """
    action_id, _dot, revision = key.partition(".")
    if not (action_id.isdecimal() and revision.isdecimal()):
        raise UsageError(_(CHANGED))
    stored = await request.services.store.actions.get(request.account.id, int(action_id), int(revision))
    act = act_of(stored)
    await request.needs(act.role)
    if stored.readiness is Readiness.RESTING:
        raise UsageError(
            _(
                "“{name}” is paused because the address of this Clust account has changed. An admin can confirm it "
                "with `/clust actions`.",
                name=stored.action.name,
            )
        )
    if stored.readiness is Readiness.UNTRIED and not _can_try(request, stored):
        raise UsageError(
            _("“{name}” was imported and hasn't been tried yet. An admin has to use it first.", name=stored.action.name)
        )
    return act


def act_of(stored: StoredAction) -> Act:
    """Return a saved action as an act."""
    action = stored.action

    async def call(request: Request, application: Application, values: Mapping[str, Any]) -> ConsoleCall:
        return action.request.filled(await _use(request, application, values))

    async def perform(request: Request, snapshot: Snapshot, values: Mapping[str, Any]) -> Done:
        return await _send(request, stored, snapshot.application, await call(request, snapshot.application, values))

    return Act(
        key=f"{stored.id}.{stored.revision}",
        title=action.name,
        role=action.role,
        perform=perform,
        fits=lambda snapshot: action.fits(snapshot.status_class),
        asks=ASKED.get(action.request.asks),
        call=call,
        is_quick=not action.asks_first,
    )


def _can_try(request: Request, stored: StoredAction) -> bool:
    return stored.readiness is Readiness.UNTRIED and request.role is Role.ADMIN


async def _use(request: Request, application: Application, values: Mapping[str, Any]) -> Use:
    user = (await request.asker.standing()).user
    day = values.get("date")
    return Use(
        application,
        user.name or request.user_id,
        str(values.get("text") or ""),
        day.isoformat() if isinstance(day, date) else "",
    )


async def _send(request: Request, stored: StoredAction, application: Application, call: ConsoleCall) -> Done:
    """Send a saved action's call once, and write it into the audit log, as it was saved: never what was filled in."""
    action, outcome, account = stored.action, FAILED, request.account
    try:
        answer = await account.clust.call(call.method, call.path, call.query, call.headers, call.body)
        words = response_words(answer)
        outcome = OK
    except ClustOutcomeUnknown:
        outcome = UNKNOWN
        raise
    except ClustError as error:
        outcome = how_it_failed(error)
        raise
    finally:
        detail = f"{action.name}: {called(action.request.method, action.request.path)}"
        await request.write_down("do", outcome, application.id, detail)
    if stored.readiness is Readiness.UNTRIED:
        await request.services.store.actions.tried(account.id, stored.id, request.now)
    if not call.writes:
        return Done(action.done, console_request.pretty(answer.body, answer.content_type))
    await request.services.store.action_replies.queue(
        request.team_id, account.id, application.id, request.user_id, action.name, request.now
    )
    return Done(action.done or words or _("Clust accepted it."), fresh=await _read_back(request, application.id))


async def _read_back(request: Request, application_id: str) -> Application | None:
    """Read an application again and update its cards. Returns None if that can't be done now: the poll will."""
    try:
        fresh = await request.account.clust.application(application_id, attempts=1)
    except ClustError:
        return None
    request.later(_redraw(request, fresh))
    return fresh


async def _redraw(request: Request, fresh: Application) -> None:
    try:
        await redraw_all(request, fresh)
    except BotError as error:
        log.info("cards could not be updated after an action", why=str(error))
