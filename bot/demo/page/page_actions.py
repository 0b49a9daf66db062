"""The actions of a user on the page, one row for each. The stand-in carries them out as Slack would."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.language import _
from bot.demo.page.account_table import Sent
from bot.demo.page.pane_actions import Panes
from bot.demo.page.state import Payload, ReadMarks, is_someone, may_see
from bot.sandbox.slack.block_kit.elements import Impossible, SentBlock, Unfit, elements
from bot.sandbox.slack.command_escaping import escape
from bot.sandbox.slack.interaction import SLACKBOT
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import BOT_USER_ID, Channel, User

MAX_STEP_SECONDS = 20.0
"""How long the page waits for a step of a workflow."""


MAX_MESSAGE_CHARS = 12_000
"""Characters. Slack's client makes a file of what is longer."""


@dataclass(slots=True)
class PageContext:
    """The context of actions.

    `commands` and `shortcuts` are those of the app. `offered` caches the options that external selects were given, by
    value.
    """

    slack: SandboxSlack
    commands: Sequence[Mapping[str, str]]
    shortcuts: Sequence[Mapping[str, str]] = ()
    read_marks: ReadMarks = field(default_factory=ReadMarks)
    offered: dict[tuple[str, str, str], dict[str, SentBlock]] = field(default_factory=dict)
    panes: Panes = field(init=False)

    def __post_init__(self) -> None:
        """Know the panes of this workspace."""
        self.panes = Panes(self.slack)

    def person(self, name: object) -> User:
        """Return the user with this ID or name (`mei`), if the page can act as them. Raises Impossible."""
        try:
            user = self.slack.workspace.user(str(name))
        except KeyError:
            raise Impossible(_("this person doesn't exist")) from None
        if not is_someone(user):
            raise Impossible(_("this person doesn't exist"))
        return user

    def channel(self, person: User, name: object) -> Channel:
        """Return a channel by ID or name (`onboarding`) that the user is in. Raises Impossible."""
        try:
            channel = self.slack.workspace.channel(str(name))
        except KeyError:
            raise Impossible(_("they aren't in this channel")) from None
        if not may_see(person, channel):
            raise Impossible(_("they aren't in this channel"))
        return channel

    def place(self, person: User, sent: Sent) -> PostedMessage | View:
        """Return the message (by `channel` and `ts`) or the view (by `view`) of an action. Raises Impossible."""
        return self.view(person, sent["view"]) if "view" in sent else self.message(person, sent)

    def message(self, person: User, sent: Sent) -> PostedMessage:
        """Return the message that `channel` and `ts` name, if the person can see it. Raises Impossible."""
        channel = self.channel(person, sent.get("channel"))
        message = self.slack.state.messages.get(channel.id, str(sent.get("ts")))
        if message is None or not may_see(person, channel, message):
            raise Impossible(_("the message is gone"))
        return message

    def view(self, person: User, name: object) -> View:
        """Return one of the person's open views, or their Home tab. Raises Impossible."""
        view = self.slack.views.find(str(name))
        if view is None or view.user != person.id:
            raise Impossible(_("this window isn't open"))
        return view

    def whole(self, place: PostedMessage | View, block: SentBlock, element: SentBlock, value: Any) -> Any:
        """Return the choice in an external select as whole options. The page names options by their values.

        Raises Impossible for an option that was not offered.
        """
        if not element["type"].endswith("external_select"):
            return value
        options = self._options_by_value(place, block, element)
        chosen = value if isinstance(value, list) else [value]
        whole = [options.get(one, one) if isinstance(one, str) else one for one in chosen]
        if any(isinstance(one, str) for one in whole):
            raise Impossible(_("this option wasn't offered"))
        return whole if isinstance(value, list) else whole[0]

    def entered(self, view: View, values: Any) -> dict[str, Any]:
        """Return the input by block ID, with whole options for external selects. Raises Impossible."""
        if not isinstance(values, Mapping):
            raise Impossible(_("what was entered can't be read"))
        entered = dict(values)
        for block, element in elements(view.blocks):
            name = block["block_id"]
            if name in entered:
                entered[name] = self.whole(view, block, element, entered[name])
        return entered

    def _options_by_value(
        self, place: PostedMessage | View, block: SentBlock, element: SentBlock
    ) -> dict[str, SentBlock]:
        initial = [element.get("initial_option"), *element.get("initial_options", ())]
        if isinstance(place, View):
            entered: Any = place.entered.get(block["block_id"])
            if isinstance(entered, Mapping) and element["action_id"] in entered:
                entered = entered[element["action_id"]]
            initial += entered if isinstance(entered, list) else [entered]
        options = {option["value"]: option for option in initial if isinstance(option, Mapping) and "value" in option}
        return options | self.offered.get((_name(place), block["block_id"], element["action_id"]), {})


