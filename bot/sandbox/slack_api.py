"""The Web API as one table: a row for each method that the bot uses, and how a call is let in and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox import slack_chat as chat
from bot.sandbox import slack_conversations as conversations
from bot.sandbox.slack_call import Arguments, Refusal
from bot.sandbox.slack_chat import Answer
from bot.sandbox.slack_pace import SPECIAL, TIER_2, TIER_3, TIER_4
from bot.sandbox.slack_people import BOT_ID, TEAM_DOMAIN, TEAM_ID, TEAM_NAME
from bot.sandbox.slack_world import World

Function = Callable[[World, Arguments], Answer]


@dataclass(frozen=True, slots=True)
class Method:
    """One row: what answers, how many calls any minute takes, whose token lets in.

    `reads` marks a method that takes no JSON body: Slack documents JSON for methods that write (Web API, "JSON body").
    """

    answer: Function
    tier: int
    let_in_by: Literal["bot", "app"] = "bot"
    reads: bool = False


def who_am_i(world: World, _arguments: Arguments) -> Answer:
    """`auth.test`: who am I."""
    bot = world.workspace.bot
    team = {"url": f"https://{TEAM_DOMAIN}.slack.com/", "team": TEAM_NAME, "team_id": TEAM_ID}
    return {**team, "user": bot.name, "user_id": bot.id, "bot_id": BOT_ID, "is_enterprise_install": False}


def open_connection(world: World, _arguments: Arguments) -> Answer:
    """`apps.connections.open`: the address of a WebSocket, good for one connection."""
    ticket = f"ticket-{next(world.numbers)}"
    world.tickets.add(ticket)
    return {"url": f"ws{world.base_url.removeprefix('http')}socket?ticket={ticket}"}


def open_view(world: World, arguments: Arguments) -> Answer:
    """`views.open`."""
    view = world.views.open(arguments.needed("trigger_id"), arguments.json("view"))
    return {"view": view.told()}


def push_view(world: World, arguments: Arguments) -> Answer:
    """`views.push`."""
    view = world.views.push(arguments.needed("trigger_id"), arguments.json("view"))
    return {"view": view.told()}


def update_view(world: World, arguments: Arguments) -> Answer:
    """`views.update`, by `view_id` or `external_id`."""
    name = arguments.text("view_id") or arguments.needed("external_id")
    return {"view": world.views.update(name, arguments.json("view"), arguments.text("hash")).told()}


def publish_view(world: World, arguments: Arguments) -> Answer:
    """`views.publish`."""
    user = arguments.needed("user_id")
    if user not in world.workspace.users:
        raise Refusal("user_not_found")
    return {"view": world.views.publish(user, arguments.json("view"), arguments.text("hash")).told()}


METHODS: Mapping[str, Method] = {
    # Slack's tier 1 is "1+ a minute", with bursts; a bot that is restarted often needs them.
    "apps.connections.open": Method(open_connection, TIER_2, "app"),
    "auth.test": Method(who_am_i, SPECIAL),
    "bots.info": Method(conversations.bot_info, TIER_3, reads=True),
    "chat.delete": Method(chat.delete, TIER_3),
    "chat.getPermalink": Method(chat.permalink, SPECIAL, reads=True),
    "chat.postEphemeral": Method(chat.post_ephemeral, TIER_4),
    "chat.postMessage": Method(chat.post_message, SPECIAL),
    "chat.update": Method(chat.update, TIER_3),
    "conversations.history": Method(conversations.history, TIER_3, reads=True),
    "conversations.info": Method(conversations.info, TIER_3, reads=True),
    "conversations.join": Method(conversations.join, TIER_3),
    "conversations.members": Method(conversations.members, TIER_4, reads=True),
    "conversations.open": Method(conversations.open_direct, TIER_3),
    "conversations.replies": Method(conversations.replies, TIER_3, reads=True),
    "files.completeUploadExternal": Method(chat.complete_upload, TIER_4),
    "files.getUploadURLExternal": Method(chat.upload_url, TIER_4, reads=True),
    "usergroups.list": Method(conversations.groups, TIER_2, reads=True),
    "usergroups.users.list": Method(conversations.group_members, TIER_2, reads=True),
    "users.conversations": Method(conversations.of_user, TIER_2, reads=True),
    "users.info": Method(conversations.user_info, TIER_4, reads=True),
    "views.open": Method(open_view, TIER_4),
    "views.publish": Method(publish_view, TIER_4),
    "views.push": Method(push_view, TIER_4),
    "views.update": Method(update_view, TIER_4),
}


def answer(world: World, name: str, token: str, sent: Mapping[str, Any]) -> Answer:
    """Answer a call of the method `name`; raises TooFast where Slack would answer 429."""
    try:
        return {"ok": True, **_answer(world, name, token, Arguments(sent))}
    except Refusal as refusal:
        return refusal.told()


def _answer(world: World, name: str, token: str, arguments: Arguments) -> Answer:
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method")
    _admit(world, method, token)
    if world.lacks(name):
        raise Refusal("missing_scope")
    world.pace.admit(name, method.tier)
    if failures := world.failures.get(name):
        raise Refusal(failures.popleft())
    return method.answer(world, arguments)


def _admit(world: World, method: Method, token: str) -> None:
    """Refuse a call without the token that its method wants."""
    right, other = world.tokens.bot, world.tokens.app
    if method.let_in_by == "app":
        right, other = other, right
    if not token:
        raise Refusal("not_authed")
    if token == other:
        raise Refusal("not_allowed_token_type")
    if token != right:
        raise Refusal("invalid_auth")
    if token in world.tokens.revoked:
        raise Refusal("token_revoked")
