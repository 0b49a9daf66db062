"""Saved actions as acts: fill in the request, send it once, and write it into the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.clust.console_call import response_words
from bot.core.applications.model import Application
from bot.core.applications.triggers import Snapshot
from bot.core.errors import ClustError, ClustOutcomeUnknown
from bot.core.forms import console_request
from bot.core.forms.action_forms import ASK_FORMS
from bot.core.forms.console_request import ConsoleCall
from bot.core.language import _
from bot.core.permissions import Role
from bot.core.saved_actions.placeholders import Use
from bot.core.saved_actions.saved_action import ActionState, StoredAction
from bot.slack.listeners.actions.act import Act, Done
from bot.slack.listeners.applications.creating import how_it_failed
from bot.slack.listeners.applications.stale_cards import read_back
from bot.slack.request.services import Request
from bot.store.people.audit import AuditOutcome, called


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
        asks=ASK_FORMS.get(action.request.asks),
        call=call,
        is_quick=not action.asks_first,
    )


def can_try(request: Request, stored: StoredAction) -> bool:
    """Return whether it was imported, and the person is an admin, who can try it."""
    return stored.state is ActionState.UNTRIED and request.role is Role.ADMIN


async def _use(request: Request, application: Application, values: Mapping[str, Any]) -> Use:
    user = (await request.asker.authorization()).user
    day = values.get("date")
    return Use(
        application,
        user.name or request.user_id,
        str(values.get("text") or ""),
        day.isoformat() if isinstance(day, date) else "",
    )


async def _send(request: Request, stored: StoredAction, application: Application, call: ConsoleCall) -> Done:
    """Send a saved action's call once, and write it into the audit log, as it was saved: never what was filled in."""
    action, outcome, account = stored.action, AuditOutcome.UNKNOWN, request.account
    try:
        answer = await account.clust.call(call.method, call.path, call.query, call.headers, call.body)
        words = response_words(answer)
        outcome = AuditOutcome.OK
    except ClustError as error:
        outcome = AuditOutcome.UNKNOWN if isinstance(error, ClustOutcomeUnknown) else how_it_failed(error)
        raise
    finally:  # unknown too if it was cancelled on its way
        detail = f"{action.name}: {called(action.request.method, action.request.path)}"
        await request.write_down("do", outcome, application.id, detail)
    if stored.state is ActionState.UNTRIED:
        await request.services.store.saved_actions.tried(account.id, stored.id, request.now)
    if not call.writes:
        return Done(action.done, console_request.pretty(answer.body, answer.content_type))
    await request.services.store.action_replies.queue(
        request.team_id, account.id, application.id, request.user_id, action.name, request.now
    )
    return Done(action.done or words or _("Clust accepted it."), fresh=await read_back(request, application.id))