def _name(place: PostedMessage | View) -> str:
    return place.id if isinstance(place, View) else f"{place.channel} {place.ts}"


def _element_ids(sent: Sent) -> tuple[str, str]:
    return str(sent.get("block_id")), str(sent.get("action_id"))


def _element(place: PostedMessage | View, element_ids: tuple[str, str]) -> tuple[SentBlock, SentBlock]:
    for block, element in elements(place.blocks):
        if (block["block_id"], element["action_id"]) == element_ids:
            return block, element
    raise Impossible(_("this no longer exists"))


async def _say(context: PageContext, person: User, sent: Sent) -> Payload:
    """Send the composer's text: as a command if it begins with a slash, else as a message."""
    channel = context.channel(person, sent.get("channel"))
    typed = str(sent.get("text", "")).strip()
    thread = sent.get("thread_ts")
    if not typed or len(typed) > MAX_MESSAGE_CHARS:
        raise Impossible(_("a message must have 1 to {most:,} characters", most=MAX_MESSAGE_CHARS))
    if channel.is_archived:
        raise Impossible(_("nobody can post in an archived channel"))
    if typed.startswith("/"):
        await _command(context, person, channel, typed, thread)
    else:
        if thread and context.slack.state.messages.get(channel.id, str(thread)) is None:
            raise Impossible(_("the thread is gone"))
        thread_ts = str(thread) if thread else None
        message = await context.slack.post(typed, user=person, channel=channel, thread_ts=thread_ts)
        context.read_marks.mark(person, channel, message.ts)
    return {}


async def _command(context: PageContext, person: User, channel: Channel, typed: str, thread: object) -> None:
    name, _space, text = typed.partition(" ")
    if thread:
        fields: Payload = {"thread_ts": str(thread)}
        _slackbot(context, person, channel, _("{command} is not supported in threads. Sorry!", command=name), **fields)
    elif name in {row["command"] for row in context.commands}:
        await context.slack.command(name, text, user=person, channel=channel)
    elif name in _OF_SLACK:
        await _OF_SLACK[name](context, person, channel, text.strip())
    else:
        _slackbot(
            context,
            person,
            channel,
            _(
                "`{command}` is not a valid command. In Slack, all messages that start with the “/” character are "
                "interpreted as commands.",
                command=name,
            ),
        )


def _slackbot(context: PageContext, person: User, channel: Channel, text: str, **fields: Any) -> None:
    """Post an ephemeral message from Slackbot to a user."""
    escaped = escape(text, context.slack.workspace)
    context.slack.state.messages.post(channel.id, user=SLACKBOT, text=escaped, visible_to=person.id, **fields)


async def _invite(context: PageContext, person: User, channel: Channel, name: str) -> None:
    """`/invite @clust`."""
    if not re.fullmatch(r"@?clust", name, re.IGNORECASE):
        _slackbot(context, person, channel, _("In this demo, you can only invite @clust: `/invite @clust`."))
    elif BOT_USER_ID in channel.members:
        _slackbot(context, person, channel, _("@clust is already in this channel."))
    else:
        await context.slack.invite_bot(channel, inviter=person.id)


