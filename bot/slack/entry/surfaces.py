"""The work behind every listener of the Bolt app: who asks is found out, and the row of a table does what they ask.

Each surface (commands, clicks, shortcuts, forms, searches, events, messages, steps) has one method.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import aiohttp

from bot.core.errors import UsageError
from bot.core.language import _, speak
from bot.core.permissions import WORKFLOWS
from bot.slack.entry import buttons, commands, events, forms, message_commands, shortcuts, steps
from bot.slack.entry.home import Homes, account_chosen
from bot.slack.entry.request_tasks import Reply, RequestTasks, bound
from bot.slack.listeners import draft_results
from bot.slack.listeners.modals import reply_in_window, say_in_window, say_in_window_or_directly
from bot.slack.request.access import Asker, TimeBudget
from bot.slack.request.addressed_message import AddressedMessage, addressed_message
from bot.slack.request.error_boundary import answer_to
from bot.slack.request.event_payloads import EventCallback, PersonEvent
from bot.slack.request.payload_models import (
    BlockActions,
    BlockSuggestion,
    GlobalShortcut,
    MessageShortcut,
    PersonPayload,
    SlashCommandPayload,
    ViewClosed,
    ViewSubmission,
)
from bot.slack.request.payload_parts import PayloadPart
from bot.slack.request.requester import Actor, is_id
from bot.slack.request.services import Request, Services, zone_of
from bot.slack.request.user_rate_limits import Allowances
from bot.slack.views.answers import plain_answer
from bot.slack.views.applications.form_outcomes import outcome_view
from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import tagged, tagged_view
from bot.slack.views.building.blocks import Message
from bot.slack.web_api.client import answer
from bot.slack.web_api.scopes import DIRECT_MESSAGE, HOME_OPENED, MENTION

REDRAWS_HOME = (
    ids.REFRESH_HOME,
    ids.CLASSIFY,
    ids.HOME_ACCOUNT,
    ids.CHECK_NOW,
    ids.MORE,
    ids.CONTACT_SEEN,
    ids.CONTACT_START,
    ids.CONTACT_START_WITHOUT,
)
"""Clicks on the Home tab after which it is published again."""


MESSAGES = (MENTION, DIRECT_MESSAGE.partition(".")[0])
"""The types of events about messages to the bot."""

ACK_ANSWER_SECONDS = 1.0
"""For finding out who asks when the acknowledgement is the answer: it has 3, and Clust may take half (rule M1)."""

Received = TypeVar("Received", bound=PayloadPart)
Acted = TypeVar("Acted", bound=PersonPayload)


class Workspaces(Protocol):
    """The workspaces that this process serves."""

    async def services(self, actor: Actor, budget: TimeBudget | None = None) -> Services:
        """Return the services of someone's workspace, once Slack has said who the bot is there. Raises NotAllowed.

        `budget` is for what is asked of Slack about the person.
        """

    async def left(self, team_id: str, enterprise_id: str | None) -> None:
        """Stop serving a workspace or an organization that uninstalled the app."""


class Surfaces:
    """The work behind every listener."""

    def __init__(
        self,
        teams: Workspaces,
        session: aiohttp.ClientSession,
        clock: Callable[[], datetime],
        answered: Callable[[str, float], None],
        before_work: Callable[[], Awaitable[None]],
        acts_per_minute: int,
    ) -> None:
        """`answered` gets the word of each command, and the seconds until its answer was sent.

        `before_work` is awaited before work that was acknowledged. `acts_per_minute` is a limit for each person.
        """
        self._allowances, self._tasks = Allowances(acts_per_minute, time.monotonic), RequestTasks(before_work)
        self._teams, self._session, self._answered = teams, session, answered
        self.drain = self._tasks.drain
        self.homes = Homes(self._by_itself, clock)

    def listener(self, work: Callable[[Received], Coroutine[Any, Any, None]]) -> Callable[..., Awaitable[None]]:
        """Return a Bolt listener that acknowledges a payload, then starts this work on it."""

        async def acknowledge(ack: Callable[[], Awaitable[object]], received: Received) -> None:
            await ack()
            self._tasks.start(work(received))

        return acknowledge

    def act(self, work: Callable[[Acted], Coroutine[Any, Any, None]]) -> Callable[..., Awaitable[None]]:
        """Return a listener like `listener` for what people do, within their rate limit."""

        async def acknowledge(ack: Callable[..., Awaitable[object]], received: Acted) -> None:
            excess = self._allowances.act(received.sender)
            if excess is not None and isinstance(received, SlashCommandPayload):
                await ack(excess.sentence)
                return
            await ack()
            if excess is None:
                self._tasks.start(work(received))
            elif excess.is_news:
                self._tasks.start(self._refuse_excess(received, excess.sentence))

        return acknowledge

    async def command(self, payload: SlashCommandPayload) -> None:
        """Handle a slash command. Its answer goes to the person alone, by `response_url`."""
        line = commands.parse_slash_command(payload.command, payload.text or "")

        async def work() -> None:
            request = await commands.addressed(await self._request(payload, payload.sender), line)
            message = await commands.run(request, line)
            if message is not None:
                await answer(self._session, payload.response_url, tagged(message, request.account_id))

        began = time.monotonic()
        await self._tasks.guarded(
            self._tasks.queued(payload.sender, work()),
            self._by_url(payload.response_url),
            surface="command",
            word=line.typed_command[:20],
        )
        self._answered(line.command, time.monotonic() - began)

    async def action(self, payload: BlockActions) -> None:
        """Handle a click."""
        action, response_url = payload.action, payload.response_url

        async def work() -> None:
            request = await self._request(payload, payload.sender, payload.account_id)
            try:
                reply = await buttons.click(request, action)
            except Exception as error:
                if response_url:
                    raise
                # A click in a window or on the Home tab has no response URL: a window says what went wrong.
                await say_in_window(request, outcome_view("Clust", answer_to(error)))
                return
            if not response_url and ids.kind(action.action_id) in REDRAWS_HOME:
                await self.homes.open(payload.sender, account_chosen(action) or request.account_id)
            if reply and response_url:
                how: dict[str, object] = {"response_type": "in_channel"} if reply.for_all else {}
                how |= {"delete_original": True} if reply.deletes else {}
                message = tagged(reply.message, request.account_id)
                await answer(self._session, response_url, message, replace_original=reply.replace, **how)
            elif reply:
                await reply_in_window(request, reply)

        await self._tasks.guarded(
            self._tasks.queued(payload.sender, work()),
            self._by_url(response_url),
            surface="action",
            action=action.action_id[:60],
        )

    async def shortcut(self, payload: GlobalShortcut | MessageShortcut) -> None:
        """Handle a shortcut. What it can't do is said in a window, or by direct message."""

        async def work() -> None:
            request = await self._request(payload, payload.sender)
            try:
                message = await shortcuts.run(request, payload)
            except Exception as error:  # noqa: BLE001  the boundary: the person gets an answer
                message = answer_to(error)
            if message is not None:
                await say_in_window_or_directly(request, tagged(message, request.account_id))

        await self._tasks.guarded(
            self._tasks.queued(payload.sender, work()),
            self._by_url(payload.response_url),
            surface="shortcut",
            shortcut=payload.callback_id[:60],
        )

    async def submission(self, ack: Callable[..., Awaitable[object]], received: ViewSubmission) -> None:
        """Answer a submitted form in its acknowledgement, the only place for errors under fields (rule M1)."""
        view, sender = received.view, received.sender
        if excess := self._allowances.act(sender):
            await ack(**forms.refused(view, excess.sentence))
            return
        with bound(surface="form", form=(view.callback_id or "")[:60]):
            try:
                request = await self._request(received, sender, received.account_id, ACK_ANSWER_SECONDS)
                acknowledgement = dict(await forms.submit(request, view))
                if "view" in acknowledgement:
                    acknowledgement["view"] = tagged_view(acknowledgement["view"], request.account_id)
            except Exception as error:  # noqa: BLE001  the boundary: whatever it is, the person gets an answer
                acknowledgement = dict(forms.update("Clust", answer_to(error)))
        await ack(**acknowledgement)

    async def closed(self, payload: ViewClosed) -> None:
        """Handle a window that a person closed: a direct message says what is left to do (rule M1)."""
        sender = payload.sender

        async def work() -> None:
            services = await self._teams.services(sender)
            await draft_results.window_closed(services, sender.user_id, payload.view.id, services.clock())

        await self._tasks.guarded(work(), None, surface="closed")

    async def options(self, ack: Callable[..., Awaitable[object]], received: BlockSuggestion) -> None:
        """Answer a search in an external select with the options that match, or with none if something fails."""
        options: Sequence[Any] = ()
        if not self._allowances.search(received.sender):
            await ack(options=[])
            return
        with bound(surface="options"):
            try:
                request = await self._request(received, received.sender, received.account_id, ACK_ANSWER_SECONDS)
                options = await forms.search(request, ids.kind(received.block_id), received.value)
            except Exception as error:  # noqa: BLE001  the boundary: an empty select, and a line in the log
                answer_to(error)
        await ack(options=list(options))

    async def event(self, payload: EventCallback) -> None:
        """Handle an event. No one waits for an answer."""
        sender, event = payload.sender, payload.event
        if event.type in MESSAGES:
            if received := addressed_message(payload):
                await self.message(received)
            return

        async def work() -> None:
            if events.is_farewell(event):
                await self._teams.left(sender.team_id, sender.enterprise_id)
                return
            if handler := events.BY_PEOPLE.get(event.type):
                if sender.user_id and self._allowances.act(sender) is None:
                    request = await self._request(PersonEvent.of(event), sender, seconds=ACK_ANSWER_SECONDS)
                    await handler(request, event)
                return
            services = await self._teams.services(sender)
            if event.type != HOME_OPENED:
                await events.channel_event(services, event)
            elif event.tab == "home" and self._allowances.act(sender) is None:
                await self.homes.open(sender, is_new=await services.access.is_new(sender.user_id))

        await self._tasks.guarded(work(), None, surface="event", event_type=event.type)

    async def message(self, received: AddressedMessage) -> None:
        """Handle a message to the bot. Its answer goes to the person alone, in the place of the message."""
        sender, began, word = received.sender, time.monotonic(), ""
        excess = self._allowances.act(sender)
        if excess and not excess.is_news:
            return

        async def services() -> Services:
            return await self._teams.services(sender)

        async def work() -> None:
            nonlocal word
            if not await message_commands.is_new(await services(), received):
                return
            if excess:
                raise UsageError(excess.sentence)
            message, word = await message_commands.run(await self._request(received, sender), received)
            if message is not None:
                await reply(message)

        async def reply(message: Message) -> None:
            await message_commands.answer_privately(await services(), received, message)

        await self._tasks.guarded(self._tasks.queued(sender, work()), reply, surface="message")
        self._answered(word, time.monotonic() - began)

    async def step(self, ack: Callable[[], Awaitable[object]], received: EventCallback) -> None:
        """Run a step of a workflow. What offers options is acknowledged after its result (Slack: Dynamic options)."""
        run = steps.step_run(received.event)
        if run is not None and run.offers_options:
            await self._step(received.sender, run, ACK_ANSWER_SECONDS)
        await ack()
        if run is not None and not run.offers_options:
            self._tasks.start(self._step(received.sender, run))

    async def _step(self, sender: Actor, run: steps.StepRun, seconds: float | None = None) -> None:
        """Run a step, and send Slack its outputs, or in a sentence why it failed. A repeated event changes nothing."""

        async def work() -> None:
            services = await self._teams.services(sender)
            await steps.carry_out(services, run, partial(self._step_request, services, sender, run, seconds))

        await self._tasks.guarded(work(), None, surface="step", step=run.callback_id)

    async def _step_request(
        self, services: Services, sender: Actor, run: steps.StepRun, seconds: float | None
    ) -> Request:
        """Return the request of who started a workflow, or of workflows if no one did. Raises UsageError."""
        person = steps.person_in(run.inputs)
        actor = replace(sender, user_id=person or WORKFLOWS)
        if excess := self._allowances.act(actor):
            raise UsageError(excess.sentence)
        if person is not None:
            return await self._request(PersonPayload(), actor, seconds=seconds)
        return await steps.request_of_nobody(services, self._tasks.start)

    async def _request(
        self,
        payload: PersonPayload,
        sender: Actor,
        account_id: int | None = None,
        seconds: float | None = None,
        *,
        acts: bool = True,
    ) -> Request:
        """Return a request once Slack has said who asks. From then on the task speaks their language.

        `seconds` are those of a `TimeBudget`, from the choice of the workspace on. `acts` is that of `Asker`. Raises
        UsageError for a malformed id of a person or channel.
        """
        if not sender.user_id:
            raise UsageError(_("Slack didn't tell me who you are, so I did nothing. Try again in a moment."))
        budget = TimeBudget(seconds)
        services = await self._teams.services(sender, budget)
        asker = Asker(services.access, sender.user_id, budget, acts=acts)
        role, user, _at_most = await asker.authorization()
        speak(services.languages.of(user.locale))
        if payload.place and not is_id(payload.place):
            raise UsageError(_("I can't tell which channel this is about, so I did nothing. Try again in the channel."))
        return Request(
            services,
            payload,
            sender.user_id,
            payload.place,
            role,
            asker,
            zone_of(user.zone),
            self._tasks.start,
            await services.meant(payload.place, account_id),
        )

    async def _by_itself(self, sender: Actor, account_id: int | None) -> Request:
        """Return a request in a person's name that they didn't send, for updating their Home tab."""
        return await self._request(PersonPayload(), sender, account_id, acts=False)

    async def _refuse_excess(self, payload: PersonPayload, sentence: str) -> None:
        """Tell a person that they clicked too often, where they clicked."""

        async def work() -> None:
            if payload.response_url:
                raise UsageError(sentence)
            request = await self._request(payload, payload.sender)
            await say_in_window(request, outcome_view("Clust", plain_answer(sentence)))

        await self._tasks.guarded(work(), self._by_url(payload.response_url), surface="action")

    def _by_url(self, response_url: str | None) -> Reply | None:
        """Return what answers by a response URL, None without one."""
        return partial(answer, self._session, response_url) if response_url else None
