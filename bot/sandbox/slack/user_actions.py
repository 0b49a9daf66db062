"""What users do in the stand-in for Slack: each action sends a payload to the bot and returns an `Interaction`.

The payloads are those of Slack's "Slash commands", "Block actions payload", "View submission payloads", "Block
suggestion payload" and "Events API".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.core.language import N_, _
from bot.sandbox.slack.block_kit.elements import (
    ELEMENTS,
    REQUIRED,
    ElementRef,
    Impossible,
    Unfit,
    action,
    empty_fields,
    find,
    state_values,
)
from bot.sandbox.slack.command_escaping import escape
from bot.sandbox.slack.interaction import Interaction, ResponseUrls
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.requests_to_bot import RequestKind, Requests
from bot.sandbox.slack.state import LAST_WORDS, SlackState
from bot.sandbox.slack.views import View
from bot.sandbox.slack.web_api_call import WebApiRefusal
from bot.sandbox.slack.workflows import StepExecution
from bot.sandbox.slack.workspace import APP_ID, BOT_USER_ID, Channel, User

TOKEN = "sandbox-verification-token"
TROUBLE = N_("We had some trouble connecting. Try again?")
"""Slack's error in a modal whose submission was not acknowledged, or whose acknowledgement is invalid."""

Who = User | str
Where = Channel | str


