"""`show`, `update`, `delete` and `do` by command: with an ID at once, without one a window asks which application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from bot.core.applications.triggers import Snapshot
from bot.core.errors import BotError, UsageError
from bot.core.forms.application_forms import PickForm
from bot.core.forms.fields import Choice
from bot.core.forms.validation import Mistakes, asked_of, read
from bot.core.language import N_, _
from bot.core.permissions import REQUIREMENTS, Role
from bot.slack.listeners.actions import action_drafts, using
from bot.slack.listeners.admin.accounts import choices
from bot.slack.listeners.applications import deleting, forms, lookup
from bot.slack.listeners.modals import FormResult, outcome_in_time, show, window
from bot.slack.request.command_arguments import read_application
from bot.slack.request.command_line import CommandLine
from bot.slack.request.payload_parts import OpenView
from bot.slack.request.services import Request
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.details import application_answer, application_details, loading_view, message_view
from bot.slack.views.applications.forms import pick_form
from bot.slack.views.building import application_facts as facts
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import Block, Message
from bot.slack.views.building.form_elements import MAX_OPTIONS, matching_options
from bot.slack.views.building.forms import errors_of, values_of


async def show_application(request: Request, line: CommandLine) -> Message | None:
    """Answer `show [ID]`."""
    if line.words:
        return application_answer(await lookup.application_view(request, read_application(line.argument())))
    await _ask(request, "show")
    return None


async def update_application(request: Request, line: CommandLine) -> None:
    """Answer `update [ID]`."""
    await (forms.update(request, read_application(line.argument())) if line.words else _ask(request, "update"))


async def delete_application(request: Request, line: CommandLine) -> None:
    """Answer `delete [ID]`."""
    await (deleting.delete(request, read_application(line.argument())) if line.words else _ask(request, "delete"))


async def do(request: Request, line: CommandLine) -> None:
    """Answer `do [ID] [ACTION]`."""
    await (using.do(request, line) if line.words else _ask(request, "do"))


async def submit(request: Request, view: OpenView) -> Mapping[str, Any]:
    """Go on with the chosen application. The view says what for, so the role is checked again.

    Raises UsageError for a form of another version of the bot.
    """
    word, entered = view.metadata, view.entered
    purpose = _PURPOSES.get(word)
    if purpose is None:
        raise UsageError(_("That form is from another version of the bot. Open it again."))
    await request.needs(purpose.role)
    try:
        application_id = read(PickForm, values_of(PickForm, entered)).application
    except Mistakes as mistakes:
        return {"response_action": "errors", "errors": errors_of(PickForm, entered, mistakes.fields)}

    async def work() -> FormResult:
        message = plain_answer(
            _("You closed the window. Use `/clust {command} {id}` to open it again.", command=word, id=application_id)
        )
        return FormResult(await purpose.view(request, application_id), message)

    outcome = await outcome_in_time(request, view.id, purpose.title, work())
    return {"response_action": "update", "view": outcome.view if outcome else loading_view(purpose.title)}


async def look_again(request: Request, view: OpenView) -> None:
    """Redraw the form for the account that was chosen in it: searches are about its applications from now on."""
    if view.metadata in _PURPOSES and view.is_window:
        await show(request, view.id, await _asking(request, view.metadata))


async def search(request: Request, typed: str) -> Sequence[Block]:
    """Search the stored applications by title, recipient and id, newest change first (rule L1)."""
    connection = await request.connection()
    field, options = asked_of(PickForm)["application"], list[Block]()
    async with request.scan_lock(), aclosing(lookup.known_applications(request, connection)) as every:
        async for snapshot in every:
            options += matching_options(field, [_choice(snapshot, live=connection.baseline_at is None)], typed)
            if len(options) == MAX_OPTIONS:
                break
    return options


@dataclass(frozen=True, slots=True)
class _Purpose:
    title: str
    role: Role
    view: Callable[[Request, str], Awaitable[Block]]


async def _details(request: Request, application_id: str) -> Block:
    try:
        return application_details(await lookup.application_view(request, application_id))
    except BotError as error:
        return message_view(_("Application"), error.sentence)


async def _form(request: Request, application_id: str) -> Block:
    return await forms.new_form(request, ids.UPDATE, application_id)


_PURPOSES: Mapping[str, _Purpose] = {
    "show": _Purpose(N_("Application"), REQUIREMENTS["show"], _details),
    "update": _Purpose(N_("Update application"), REQUIREMENTS["update"], _form),
    "delete": _Purpose(N_("Delete application"), REQUIREMENTS["delete"], deleting.question),
    "do": _Purpose(action_drafts.TITLE, REQUIREMENTS["show"], using.chooser),
}


async def _ask(request: Request, word: str) -> None:
    view_id = await window(request, _PURPOSES[word].title)
    await show(request, view_id, await _asking(request, word))


async def _asking(request: Request, word: str) -> Block:
    values = {"connection": str(request.account.id)}
    return pick_form(word, word, values=values, accounts=await choices(request))


def _choice(snapshot: Snapshot, *, live: bool) -> Choice:
    """Return an application as a choice. Before the baseline, it says that not all of them can be found yet."""
    application = snapshot.application
    where = _("From Clust's first page (still reading the rest)") if live else facts.recipient(application)
    return Choice(application.id, f"{facts.title(application)} ({application.id})", where)