async def _remove(context: PageContext, person: User, channel: Channel, name: str) -> None:
    """`/remove @clust`."""
    if not re.fullmatch(r"@?clust", name, re.IGNORECASE) or channel.is_im or BOT_USER_ID not in channel.members:
        _slackbot(
            context,
            person,
            channel,
            _("In this demo, you can only remove @clust, from a channel it's in: `/remove @clust`."),
        )
    else:
        await context.slack.remove_bot(channel)


_OF_SLACK: Mapping[str, Callable[[PageContext, User, Channel, str], Awaitable[None]]] = {
    "/invite": _invite,
    "/remove": _remove,
    "/kick": _remove,
}


async def _click(context: PageContext, person: User, sent: Sent) -> Payload:
    """Click a button, or choose in a menu, of a message, a window or the home tab."""
    place, element_ids = context.place(person, sent), _element_ids(sent)
    block, element = _element(place, element_ids)
    value = context.whole(place, block, element, sent.get("value")) if sent.get("value") is not None else None
    values = context.entered(place, sent.get("values") or {}) if isinstance(place, View) else {}
    try:
        await context.slack.click(place, element_ids, value=value, user=person, values=values)
    except Unfit as unfit:
        _keep(context, place, unfit)
    return {}


async def _submit(context: PageContext, person: User, sent: Sent) -> Payload:
    """Submit a modal. `refused` is true if it stays open with errors."""
    view = context.view(person, sent.get("view"))
    try:
        interaction = await context.slack.submit(view, context.entered(view, sent.get("values") or {}))
    except Unfit as unfit:
        _keep(context, view, unfit)
        return {"refused": True}
    return {"refused": bool(interaction.errors) or not interaction.is_acknowledged}


def _keep(context: PageContext, place: PostedMessage | View, unfit: Unfit) -> None:
    """Show the messages that Slack's client shows below the fields of a form that it doesn't send."""
    if not isinstance(place, View):
        raise unfit
    context.slack.views.mark(place, unfit.below)


async def _close(context: PageContext, person: User, sent: Sent) -> Payload:
    """Close the window on top, or all."""
    await context.slack.close_view(context.view(person, sent.get("view")), everything=bool(sent.get("everything")))
    return {}


async def _options(context: PageContext, person: User, sent: Sent) -> Payload:
    """Type into an external select."""
    place, element_ids = context.place(person, sent), _element_ids(sent)
    block, element = _element(place, element_ids)
    options = await context.slack.options(place, element_ids, str(sent.get("typed", "")), user=person)
    offered = context.offered.setdefault((_name(place), block["block_id"], element["action_id"]), {})
    offered |= {option["value"]: option for option in options}
    return {"options": options}


async def _shortcut(context: PageContext, person: User, sent: Sent) -> Payload:
    """Choose a shortcut: on the message that `channel` and `ts` name, or a global one."""
    kind = "message" if "ts" in sent else "global"
    names = {row["callback_id"] for row in context.shortcuts if row["type"] == kind}
    callback_id = str(sent.get("callback_id"))
    if callback_id not in names:
        raise Impossible(_("this shortcut doesn't exist"))
    if kind == "global":
        await context.slack.shortcut(callback_id, user=person)
        return {}
    await context.slack.message_shortcut(context.message(person, sent), callback_id, user=person)
    return {}


async def _card(context: PageContext, person: User, sent: Sent) -> Payload:
    """Click an action of a card. Slack asks for the card again afterwards."""
    message, url = context.message(person, sent), str(sent.get("url", ""))
    target = str(sent["words"]) if "words" in sent else _element_ids(sent)
    await context.slack.click_card(message, target, url=url, value=sent.get("value"), user=person)
    await context.slack.refresh(message)
    return {}