class UserActions:
    """The actions of users.

    A user is given as a User, an ID or a name. The default is the member Mei, in #onboarding.
    """

    def __init__(self, state: SlackState, bot: Requests) -> None:
        self.state = state
        self.bot = bot
        self.urls = ResponseUrls(state)

    async def command(
        self, command: str, text: str = "", *, user: Who | None = None, channel: Where | None = None
    ) -> Interaction:
        """Type a slash command. Returns once it is acknowledged, or Slackbot has reported that it failed."""
        who, where = self._who(user), self._where(channel)
        interaction = Interaction(self.state, {}, who.id, where.id)
        interaction.payload = {
            "token": TOKEN,
            "team_id": self.state.team.id,
            "team_domain": self.state.team.domain,
            **self._grid_form(),
            "channel_id": where.id,
            "channel_name": where.command_name,
            "user_id": who.id,
            "user_name": who.name,
            "command": command,
            "text": escape(text.strip(), self.state.workspace),
            "api_app_id": APP_ID,
            "is_enterprise_install": str(self.state.is_org_wide).lower(),
            "response_url": self.urls.give(interaction),
            "trigger_id": self.state.views.trigger(who.id),
        }
        await self._send("slash_commands", interaction)
        if not interaction.is_acknowledged:
            interaction.fail(command)
        elif interaction.body:
            interaction.say_at_once()
        return interaction

    async def click(
        self,
        place: PostedMessage | View,
        target: ElementRef,
        *,
        value: Any = None,
        user: Who | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Interaction:
        """Click a button, or choose `value` in a select or menu, of the current version of a message or view.

        `values` are the other fields' values, by block ID. Raises Impossible if there is no such element.
        """
        if isinstance(place, View):
            return await self._click_in_view(place, target, value, values or {})
        message = self.state.messages.get(place.channel, place.ts)
        if message is None:
            raise Impossible(_("the message is gone"))
        block, element = find(message.blocks, target)
        who, where = self._who(user or message.visible_to), self.state.workspace.channel(message.channel)
        interaction = Interaction(self.state, {}, who.id, where.id, message)
        container = {"type": "message", "message_ts": message.ts, "channel_id": where.id}
        payload = {
            **self._interaction_payload("block_actions", who),
            "container": {**container, "is_ephemeral": message.is_ephemeral},
            "channel": {"id": where.id, "name": where.command_name},
            "state": {"values": state_values(message.blocks, values or {})},
            "response_url": self.urls.give(interaction),
            "actions": [action(block, element, value, self.state.messages.new_ts())],
        }
        # What one person alone sees is kept nowhere, so Slack can't send it along.
        interaction.payload = (
            payload if message.is_ephemeral else {**payload, "message": message.to_dict(metadata=True)}
        )
        await self._send("interactive", interaction)
        return interaction

    async def submit(self, view: View | str, values: Mapping[str, Any] | None = None) -> Interaction:
        """Fill in fields by block ID, submit a modal and carry out the acknowledgement's `response_action`.

        Raises what Slack's client would prevent: Impossible without a submit button, Unfit for invalid values.
        """
        open_view = self._view(view)
        entered = {**open_view.entered, **(values or {})}
        if "submit" not in open_view.sent:
            raise Impossible(_("this view has no submit button"))
        if empty := empty_fields(open_view.blocks, state_values(open_view.blocks, entered)):
            raise Unfit(dict.fromkeys(empty, _(REQUIRED)))
        open_view.entered, open_view.errors, open_view.trouble = entered, {}, ""
        interaction = self._view_interaction("view_submission", open_view, response_urls=[])
        await self._send("interactive", interaction)
        self._submitted(open_view, interaction)
        return interaction

    async def close_view(self, view: View | str, *, everything: bool = False) -> Interaction | None:
        """Close the view on top, or all. Sends `view_closed` if the view has `notify_on_close`, else returns None."""
        open_view = self._view(view)
        self.state.views.close(open_view.user, everything=everything)
        if not open_view.sent.get("notify_on_close"):
            return None
        interaction = self._view_interaction("view_closed", open_view, is_cleared=everything)
        await self._send("interactive", interaction)
        return interaction

    async def options(
        self, where: View | PostedMessage, target: ElementRef, typed: str, *, user: Who | None = None
    ) -> list[Mapping[str, Any]]:
        """Type into an external select and return the options the bot offers. Empty if the bot fails.

        Raises Impossible if fewer characters are typed than `min_query_length` (default 3).
        """
        block, element = find(where.blocks, target)
        if not element["type"].endswith("external_select"):
            raise Impossible(f"{target!r} is no external select")
        if len(typed) < element.get("min_query_length", 3):
            raise Impossible(f"{typed!r} is too short to be searched")
        who = self.state.workspace.users[where.user] if isinstance(where, View) else self._who(user)
        query = {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
        interaction = Interaction(self.state, {}, who.id)
        interaction.payload = {**self._interaction_payload("block_suggestion", who), **query, **self._container(where)}
        await self._send("interactive", interaction)
        return (
            _offered(interaction.body) if interaction.is_acknowledged and isinstance(interaction.body, Mapping) else []
        )

    async def event(self, kind: str, *, retry: tuple[int, str] | None = None, **fields: Any) -> Interaction:
        """Send an event. `retry` makes it a redelivery: its number and reason, such as `http_timeout`."""
        now, number = self.state.clock(), next(self.state.numbers)
        event_id = fields.pop("event_id", f"Ev{number:08}")
        payload = {
            "token": TOKEN,
            **self._authorized(kind, str(fields.get("channel")), str(fields.get("user"))),
            "api_app_id": APP_ID,
            "type": "event_callback",
            "event": {"type": kind, **fields, "event_ts": f"{now:.6f}"},
            "event_id": event_id,
            "event_time": int(now),
            "event_context": f"4-{event_id}",
        }
        interaction = Interaction(self.state, payload, str(fields.get("user", "")))
        await self._send("events_api", interaction, retry)
        return interaction

    async def say(
        self,
        text: str,
        *,
        user: Who | None = None,
        channel: Where | None = None,
        thread_ts: str | None = None,
    ) -> PostedMessage:
        """Write a message in a channel or in a thread. `@clust` in it mentions the bot. Returns the message.

        The bot gets it as `app_mention` where it is in the channel, and as `message` in its direct messages (Slack:
        app_mention, message.im): only if it subscribes to that event and has its scope.
        """
        who, where = self._who(user), self._where(channel)
        # In messages, unlike commands, people have no names behind their ids.
        escaped = re.sub(r"<@(\w+)\|[^<>]*>", r"<@\1>", escape(text, self.state.workspace))
        message = self.state.messages.post(where.id, user=who.id, text=escaped, thread_ts=thread_ts)
        fields = {"user": who.id, "text": message.text, "ts": message.ts, "channel": where.id, "team": who.team_id}
        if thread_ts:
            fields["thread_ts"] = thread_ts
        if where.is_im and BOT_USER_ID in where.members:
            self.state.send_event("message.im", {**fields, "channel_type": "im"})
        elif BOT_USER_ID in where.members and f"<@{BOT_USER_ID}" in message.text:
            self.state.send_event("app_mention", fields)
        return message

    async def run_step(
        self, callback_id: str, inputs: Mapping[str, Any], *, user: Who | None = None, started: bool = True
    ) -> StepExecution:
        """Run a step of a workflow. Returns once it is acknowledged. Raises Impossible.

        A user starts it, or with `started` off no one does. No one can choose `user_context`: Slack fills it in.
        """
        if "user_context" in inputs:
            raise Impossible(_("user_context can't be filled in, because Slack does that itself"))
        context = {"user_context": {"id": self._who(user).id, "secret": "sandbox"}} if started else {}
        execution = self.state.workflows.begin(callback_id, {**inputs, **context}, next(self.state.numbers))
        await self.step_event(execution)
        return execution

    async def step_options(
        self, callback_id: str, parameter: str, query: str = "", *, user: Who | None = None, **entered: str
    ) -> list[Mapping[str, Any]]:
        """Search the options of a step's input, as the person who builds the workflow. Raises Impossible.

        There are none if the bot acknowledges before it has sent them (Slack: Dynamic options).
        """
        declared = self.state.workflows.functions[callback_id]["input_parameters"][parameter]["dynamic_options"]
        values = {
            "{{client.query}}": query,
            "{{client.builder_context}}": {"id": self._who(user).id, "secret": "sandbox"},
            **{f"{{{{input_parameters.{name}}}}}": value for name, value in entered.items()},
        }
        inputs = {name: values.get(one["value"]) for name, one in declared["inputs"].items()}
        filled_in = {name: value for name, value in inputs.items() if value is not None}
        function = declared["function"].removeprefix("#/functions/")
        execution = self.state.workflows.begin(function, filled_in, next(self.state.numbers))
        await self.step_event(execution)
        return list((execution.outputs or {}).get("options", ()))

    async def step_event(self, execution: StepExecution, retry: tuple[int, str] | None = None) -> Interaction:
        """Send the event of a run, or send it again."""
        function = {"id": "Fn1", "callback_id": execution.callback_id, "type": "app", "app_id": APP_ID}
        return await self.event(
            "function_executed",
            retry=retry,
            function=function,
            inputs=execution.inputs,
            function_execution_id=execution.id,
            workflow_execution_id=f"Wx{execution.id[2:]}",
            bot_access_token=execution.token,
        )

    async def shortcut(self, callback_id: str, *, user: Who | None = None) -> Interaction:
        """Choose a global shortcut of the app, anywhere in Slack."""
        who = self._who(user)
        payload = {**self._interaction_payload("shortcut", who), **self._shortcut(callback_id)}
        interaction = Interaction(self.state, payload, who.id)
        await self._send("interactive", interaction)
        return interaction

    async def message_shortcut(
        self, message: PostedMessage, callback_id: str, *, user: Who | None = None
    ) -> Interaction:
        """Choose a shortcut of the app on a message. Raises Impossible for one that only one person sees."""
        if message.is_ephemeral:
            raise Impossible(_("a message that only one person sees has no shortcuts"))
        who, where = self._who(user), self.state.workspace.channel(message.channel)
        interaction = Interaction(self.state, {}, who.id, where.id)
        interaction.payload = {
            **self._interaction_payload("message_action", who),
            **self._shortcut(callback_id),
            "message_ts": message.ts,
            "message": message.to_dict(metadata=True),
            "channel": {"id": where.id, "name": where.command_name},
            "response_url": self.urls.give(interaction),
        }
        await self._send("interactive", interaction)
        return interaction

    def _shortcut(self, callback_id: str) -> dict[str, Any]:
        return {"callback_id": callback_id, "action_ts": self.state.messages.new_ts()}

    async def open_home(self, *, user: Who | None = None) -> Interaction:
        """Open the app's home tab."""
        who = self._who(user)
        direct = self.state.workspace.direct(BOT_USER_ID, who.id)
        home = self.state.views.homes.get(who.id)
        more: dict[str, Any] = {"view": home.to_dict()} if home else {}
        return await self.event("app_home_opened", user=who.id, channel=direct.id, tab="home", **more)

    async def _click_in_view(
        self, view: View, target: ElementRef, value: Any, values: Mapping[str, Any]
    ) -> Interaction:
        block, element = find(view.blocks, target)
        click = action(block, element, value, self.state.messages.new_ts())
        if element["type"] not in ("button", "overflow"):
            view.entered[block["block_id"]] = {element["action_id"]: click[ELEMENTS[element["type"]].key]}
        state_values(view.blocks, {**view.entered, **values})  # Raises before anything is stored.
        view.entered |= values
        interaction = self._view_interaction(
            "block_actions", view, actions=[click], container=self._container(view)["container"]
        )
        await self._send("interactive", interaction)
        return interaction

    def _submitted(self, view: View, interaction: Interaction) -> None:
        """Carry out the `response_action` of a submission's acknowledgement ("Modals")."""
        views, body = self.state.views, interaction.body or {}
        try:
            match body.get("response_action") if isinstance(body, Mapping) else "words":
                case _ if not interaction.is_acknowledged:
                    view.trouble = _(TROUBLE)
                case None if not body:
                    views.close(view.user)
                case "clear":
                    views.close(view.user, everything=True)
                case "errors" if _are_errors(view, body.get("errors")):
                    interaction.errors = view.errors = body["errors"]
                case "update":
                    interaction.view = views.replace(view, body.get("view"))
                case "push":
                    interaction.view = views.put_on_top(view.user, body.get("view"))
                case _:
                    view.trouble = _(TROUBLE)
        except WebApiRefusal as refusal:
            interaction.refused.append(refusal.code)
            view.trouble = _(TROUBLE)
        self.state.changes.publish("view", view)

    async def _send(self, kind: RequestKind, interaction: Interaction, retry: tuple[int, str] | None = None) -> None:
        interaction.take(await self.bot.send(kind, interaction.payload, self.state.faults.acknowledge_seconds, retry))

    def _view_interaction(self, kind: str, view: View, **more: Any) -> Interaction:
        who = self.state.workspace.users[view.user]
        return Interaction(
            self.state, {**self._interaction_payload(kind, who), "view": view.to_dict(), **more}, view.user
        )

    def _interaction_payload(self, kind: str, who: User) -> dict[str, Any]:
        """Return the keys of every interaction payload. `user.team_id` is the user's own workspace."""
        person = {"id": who.id, "username": who.name, "name": who.name, "team_id": who.team_id}
        payload: dict[str, Any] = {"type": kind, "user": person, "api_app_id": APP_ID, "token": TOKEN}
        payload |= self._place()
        return payload if kind in _WITHOUT_TRIGGER else {**payload, "trigger_id": self.state.views.trigger(who.id)}

    def _place(self) -> dict[str, Any]:
        """Return an interaction's origin: `team`, or only `enterprise` if the app is installed org-wide."""
        team, enterprise = self.state.team, self.state.team.enterprise
        place: dict[str, Any] = {"id": team.id, "domain": team.domain}
        enterprise_fields = None
        if enterprise:
            place |= {"enterprise_id": enterprise.id, "enterprise_name": enterprise.name}
            enterprise_fields = {"id": enterprise.id, "name": enterprise.name}
        is_org_wide = self.state.is_org_wide
        return {
            "team": None if is_org_wide else place,
            "enterprise": enterprise_fields,
            "is_enterprise_install": is_org_wide,
        }

    def _grid_form(self) -> dict[str, str]:
        """Return the enterprise keys of a slash command. Empty outside an enterprise."""
        enterprise = self.state.team.enterprise
        return {"enterprise_id": enterprise.id, "enterprise_name": enterprise.name} if enterprise else {}

    def _authorized(self, kind: str, channel: str, user: str) -> dict[str, Any]:
        """Return an event's origin and its `authorizations`.

        What a stranger does in a shared channel comes with their workspace as its origin.
        Events that end an installation have no `authorizations`. If it was org-wide, they name only the enterprise.
        """
        team, enterprise, is_org_wide = self.state.team, self.state.team.enterprise, self.state.is_org_wide
        place: dict[str, Any] = {"enterprise_id": enterprise.id} if enterprise else {}
        if kind in LAST_WORDS:
            return place if is_org_wide else {"team_id": team.id, **place}
        bot = {"enterprise_id": None, **place, "team_id": None if is_org_wide else team.id}
        shared, who = self.state.workspace.channels.get(channel), self.state.workspace.users.get(user)
        if shared and shared.is_ext_shared and who and who.is_stranger:
            team, place = replace(team, id=who.team_id), {}
        return {
            "team_id": team.id,
            **place,
            "authorizations": [
                {**bot, "user_id": BOT_USER_ID, "is_bot": True, "is_enterprise_install": is_org_wide},
            ],
            "is_ext_shared_channel": bool(shared and shared.is_ext_shared),
        }

    def _container(self, where: View | PostedMessage) -> dict[str, Any]:
        if isinstance(where, View):
            return {"container": {"type": "view", "view_id": where.id}, "view": where.to_dict()}
        container = {"type": "message", "message_ts": where.ts, "channel_id": where.channel}
        return {"container": container, "channel": {"id": where.channel}, "message": where.to_dict()}

    def _view(self, view: View | str) -> View:
        open_view = self.state.views.find(view.id if isinstance(view, View) else view)
        if open_view is None:
            raise Impossible(_("this view isn't open"))
        return open_view

    def _who(self, user: Who | None) -> User:
        return self.state.workspace.user(user or self.state.workspace.member)

    def _where(self, channel: Where | None) -> Channel:
        return self.state.workspace.channel(channel or self.state.workspace.onboarding)


_WITHOUT_TRIGGER = {"block_suggestion", "view_closed"}


def _are_errors(view: View, errors: Any) -> bool:
    """Return whether Slack can show these errors: a text for each of some input blocks of the view, by block ID."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    return isinstance(errors, Mapping) and bool(errors) and set(errors) <= inputs


def _offered(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the options of an answer, including those in groups.

    Raises Impossible if there are more than Slack shows.
    """
    most = 100
    groups = body.get("option_groups") or [{"options": body.get("options", ())}]
    options = [option for group in groups for option in group["options"]]
    if len(options) > most:
        raise Impossible(f"{len(options)} options where Slack shows {most}")
    return options
