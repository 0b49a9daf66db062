"""Who handles an application: the person who asks, someone they choose, or no one. By command, button and window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.core.applications.model import Application
from bot.core.errors import BotError, DeliveryError, NotAllowed, UsageError
from bot.core.forms.application_forms import AssignForm
from bot.core.forms.validation import Mistakes, read
from bot.core.language import _, speaking
from bot.core.permissions import Role
from bot.slack.listeners.modals import ClickAnswer, clicked_view, message_to, open_window, push
from bot.slack.request.command_arguments import read_application, read_assignment
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.applications import assignment
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building.account_tags import tagged, tagged_view
from bot.slack.views.building.blocks import Message
from bot.slack.views.building.forms import errors_of, values_of
from bot.store.people.audit import AuditOutcome

log = structlog.get_logger(__name__)


async def assign_application(request: Request, line: CommandLine) -> Message:
    """Answer `assign ID [me or @person]`. Raises UsageError."""
    application_id, user_id = read_assignment(line)
    return await assign_to(request, application_id, user_id or request.user_id)


async def unassign_application(request: Request, line: CommandLine) -> Message:
    """Answer `unassign ID`. Raises UsageError."""
    return (await unassign(request, read_application(line.argument()))).message


async def assign_to_me(request: Request, application_id: str) -> ClickAnswer:
    """Assign an application to the person who clicked. Its cards show the assignee."""
    before = await _set_assignee(request, application_id, request.user_id)
    wants_mentions = await request.services.store.people.wants_mentions(request.team_id, request.user_id)
    return ClickAnswer(assignment.assigned(request.user_id, before, wants_mentions=wants_mentions))


async def unassign(request: Request, application_id: str) -> ClickAnswer:
    """Unassign an application."""
    return ClickAnswer(assignment.unassigned(await _set_assignee(request, application_id, None)))


async def mentions(request: Request, value: str) -> ClickAnswer:
    """Turn the mentions of the person on or off. The button says which."""
    is_on = value == "on"
    await request.services.store.people.set_mentions(request.team_id, request.user_id, is_on=is_on)
    return ClickAnswer(assignment.assigned(request.user_id, request.user_id, wants_mentions=is_on), replace=True)


async def ask_assignee(request: Request, application_id: str) -> None:
    """Open the window that asks for the assignee of an application. Raises UsageError if it is unknown."""
    stored = await request.services.store.applications.get(request.account.id, application_id)
    if stored is None:
        raise _unknown(application_id)
    view = assignment.assign_form(stored.application, stored.assignee)
    if clicked_view(request):
        await push(request, view)
    else:
        await open_window(request, tagged_view(view, request.account_id))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Assign to the chosen person and notify them, or unassign if the field is empty."""
    state, application_id = view.entered, view.metadata
    try:
        user_id = read(AssignForm, values_of(AssignForm, state)).assignee
        if user_id:
            answer = await assign_to(request, application_id, user_id)
        else:
            answer = (await unassign(request, application_id)).message
    except BotError as error:
        mistakes = error.fields if isinstance(error, Mistakes) else {"assignee": error.sentence}
        return {"response_action": "errors", "errors": errors_of(AssignForm, state, mistakes)}
    return {"response_action": "update", "view": outcome_view(_("Assign"), answer)}


async def assign_to(request: Request, application_id: str, user_id: str) -> Message:
    """Assign an application, and notify the assignee if it is someone else. Raises UsageError."""
    if user_id == request.user_id:
        return (await assign_to_me(request, application_id)).message
    await _check(request, user_id)
    await _set_assignee(request, application_id, user_id)
    request.later(_notify_assignee(request, user_id, application_id))
    return assignment.assigned_to(user_id)


async def _check(request: Request, user_id: str) -> None:
    """Raise UsageError for someone who could do nothing with an application: they would only read of it."""
    roles = await request.services.store.roles.all(request.team_id)
    try:
        authorization = await request.services.access.role_if(user_id, roles)
    except NotAllowed as error:
        raise UsageError(_("Slack can't tell me who that is. Try again in a moment.")) from error
    if authorization.role < Role.VIEWER:
        raise UsageError(_("This person can't use Clust here. An admin can give them a role."))


async def _set_assignee(request: Request, application_id: str, user_id: str | None) -> str | None:
    """Keep the assignee of an application, and return the one before. Raises UsageError for one that was never seen."""
    applications = request.services.store.applications
    try:
        before = await applications.assign(request.account.id, application_id, user_id, request.now)
    except KeyError as error:
        raise _unknown(application_id) from error
    detail = f"for {user_id}" if user_id and user_id != request.user_id else ""
    await request.write_down("take" if user_id else "release", AuditOutcome.OK, application_id, detail)
    return before


async def _notify_assignee(request: Request, user_id: str, application_id: str) -> None:
    """Notify a person that an application was assigned to them. If Slack refuses, its cards still show it."""
    services = request.services
    stored = await services.store.applications.get(request.account.id, application_id)
    application = stored.application if stored else Application(id=application_id)
    with speaking(services.languages.of(await services.locales.of_person(user_id))):
        message = assignment.assigned_by(request.user_id, application, stored.status_class if stored else None)
    try:
        await message_to(services, user_id, tagged(message, request.account_id))
    except DeliveryError as error:
        log.info("an assignee could not be notified", user=user_id, why=error.sentence)


def _unknown(application_id: str) -> UsageError:
    return UsageError(
        _("I haven't seen application `{id}` yet. Check its number, or try again in a minute.", id=application_id[:60])
    )
