"""`ACTIONS`: one row for each kind of button. What a button carries is a question, never a right (rule W1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from bot.core.errors import BotError
from bot.core.permissions import Role
from bot.slack import ids
from bot.slack.api import SLACK_TROUBLE, delivery_error
from bot.slack.listeners import commands
from bot.slack.listeners.health import go_on, new_baseline
from bot.slack.listeners.look_ups import PageWanted, application_view, list_page
from bot.slack.listeners.subscribing import end_subscription, subscribe
from bot.slack.services import Request
from bot.slack.views.blocks import Message
from bot.slack.views.cards import application_details, loading_view, message_view
from bot.slack.views.subscriptions import confirm_shared
from bot.store.audit import OK


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a click: to the person alone, in place of what was clicked, or for all in the channel."""

    message: Message
    replace: bool = False
    for_all: bool = False


Handler = Callable[[Request, str], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of button: who may, and what answers it."""

    kind: str
    role: Role
    handler: Handler


class NotOpened(BotError):
    """Slack did not open the window: please click again."""


async def _details(request: Request, value: str) -> None:
    """Open Details at once with a loading view, then fill it: a trigger lives three seconds."""
    client = request.services.client
    try:
        opened = await request.services.opener.views_open(
            trigger_id=request.body["trigger_id"], view=loading_view("Application")
        )
    except (SlackApiError, *SLACK_TROUBLE) as error:
        raise NotOpened from error
    try:
        view = application_details(await application_view(request, value))
    except BotError as error:
        view = message_view("Application", error.sentence)
    try:
        await client.views_update(view_id=opened["view"]["id"], view=view)
    except SlackApiError as error:
        if error.response.get("error") != "not_found":  # the person has closed it meanwhile
            raise delivery_error(error) from error


async def _turn_page(request: Request, value: str) -> Reply:
    return Reply(await list_page(request, PageWanted.from_button(value)), replace=True)


async def _share(request: Request, value: str) -> Reply:
    """Show a list to everybody in the channel; where others read along, an admin must allow it (rule W2)."""
    wanted = PageWanted.from_button(value)
    if await _is_shared(request):
        request.needs(Role.ADMIN)
        return Reply(confirm_shared(request.channel_id, "this list of applications", f"share {value}"))
    return await _shared(request, wanted)


async def _shared(request: Request, wanted: PageWanted) -> Reply:
    await request.write_down("share", OK, request.channel_id, "list")
    return Reply(await list_page(request, wanted, shared_by=request.user_id), for_all=True)


async def _allow(request: Request, value: str) -> Reply:
    """Do what an admin has just allowed in a channel shared with another organisation (rule W2)."""
    what, _, rest = value.partition(" ")
    if what == "share":
        return await _shared(request, PageWanted.from_button(rest))
    return Reply(await subscribe(request, rest, shared_ok=True), replace=True)


async def _is_shared(request: Request) -> bool:
    """Tell whether people of other organisations read a channel; where that can't be told, they may."""
    try:
        channel = (await request.services.client.conversations_info(channel=request.channel_id))["channel"]
    except (SlackApiError, *SLACK_TROUBLE):
        return True
    return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))


async def _run(request: Request, value: str) -> Reply:
    return Reply(await commands.run(request, value), replace=True)


async def _end(request: Request, value: str) -> Reply:
    return Reply(await end_subscription(request, value), replace=True)


async def _new_baseline(request: Request, value: str) -> Reply:
    return Reply(await new_baseline(request, value), replace=True)


async def _go_on(request: Request, value: str) -> Reply:
    return Reply(await go_on(request, value), replace=True)


async def _nothing(_request: Request, _value: str) -> None:
    """A link button opens its page by itself; Slack reports the click all the same."""


ACTIONS: Mapping[str, Action] = {
    row.kind: row
    for row in (
        Action(ids.DETAILS, Role.VIEWER, _details),
        Action(ids.OPEN_IN_CLUST, Role.NOBODY, _nothing),
        Action(ids.LIST_PAGE, Role.VIEWER, _turn_page),
        Action(ids.SHARE_HERE, Role.VIEWER, _share),
        Action(ids.UNSUBSCRIBE, Role.EDITOR, _end),
        Action(ids.CONFIRM_SHARED, Role.ADMIN, _allow),
        Action(ids.RUN_SUGGESTION, Role.VIEWER, _run),
        Action(ids.NEW_BASELINE, Role.ADMIN, _new_baseline),
        Action(ids.GO_ON, Role.ADMIN, _go_on),
    )
}


async def click(request: Request, action: Mapping[str, object]) -> Reply | None:
    """Run one click. An unknown kind is a button of another version of the bot, and does nothing."""
    row = ACTIONS.get(ids.kind(str(action.get("action_id", ""))))
    if row is None:
        return None
    request.needs(row.role)
    return await row.handler(request, str(action.get("value") or ""))
