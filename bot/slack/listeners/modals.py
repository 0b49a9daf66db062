"""Windows: open at once, fill in when Clust responds, and show the outcome after a submission (rule M1).

A person may close a window at any moment. Slack reports that by `view_closed`, which may get lost, and by `not_found`
in response to a later `views.update`. Both count, and the draft decides which is first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import structlog

from bot.core.errors import BotError, DeliveryError, ViewGone
from bot.core.language import N_
from bot.core.notifications.slack_exceptions import Doing
from bot.slack.request.addressed_message import AddressedMessage
from bot.slack.request.error_boundary import answer_to
from bot.slack.request.services import Request, Services
from bot.slack.views.applications.details import loading_view
from bot.slack.views.applications.form_outcomes import outcome_view, saving_view
from bot.slack.views.building.account_tags import tagged, tagged_view
from bot.slack.views.building.blocks import Block, Message, notified_on_close
from bot.slack.web_api.responses import Accepted, ConversationOpened, Response, ViewOpened, ask

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 1.5
"""How long a submission waits for Clust before it is acknowledged without the outcome (rule M1)."""

SETTLING_SECONDS = 1.0
"""For Slack to apply an acknowledgement, which would overwrite an earlier update of the view."""


CLOSED = "not_found"
"""The error of `views.update` for a closed window."""

NO_HASH = "0.0"
"""No view has this hash: an update that names it changes nothing, and is answered with `not_found` or `hash_conflict`
(Slack: views.update)."""


@dataclass(frozen=True, slots=True)
class ClickAnswer:
    """An answer to a click: to the person alone, in place of what was clicked, or for everyone in the channel.

    `deletes`: what was clicked goes, and nothing is said.
    """

    message: Message
    replace: bool = False
    for_all: bool = False
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class FormResult:
    """The result of a form: a view, a message for a person who closed it, and errors by field."""

    view: Block
    message: Message
    mistakes: Mapping[str, str] = field(default_factory=dict)


class NotOpened(BotError):
    """Slack did not open the window."""

    summary: ClassVar[str] = N_("Slack didn't open the window. Try again.")


class NoTrigger(NotOpened):
    """The request came without a trigger, as a message does: a window needs a click first."""


def form_result(title: str, message: Message, *, unfinished: bool = False) -> FormResult:
    """Return a result that says the same as a view and as a message. `unfinished`: something is left to do."""
    view = outcome_view(title, message)
    return FormResult(notified_on_close(view) if unfinished else view, message)


def clicked_view(request: Request) -> str | None:
    """Return the id of the window that was clicked in, or None for a message, the Home tab or a command."""
    view = request.payload.view
    return view.id if view and view.is_window else None


async def window(request: Request, title: str) -> str:
    """Show a loading view, in the window that was clicked in or a new one. Returns its id. Raises NotOpened."""
    view_id = clicked_view(request)
    if view_id:
        await show(request, view_id, loading_view(title))
        return view_id
    return (await _opened(request, tagged_view(loading_view(title), request.account_id), ViewOpened)).view.id


async def open_window(request: Request, view: Block) -> None:
    """Show a view in a new window. Raises NotOpened."""
    await _opened(request, view, Accepted)


async def _opened(request: Request, view: Block, kind: type[Response]) -> Response:
    if isinstance(request.payload, AddressedMessage):
        raise NoTrigger
    try:
        return await ask(
            request.services.opener.views_open(trigger_id=request.payload.trigger_id or "", view=view), kind
        )
    except DeliveryError as error:
        raise NotOpened from error


async def say_in_window(request: Request, view: Block) -> None:
    """Show a view, in the window that was clicked in or a new one. Raises NotOpened."""
    view_id = clicked_view(request)
    if view_id:
        await show(request, view_id, view)
        return
    await open_window(request, tagged_view(view, request.account_id))


async def say_in_window_or_directly(request: Request, text: Message) -> None:
    """Show a message in a new window, or by direct message if Slack doesn't open one. Raises DeliveryError."""
    try:
        await open_window(request, tagged_view(outcome_view("Clust", text), request.account_id))
    except NotOpened:
        await message(request, text)


async def reply_in_window(request: Request, reply: ClickAnswer) -> None:
    """Answer a click that has no response URL: in its window, above it, or from the Home tab in a new one."""
    view, view_id = outcome_view("Clust", tagged(reply.message, request.account_id)), clicked_view(request)
    if view_id is None:
        await open_window(request, tagged_view(view, request.account_id))
    elif reply.replace:
        await show(request, view_id, view)
    else:
        await push(request, view)


async def push(request: Request, view: Block) -> None:
    """Show a view above the window that was clicked in. Raises NotOpened."""
    above = tagged_view(view, request.account_id)
    try:
        await ask(request.services.opener.views_push(trigger_id=request.payload.trigger_id or "", view=above), Accepted)
    except DeliveryError as error:
        raise NotOpened from error


async def show(request: Request, view_id: str, view: Block) -> bool:
    """Replace a view. Returns False if the person has closed it. Raises DeliveryError."""
    return await _refusal(request, view, view_id=view_id) is None


