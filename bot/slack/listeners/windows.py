"""Windows: opened at once, filled when Clust has answered, and what becomes of them after a submission (rule M1)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.core.errors import BotError, DeliveryError
from bot.slack.api import SLACK_TROUBLE, delivery_error
from bot.slack.errors import answer_to
from bot.slack.services import Request
from bot.slack.views.blocks import Block, Message
from bot.slack.views.cards import loading_view
from bot.slack.views.stamps import stamped, stamped_view
from bot.slack.views.writes import outcome_view, saving_view

log = structlog.get_logger(__name__)

PATIENCE = 1.5
"""Seconds that Clust gets before a submission is acknowledged without its answer (rule M1)."""

SETTLING = 1.0
"""Seconds in which Slack takes an acknowledgement: a view that is updated earlier would be overwritten by it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a click: to the person alone, in place of what was clicked, or for all in the channel."""

    message: Message
    replace: bool = False
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a form: as a view, as a message to whom has closed it, and the sentences under its fields."""

    view: Block
    message: Message
    mistakes: Mapping[str, str] = field(default_factory=dict)


class NotOpened(BotError):
    """Slack did not open the window: please try again."""


def told(title: str, message: Message) -> Outcome:
    """Return the outcome that says the same in a view and in a message."""
    return Outcome(outcome_view(title, message), message)


def clicked_view(request: Request) -> str | None:
    """Return the id of the window in which a button was clicked, None for a message, the Home tab or a command."""
    view = request.body.get("view") or {}
    return view.get("id") if view.get("type") == "modal" else None


async def window(request: Request, title: str) -> str:
    """Show a view that loads, in the one that was clicked in, else in a new one; return its id."""
    view_id = clicked_view(request)
    if view_id:
        await show(request, view_id, loading_view(title))
        return view_id
    try:
        opened = await request.services.opener.views_open(
            trigger_id=request.body["trigger_id"], view=stamped_view(loading_view(title), request.account_id)
        )
    except (SlackApiError, *SLACK_TROUBLE) as error:
        raise NotOpened from error
    return str(opened["view"]["id"])


async def say_in_window(request: Request, view: Block) -> None:
    """Show a view in the window that was clicked in, else in a new one. Raises NotOpened."""
    view_id = clicked_view(request)
    if view_id:
        await show(request, view_id, view)
        return
    try:
        await request.services.opener.views_open(
            trigger_id=request.body["trigger_id"], view=stamped_view(view, request.account_id)
        )
    except (SlackApiError, *SLACK_TROUBLE) as error:
        raise NotOpened from error


async def show(request: Request, view_id: str, view: Block) -> bool:
    """Put a view in place of another; False where the person has closed it."""
    return await _replaced(request, view, view_id=view_id)


async def redraw(request: Request, view: Block) -> bool:
    """Draw the form that was clicked in anew; False where something else stands there by now, which then stays."""
    clicked = request.body["view"]
    return await _replaced(request, view, view_id=clicked["id"], hash=clicked["hash"])


async def _replaced(request: Request, view: Block, **which: str) -> bool:
    try:
        await request.services.client.views_update(view=stamped_view(view, request.account_id), **which)
    except (SlackApiError, *SLACK_TROUBLE) as error:
        if isinstance(error, SlackApiError) and error.response.get("error") in {"not_found", "hash_conflict"}:
            return False
        raise delivery_error(error) from error
    return True


async def tell(request: Request, view_id: str, outcome: Outcome) -> None:
    """Show what became of a form; where it was closed, by direct message (rule M1)."""
    if await show(request, view_id, outcome.view):
        return
    client = request.services.client
    try:
        opened = await client.conversations_open(users=request.user_id)
        await client.chat_postMessage(
            channel=opened["channel"]["id"], **stamped(outcome.message, request.account_id).payload()
        )
    except (SlackApiError, *SLACK_TROUBLE) as error:
        raise delivery_error(error) from error


async def outcome_in_time(
    request: Request, view_id: str, title: str, work: Coroutine[Any, Any, Outcome]
) -> Outcome | None:
    """Do what a submission asks for. None where it takes longer: then its outcome is shown later (rule M1)."""
    task = request.later(_guarded(title, work))
    await asyncio.wait({task}, timeout=PATIENCE)
    if task.done():
        return task.result()
    request.later(_follow(request, view_id, task))
    return None


async def carry_out(request: Request, title: str, work: Coroutine[Any, Any, Outcome]) -> Reply | None:
    """Do what a button asks for, and show what became of it where the button stands: in a view or a message."""
    view_id = clicked_view(request)
    if view_id is None:
        return Reply((await _guarded(title, work)).message, replace=True)
    await show(request, view_id, saving_view(title))
    await tell(request, view_id, await _guarded(title, work))
    return None


async def _guarded(title: str, work: Coroutine[Any, Any, Outcome]) -> Outcome:
    try:
        return await work
    except Exception as error:  # noqa: BLE001  the boundary of what runs by itself: the person gets an answer
        return told(title, answer_to(error))


async def _follow(request: Request, view_id: str, task: asyncio.Task[Outcome]) -> None:
    await asyncio.sleep(SETTLING)
    outcome = await task
    try:
        await tell(request, view_id, outcome)
    except DeliveryError as error:
        log.warning("an outcome could not be told", why=error.sentence)
