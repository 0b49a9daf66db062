"""Decisions about a held subscription: move it to another channel, adopt it, end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import BotError, UsageError
from bot.core.forms.subscription_forms import MoveForm
from bot.core.forms.validation import Mistakes, read
from bot.core.language import _
from bot.core.notifications.states import SubscriptionState
from bot.slack.listeners.channel_visibility import ASK_LATER, visibility_of
from bot.slack.listeners.modals import ClickAnswer, open_window
from bot.slack.listeners.sharing import is_shared
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.request.visibility_cache import Visibility
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building.channel_problems import reason
from bot.slack.views.building.forms import errors_of, values_of
from bot.slack.views.channels.orphans import TITLE, adopted, held_ended, move_form, moved
from bot.store.notifications.subscriptions import SubscriptionRow
from bot.store.people.audit import AuditOutcome


async def ask_where(request: Request, channel_id: str) -> None:
    """Open the form that asks for the other channel."""
    await _held(request, channel_id)
    await open_window(request, move_form(channel_id))


async def submit_move(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Move held subscriptions to the channel that was chosen. Errors are shown under the field."""
    entered, channel_id = view.entered, view.metadata
    try:
        target = read(MoveForm, values_of(MoveForm, entered)).channel
        rows = await _held(request, channel_id, everybodys=True)
        await _check_target(request, channel_id, target)
    except Mistakes as mistakes:
        return {"response_action": "errors", "errors": errors_of(MoveForm, entered, mistakes.fields)}
    except BotError as error:
        return {"response_action": "errors", "errors": errors_of(MoveForm, entered, {"channel": error.sentence})}
    services = request.services
    await services.store.orphans.move(
        services.workspace.team_id, channel_id, [row.id for row in rows], target, request.now
    )
    await request.write_down("move", AuditOutcome.OK, channel_id, f"to {target}")
    return {"response_action": "update", "view": outcome_view(TITLE, moved(channel_id, target))}


async def adopt(request: Request, channel_id: str) -> ClickAnswer:
    """Make the person the owner of a channel's held subscriptions. Raises UsageError if they own them already."""
    rows = await _held(request, channel_id, everybodys=True)
    if all(row.created_by == request.user_id for row in rows):
        raise UsageError(_("You already own this subscription. You can move it to another channel or end it."))
    services = request.services
    await services.store.orphans.adopt(
        services.workspace.team_id, [row.id for row in rows], request.user_id, request.now
    )
    await request.write_down("adopt", AuditOutcome.OK, channel_id)
    return ClickAnswer(adopted(channel_id, still_held=bool(await _rows(request, channel_id))), replace=True)


async def end_held(request: Request, channel_id: str) -> ClickAnswer:
    """End a channel's held subscriptions: all of them for an admin, else the person's own."""
    rows = await _held(request, channel_id)
    services = request.services
    ids = [row.id for row in rows]
    await services.store.subscriptions.end(services.workspace.team_id, ids, TRIGGERS, request.user_id)
    await request.write_down("unsubscribe", AuditOutcome.OK, channel_id, "held")
    return ClickAnswer(held_ended(channel_id), replace=True)


async def _rows(request: Request, channel_id: str) -> list[SubscriptionRow]:
    team_id = request.services.workspace.team_id
    rows = await request.services.store.subscriptions.of_channel(team_id, channel_id)
    return [row for row in rows if row.state == SubscriptionState.HELD]


async def _held(request: Request, channel_id: str, *, everybodys: bool = False) -> list[SubscriptionRow]:
    """Return a channel's held subscriptions that are the person's to decide: all for admins, else their own.

    With `everybodys`, an owner of one decides about all of the channel, which stay together. Raises UsageError.
    """
    rows, is_admin = await _rows(request, channel_id), await request.is_admin()
    theirs = [row for row in rows if is_admin or row.created_by == request.user_id]
    if not theirs and is_admin:
        raise UsageError(_("Nothing is on hold there anymore."))
    if not theirs:
        # The same whether or not something is held: others don't learn what a channel has.
        raise UsageError(_("You don't own a subscription that's on hold there. Only its owner or an admin can decide."))
    return rows if everybodys else theirs


async def _check_target(request: Request, channel_id: str, target: str) -> None:
    """Raise Mistakes for a channel that can't take them: the same, hidden, shared, or closed to posts (W2)."""
    if target == channel_id:
        raise Mistakes({"channel": _("The subscriptions are already in this channel. Choose another one.")})
    visibility = await visibility_of(request, target)
    if visibility is Visibility.UNKNOWN:
        raise Mistakes({"channel": _(ASK_LATER)})
    if visibility is Visibility.NO:
        raise Mistakes({"channel": _("You aren't in this channel, so you can't move anything there.")})
    if await is_shared(request, target):
        raise Mistakes(
            {"channel": _("This channel is shared with another organization, so you can't move anything there.")}
        )
    if problem := (await request.services.notifier.look_at(target)).problem:
        raise Mistakes({"channel": _("I can't post there. {why}", why=_(reason(problem).problem))})