async def _compose(context: PageContext, person: User, sent: Sent) -> Payload:
    """Write links into the composer without sending them. Their preview comes as an event, if the app shows one."""
    text = str(sent.get("text", ""))
    if not text or len(text) > MAX_MESSAGE_CHARS:
        raise Impossible(_("a message must have 1 to {most:,} characters", most=MAX_MESSAGE_CHARS))
    await context.slack.compose(text, user=person)
    return {}


async def _pane(context: PageContext, person: User, sent: Sent) -> Payload:
    """Open the pane of a card."""
    return await context.panes.open(person, context.message(person, sent), str(sent.get("url", "")))


async def _pane_save(context: PageContext, person: User, sent: Sent) -> Payload:
    """Save an edit in a pane."""
    return await context.panes.save(person, sent.get("pane"), sent.get("values"))


async def _pane_action(context: PageContext, person: User, sent: Sent) -> Payload:
    """Click an action of a pane."""
    return await context.panes.click(person, sent.get("pane"), sent.get("words"))


async def _home(context: PageContext, person: User, _sent: Sent) -> Payload:
    """Open the app's home tab."""
    await context.slack.open_home(user=person)
    return {}


async def _read(context: PageContext, person: User, sent: Sent) -> Payload:
    """Mark a channel as read, up to a message."""
    ts = str(sent.get("ts", ""))
    if not re.fullmatch(r"\d{1,12}\.\d{6}", ts):
        raise Impossible(_("this isn't a timestamp"))
    context.read_marks.mark(person, context.channel(person, sent.get("channel")), ts)
    return {}


async def _steps(context: PageContext, _person: User, _sent: Sent) -> Payload:
    """Return the app's steps, as Workflow Builder offers them: without the functions that only fill selects."""
    functions = context.slack.state.workflows.functions
    return {"steps": {name: one for name, one in functions.items() if "options" not in one["output_parameters"]}}


async def _run_step(context: PageContext, person: User, sent: Sent) -> Payload:
    """Run a workflow of one step, started by the person or, with `alone`, by no one. Returns how it ended."""
    inputs = sent.get("inputs")
    if not isinstance(inputs, Mapping):
        raise Impossible(_("the inputs can't be read"))
    filled_in = {str(name): value for name, value in inputs.items() if value not in (None, "")}
    run = await context.slack.run_step(str(sent.get("step")), filled_in, user=person, started=not sent.get("alone"))
    try:
        await context.slack.wait_for(lambda: run.is_over, MAX_STEP_SECONDS)
    except TimeoutError:
        raise Impossible(_("the step hasn't ended yet")) from None
    return {"outputs": run.outputs, "failed": run.error}


async def _step_options(context: PageContext, person: User, sent: Sent) -> Payload:
    """Search the options of a step's input, as someone who builds a workflow."""
    step, name = str(sent.get("step")), str(sent.get("input"))
    declared = context.slack.state.workflows.functions.get(step, {"input_parameters": {}})["input_parameters"].get(name)
    if not declared or "dynamic_options" not in declared:
        raise Impossible(_("this input has no search"))
    return {"options": await context.slack.step_options(step, name, str(sent.get("typed", "")), user=person)}


USER_ACTIONS: Mapping[str, Callable[[PageContext, User, Sent], Awaitable[Payload]]] = {
    "say": _say,
    "click": _click,
    "submit": _submit,
    "close": _close,
    "options": _options,
    "shortcut": _shortcut,
    "card": _card,
    "compose": _compose,
    "pane": _pane,
    "pane_save": _pane_save,
    "pane_action": _pane_action,
    "home": _home,
    "read": _read,
    "steps": _steps,
    "run_step": _run_step,
    "step_options": _step_options,
}
"""Each takes the acting user and the page's request, and returns the response.

Raises Impossible as Slack would refuse.
"""
