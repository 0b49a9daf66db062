"""One user interaction and all the bot's responses: its acknowledgement and the uses of its response URL.

From Slack's "Handling user interaction", `response_url`: five uses in thirty minutes. An answer is for the person alone
unless `response_type` says `in_channel`, and a new message unless it says to replace or delete the original.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.sandbox.slack.block_kit.elements import with_ids
from bot.sandbox.slack.messages import PATIENCE_SECONDS, PostedMessage
from bot.sandbox.slack.requests_to_bot import OK, BotResponse
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.views import View
from bot.sandbox.slack.web_api_call import WebApiRefusal, refuse_faults

MAX_USES = 5
LIFETIME_SECONDS = 30 * 60
"""How long a response URL can be used."""

SLACKBOT = "USLACKBOT"


@dataclass(slots=True, eq=False)
class Interaction:
    """A payload that was sent to the bot, and its responses.

    `status` is the acknowledgement's HTTP status (None: none in time, 0: the bot was unreachable), `body` its body,
    `seconds` how long it took. `answers` are the messages as first posted, in order. `view` is the view that the
    acknowledgement opened or changed, `errors` the errors it put below fields, `refused` the error codes of responses
    that Slack refused. `card` is the link whose card was clicked: only that card is the original.
    """

    state: SlackState
    payload: Mapping[str, Any]
    user: str
    channel: str = ""
    original: PostedMessage | None = None
    status: int | None = None
    body: Any = None
    seconds: float = 0.0
    answers: list[PostedMessage] = field(default_factory=list)
    view: View | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    card: str = ""
    uses: int = 0
    since: float = 0.0

    @property
    def is_acknowledged(self) -> bool:
        """Whether the bot answered 200 in time."""
        return self.status == OK

    def take(self, acknowledgement: BotResponse) -> None:
        """Record the acknowledgement and notify listeners."""
        self.status, self.body = acknowledgement.status, acknowledgement.body
        self.seconds = acknowledgement.seconds
        self.state.changes.publish("acknowledged", self)

    async def answer(self, n: int = 1, timeout: float = PATIENCE_SECONDS) -> PostedMessage:
        """Wait for the n-th answer (from 1) and return it as first posted.

        Raises TimeoutError after `timeout` seconds.
        """
        await self.state.changes.wait_for(lambda: len(self.answers) >= n, timeout)
        return self.answers[n - 1]

    def say(self, sent: Mapping[str, Any]) -> None:
        """Post, replace or delete a message as a response asks. Raises WebApiRefusal."""
        original = self.original and self.state.messages.get(self.original.channel, self.original.ts)
        if sent.get("delete_original"):
            if original and self.card:
                left = [card for card in original.attachments if card["app_unfurl_url"] != self.card]
                self.state.messages.change(original, attachments=left)
            elif original:
                self.state.messages.delete(original)
            return
        refuse_faults(self.state.message_faults(sent))
        content: dict[str, Any] = {"text": sent.get("text") or "", "blocks": with_ids(sent.get("blocks") or ())}
        if sent.get("replace_original") and original and not self.card:
            message = self.state.messages.change(original, **content)
        else:
            visible_to = None if sent.get("response_type") == "in_channel" else self.user
            thread_ts = sent.get("thread_ts")
            message = self.state.messages.post(self.channel, visible_to=visible_to, thread_ts=thread_ts, **content)
        self.answers.append(message)
        self.state.changes.publish("interaction", self)

    def say_at_once(self) -> None:
        """Post the message in a command's acknowledgement. It doesn't count as a use of the response URL."""
        try:
            self.say(self.body if isinstance(self.body, Mapping) else {"text": str(self.body)})
        except WebApiRefusal as refusal:
            self.refused.append(refusal.code)

    def fail(self, command: str) -> None:
        """Post Slackbot's error message: the bot did not acknowledge the command."""
        code = "operation_timeout" if self.status is None else "dispatch_failed"
        text = f'{command} failed with the error "{code}"'
        self.answers.append(self.state.messages.post(self.channel, user=SLACKBOT, text=text, visible_to=self.user))
        self.state.changes.publish("interaction", self)


class ResponseUrls:
    """The response URLs issued so far."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._numbers = count(1)
        self._interactions: dict[str, Interaction] = {}

    def give(self, interaction: Interaction) -> str:
        """Return a new response URL for answers to `interaction`."""
        name = str(next(self._numbers))
        interaction.since = self._state.clock()
        self._interactions[name] = interaction
        return f"{self._state.base_url}response/{name}"

    def use(self, name: str, sent: Mapping[str, Any]) -> None:
        """Handle a POST to a response URL. Raises WebApiRefusal. A refused use counts too."""
        interaction = self._interactions.get(name)
        if interaction is None:
            raise WebApiRefusal("invalid_url")
        try:
            self._count(interaction)
            interaction.say(sent)
        except WebApiRefusal as refusal:
            interaction.refused.append(refusal.code)
            self._state.changes.publish("interaction", interaction)
            raise

    def _count(self, interaction: Interaction) -> None:
        if self._state.clock() - interaction.since > LIFETIME_SECONDS:
            raise WebApiRefusal("expired_url")
        if interaction.uses >= MAX_USES:
            raise WebApiRefusal("used_url")
        interaction.uses += 1
