"""The Web API as one table: a row for each method that the bot uses. `answer` admits and answers a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.slack.rate_limits import SPECIAL, TIER_1, TIER_2, TIER_3, TIER_4
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.views import View
from bot.sandbox.slack.web_api import chat, conversations, functions, links
from bot.sandbox.slack.web_api_call import Answer, Arguments, WebApiRefusal
from bot.sandbox.slack.workspace import BOT_ID, BOT_USER_ID

Function = Callable[[SlackState, Arguments], Answer]


@dataclass(frozen=True, slots=True)
class WebApiMethod:
    """One row: the function that answers, the calls allowed in a minute, and whose token is needed.

    `reads` marks a method that takes no JSON body: Slack documents JSON for methods that write (Web API, "JSON body").
    `by_team` marks one that needs `team_id` with the token of an enterprise (organization-ready apps, "Changes to
    APIs"). `distributed_tier` is the tier with `SlackFaults.is_distributed`, if it differs.
    """

    answer: Function
    tier: int
    let_in_by: Literal["bot", "app", "step"] = "bot"
    reads: bool = False
    by_team: bool = False
    distributed_tier: int | None = None


def who_am_i(state: SlackState, arguments: Arguments) -> Answer:
    """`auth.test`. With the token of an enterprise, the team is the enterprise."""
    bot, team, enterprise = state.workspace.bot, state.team, state.team.enterprise
    answer: Answer = {"url": f"https://{team.domain}.slack.com/", "team": team.name, "team_id": team.id}
    is_org_wide = state.tokens.is_org_wide(arguments.token)
    if enterprise and is_org_wide:
        host = enterprise.name.lower().replace(" ", "-")
        answer = {"url": f"https://{host}.enterprise.slack.com/", "team": enterprise.name, "team_id": enterprise.id}
    answer |= {"user": bot.name, "user_id": bot.id, "bot_id": BOT_ID, "is_enterprise_install": is_org_wide}
    return {**answer, "enterprise_id": enterprise.id} if enterprise else answer


def revoke(state: SlackState, arguments: Arguments) -> Answer:
    """`auth.revoke`: refuse this token from now on. An app without a token is no longer installed."""
    if arguments.flag("test"):
        return {"revoked": False}
    state.tokens.revoke(arguments.token)
    state.send_event("tokens_revoked", {"tokens": {"oauth": [], "bot": [BOT_USER_ID]}})
    state.send_event("app_uninstalled", {})
    return {"revoked": True}


def open_connection(state: SlackState, _arguments: Arguments) -> Answer:
    """`apps.connections.open`: return the address of a WebSocket, for one connection."""
    ticket = f"ticket-{next(state.numbers)}"
    state.tickets.add(ticket)
    return {"url": f"ws{state.base_url.removeprefix('http')}socket?ticket={ticket}"}


def open_view(state: SlackState, arguments: Arguments) -> Answer:
    """`views.open`."""
    view = state.views.open(arguments.needed("trigger_id"), arguments.json("view"))
    return {"view": view.to_dict()}


def push_view(state: SlackState, arguments: Arguments) -> Answer:
    """`views.push`."""
    view = state.views.push(arguments.needed("trigger_id"), arguments.json("view"))
    return {"view": view.to_dict()}


def update_view(state: SlackState, arguments: Arguments) -> Answer:
    """`views.update`, by `view_id` or `external_id`."""
    name = arguments.text("view_id") or arguments.needed("external_id")
    return {"view": _answered(state.views.update(name, arguments.json("view"), arguments.text("hash")))}


def publish_view(state: SlackState, arguments: Arguments) -> Answer:
    """`views.publish`. Raises WebApiRefusal for an unknown user."""
    user = arguments.needed("user_id")
    if user not in state.workspace.users:
        raise WebApiRefusal("user_not_found")
    return {"view": _answered(state.views.publish(user, arguments.json("view"), arguments.text("hash")))}


def _answered(view: View) -> Answer:
    """Return a view as `views.update` and `views.publish` answer with it: with nothing entered, `values` is a list."""
    payload = view.to_dict()
    return payload if payload["state"]["values"] else {**payload, "state": {"values": []}}


METHODS: Mapping[str, WebApiMethod] = {
    # Slack's tier 1 is "1+ a minute", with bursts, but a bot that is restarted often needs them.
    "apps.connections.open": WebApiMethod(open_connection, TIER_2, "app"),
    "auth.revoke": WebApiMethod(revoke, TIER_3),
    "auth.test": WebApiMethod(who_am_i, SPECIAL),
    "bots.info": WebApiMethod(conversations.bot_info, TIER_3, reads=True, by_team=True),
    "chat.delete": WebApiMethod(chat.delete, TIER_3),
    "chat.getPermalink": WebApiMethod(chat.permalink, SPECIAL, reads=True),
    "chat.postEphemeral": WebApiMethod(chat.post_ephemeral, TIER_4),
    "chat.postMessage": WebApiMethod(chat.post_message, SPECIAL),
    "chat.unfurl": WebApiMethod(links.unfurl, TIER_3),
    "chat.update": WebApiMethod(chat.update, TIER_3),
    "conversations.history": WebApiMethod(conversations.history, TIER_3, reads=True, distributed_tier=TIER_1),
    "conversations.info": WebApiMethod(conversations.info, TIER_3, reads=True),
    "conversations.join": WebApiMethod(conversations.join, TIER_3),
    "conversations.members": WebApiMethod(conversations.members, TIER_4, reads=True),
    "conversations.open": WebApiMethod(conversations.open_direct, TIER_3),
    "conversations.replies": WebApiMethod(conversations.replies, TIER_3, reads=True, distributed_tier=TIER_1),
    "entity.presentDetails": WebApiMethod(links.present_details, TIER_3),
    "files.completeUploadExternal": WebApiMethod(chat.complete_upload, TIER_4),
    "files.getUploadURLExternal": WebApiMethod(chat.upload_url, TIER_4, reads=True),
    "functions.completeError": WebApiMethod(functions.complete_error, TIER_3, "step"),
    "functions.completeSuccess": WebApiMethod(functions.complete_success, TIER_3, "step"),
    "usergroups.list": WebApiMethod(conversations.groups, TIER_2, reads=True, by_team=True),
    "usergroups.users.list": WebApiMethod(conversations.group_members, TIER_2, reads=True, by_team=True),
    "users.conversations": WebApiMethod(conversations.of_user, TIER_2, reads=True, by_team=True),
    "users.info": WebApiMethod(conversations.user_info, TIER_4, reads=True),
    "views.open": WebApiMethod(open_view, TIER_4),
    "views.publish": WebApiMethod(publish_view, TIER_4),
    "views.push": WebApiMethod(push_view, TIER_4),
    "views.update": WebApiMethod(update_view, TIER_4),
}


def answer(state: SlackState, name: str, token: str, sent: Mapping[str, Any]) -> Answer:
    """Answer a call of a method. Raises TooFast where Slack would answer 429."""
    try:
        return {"ok": True, **_answer(state, name, Arguments(sent, token))}
    except WebApiRefusal as refusal:
        return refusal.to_dict()


def _answer(state: SlackState, name: str, arguments: Arguments) -> Answer:
    method = METHODS.get(name)
    if method is None:
        raise WebApiRefusal("unknown_method")
    if method.let_in_by != "step":
        state.tokens.admit(arguments.token, method.let_in_by)
    elif not state.workflows.admit(arguments.token):
        # The token of a step's event, or the bot's.
        state.tokens.admit(arguments.token, "bot")
    if method.by_team and state.tokens.is_org_wide(arguments.token) and "team_id" not in arguments:
        raise WebApiRefusal("missing_argument")
    if state.lacks(name):
        raise WebApiRefusal("missing_scope")
    state.rate_limits.admit(name, (state.faults.is_distributed and method.distributed_tier) or method.tier)
    if failures := state.failures.get(name):
        raise WebApiRefusal(failures.popleft())
    for subject in ("channel", "user"):
        if code := state.refusals.get((name, arguments.text(subject))):
            raise WebApiRefusal(code)
    return method.answer(state, arguments)