async def redraw(request: Request, view: Block) -> bool:
    """Redraw the form that was clicked in. Returns False, and changes nothing, if it has changed since."""
    clicked = request.payload.view
    if clicked is None:
        return False
    return await _refusal(request, view, view_id=clicked.id, hash=clicked.hash or NO_HASH) is None


async def _refusal(request: Request, view: Block, **which: str) -> str | None:
    """Call `views.update`. Returns `not_found` or `hash_conflict` if Slack says so. Raises DeliveryError."""
    try:
        await ask(request.services.client.views_update(view=tagged_view(view, request.account_id), **which), Accepted)
    except ViewGone as error:
        return error.code
    return None


async def message(request: Request, text: Message) -> None:
    """Send the person a direct message. Raises DeliveryError."""
    await message_to(request.services, request.user_id, tagged(text, request.account_id))


async def message_to(services: Services, user_id: str, text: Message) -> None:
    """Send someone a direct message. Raises DeliveryError."""
    opened = await ask(services.client.conversations_open(users=user_id), ConversationOpened)
    await ask(services.client.chat_postMessage(channel=opened.channel.id, **text.payload()), Accepted, Doing.POSTING)


async def outcome_in_time(
    request: Request, view_id: str, title: str, work: Coroutine[Any, Any, FormResult], draft_id: str = ""
) -> FormResult | None:
    """Do the work of a submission, for the draft `draft_id` if it has one.

    Returns None if it takes longer than PATIENCE_SECONDS. Then its outcome is shown later (rule M1).
    """
    task = request.later(_guarded(title, work))
    await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
    if not task.done():
        request.later(_logged(_follow(request, view_id, task, draft_id)))
        return None
    outcome = task.result()
    request.later(_logged(_look_after(request, view_id, outcome, draft_id)))
    return outcome


async def carry_out(
    request: Request, title: str, work: Coroutine[Any, Any, FormResult], draft_id: str = ""
) -> ClickAnswer | None:
    """Do the work of a button, and show its outcome where the button is: in its view or as a message.

    The draft `draft_id` is sent whether or not Slack shows that it is on its way.
    """
    view_id = clicked_view(request)
    if view_id is None:
        outcome = await _guarded(title, work)
        if draft_id:
            await request.services.store.form_drafts.take_answer(draft_id)
        return ClickAnswer(outcome.message, replace=True)
    await _is_shown(request, view_id, saving_view(title))
    await carry_out_in(request, view_id, title, work, draft_id)
    return None


async def carry_out_in(
    request: Request, view_id: str, title: str, work: Coroutine[Any, Any, FormResult], draft_id: str
) -> None:
    """Do the work of a draft, and show its outcome in a window, or by direct message if it is closed."""
    await show_outcome(request, view_id, await _guarded(title, work), draft_id)


async def show_outcome(request: Request, view_id: str, outcome: FormResult, draft_id: str = "") -> None:
    """Show the outcome of a form, by direct message if its window is closed or Slack doesn't take it (rule M1)."""
    await _settle(request, view_id, outcome, draft_id, is_open=await _is_shown(request, view_id, outcome.view))


async def _guarded(title: str, work: Coroutine[Any, Any, FormResult]) -> FormResult:
    try:
        return await work
    except Exception as error:  # noqa: BLE001  the boundary of what runs by itself: the person gets an answer
        return form_result(title, answer_to(error))


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    """Do work after everything was answered. An error is logged."""
    try:
        await work
    except Exception as error:  # noqa: BLE001  the boundary: a result that is still owed is brought later
        answer_to(error)


async def _follow(request: Request, view_id: str, task: asyncio.Task[FormResult], draft_id: str) -> None:
    await asyncio.sleep(SETTLING_SECONDS)
    await show_outcome(request, view_id, await task, draft_id)


async def _look_after(request: Request, view_id: str, outcome: FormResult, draft_id: str) -> None:
    """Check that an outcome in an acknowledgement found an open window, or send it by direct message."""
    await asyncio.sleep(SETTLING_SECONDS)
    try:
        is_open = await _refusal(request, outcome.view, view_id=view_id, hash=NO_HASH) != CLOSED
    except DeliveryError as error:
        log.info("whether a window is open could not be asked", why=error.sentence)
        return  # what is still owed is brought later
    await _settle(request, view_id, outcome, draft_id, is_open=is_open)


async def _is_shown(request: Request, view_id: str, view: Block) -> bool:
    """Replace a view. Returns False if the window is closed or Slack doesn't take it."""
    try:
        return await show(request, view_id, view)
    except DeliveryError as error:
        log.warning("a window could not be brought up to date", why=error.sentence)
        return False


async def _settle(request: Request, view_id: str, outcome: FormResult, draft_id: str, *, is_open: bool) -> None:
    """Record that the person has an outcome, or send it by direct message, once even if two find the window closed."""
    drafts = request.services.store.form_drafts
    if is_open and (not draft_id or await drafts.answered_in(draft_id, view_id)):
        return
    if draft_id and not await drafts.take_answer(draft_id):
        return
    try:
        await message(request, outcome.message)
    except DeliveryError as error:
        log.warning("an outcome could not be sent", why=error.sentence)
        if draft_id and error.retry:
            await drafts.owe_again(draft_id, request.now)
