"""The last requests between Slack, the bot and Clust with their answers, without secrets, for the page's inspector."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Any, Literal

from bot.core.applications.webhook_urls import masked
from bot.core.language import _, ngettext
from bot.sandbox.clust.serving import Served
from bot.sandbox.clust.webhooks import WebhookCall
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.messages import Change
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.web_api_call import RESPONSE_URL, WebApiCall

Direction = Literal["slack→bot", "bot→slack", "bot→clust", "clust→bot"]

MAX_ENTRIES = 150
"""Entries kept in each direction. They are separate so that polls don't push out a user's actions."""

InWords = Callable[[], str]
"""A text in its reader's language."""

MAX_TEXT_CHARS = 20_000
"""Characters of one text in a body. Longer text is cut, with a note about it."""

MASK = "•••"
SECRET_KEYS = frozenset({"token", "api_key", "authorization", "password", "secret", "bot_access_token"})


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request and its answer. `at` is when it ended (by Slack's clock), `seconds` how long it took."""

    number: int
    way: Direction
    at: float
    title_in_words: InWords
    outcome_in_words: InWords
    is_fine: bool
    seconds: float
    sent: Any
    answer: Any

    @property
    def title(self) -> str:
        """What was requested."""
        return self.title_in_words()

    @property
    def outcome(self) -> str:
        """How it ended: the status of the answer, or what came instead."""
        return self.outcome_in_words()

    def summary(self) -> dict[str, Any]:
        """Return one line of the inspector."""
        names = ("number", "way", "at", "title", "outcome", "is_fine", "seconds")
        return {name: getattr(self, name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, for the inspector's details."""
        return {**self.summary(), "sent": self.sent, "answer": self.answer}


class RequestLog:
    """Keeps the last requests in each direction. `secrets` are masked wherever they occur."""

    def __init__(self, clock: Callable[[], float], secrets: Collection[str]) -> None:
        self.on_entry: list[Callable[[Exchanged], None]] = []
        self._clock = clock
        self._secrets = [secret for secret in secrets if secret]
        self._numbers = count(1)
        self._ways: dict[Direction, deque[Exchanged]] = {}

    def entries(self) -> list[Exchanged]:
        """Return what is kept, the oldest first."""
        return sorted((entry for kept in self._ways.values() for entry in kept), key=lambda entry: entry.number)

    def entry(self, number: int) -> Exchanged | None:
        """Return the entry with this number, if it is still kept."""
        return next((entry for entry in self.entries() if entry.number == number), None)

    def slack_changed(self, change: Change) -> None:
        """Record a request from or to Slack."""
        if change.kind == "acknowledged" and isinstance(change.subject, Interaction):
            self._acknowledged(change.subject)
        elif change.kind == "call" and isinstance(change.subject, WebApiCall):
            self._called(change.subject)

    def clust_served(self, served: Served) -> None:
        """Record a request to Clust."""
        request, answer = served.request, served.answer
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        self._keep(
            "bot→clust",
            lambda: f"{request.method} {request.path}{'?' if query else ''}{query}",
            lambda: str(answer.status) if answer else _("connection cut"),
            bool(answer and answer.status < 400),  # noqa: PLR2004  HTTP: from here on something went wrong
            served.seconds,
            _decoded(request.body),
            _decoded(answer.body) if answer else None,
        )

    def webhook_called(self, call: WebhookCall) -> None:
        """Record a webhook that Clust called."""
        self._keep(
            "clust→bot",
            lambda: _("webhook {event} · {id}", event=call.event, id=call.application_id),
            lambda: str(call.status) if call.status else _("no connection"),
            call.status == HTTPStatus.OK,
            call.seconds,
            call.sent,
            None,
        )

    def _acknowledged(self, interaction: Interaction) -> None:
        status = interaction.status

        def outcome() -> str:
            return {None: _("no response in time"), 0: _("no connection")}.get(status, str(status))

        self._keep(
            "slack→bot",
            lambda: _title(interaction.state, interaction.payload),
            outcome,
            interaction.is_acknowledged,
            interaction.seconds,
            interaction.payload,
            interaction.body,
        )

    def _called(self, call: WebApiCall) -> None:
        error = call.answer.get("error", "")
        self._keep(
            "bot→slack",
            lambda: _("reply via response URL") if call.method == RESPONSE_URL else call.method,
            lambda: " ".join(part for part in (str(call.status or _("connection cut")), error) if part),
            bool(call.answer.get("ok")),
            call.seconds,
            call.arguments,
            call.answer,
        )

    def _keep(
        self, way: Direction, title: InWords, outcome: InWords, is_fine: bool, seconds: float, sent: Any, answer: Any
    ) -> None:
        entry = Exchanged(
            next(self._numbers),
            way,
            self._clock(),
            lambda: self._text(title()),
            outcome,
            is_fine,
            seconds,
            self._masked(_unfolded(sent)),
            self._masked(_unfolded(answer)),
        )
        self._ways.setdefault(way, deque(maxlen=MAX_ENTRIES)).append(entry)
        for listener in self.on_entry:
            listener(entry)

    def _masked(self, value: Any, key: str = "") -> Any:
        if key.casefold() in SECRET_KEYS:
            return MASK
        if isinstance(value, Mapping):
            return {name: self._masked(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        text = masked(text)
        more = len(text) - MAX_TEXT_CHARS
        if more <= 0:
            return text
        return ngettext(
            "{beginning} … and {count} more character",
            "{beginning} … and {count:,} more characters",
            more,
            beginning=text[:MAX_TEXT_CHARS],
        )


def _title(state: SlackState, payload: Mapping[str, Any]) -> str:
    """Summarize a payload from Slack in a few words."""
    who = str((payload.get("user") or {}).get("id") or payload.get("user_id") or "")
    name = state.workspace.users[who].name if who in state.workspace.users else ""
    summary = _SUMMARIES[str(payload.get("type"))](payload)
    return f"{summary} · {name}" if name else summary


_SUMMARIES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "None": lambda sent: f"{sent['command']} {sent['text']}".strip(),
    "event_callback": lambda sent: _("event {name}", name=sent["event"]["type"]),
    "block_actions": lambda sent: _("click {name}", name=sent["actions"][0]["action_id"]),
    "view_submission": lambda sent: _("submit {name}", name=sent["view"]["callback_id"]),
    "view_closed": lambda sent: _("close {name}", name=sent["view"]["callback_id"]),
    "shortcut": lambda sent: _("shortcut {name}", name=sent["callback_id"]),
    "message_action": lambda sent: _("shortcut {name}", name=sent["callback_id"]),
    "block_suggestion": lambda sent: _("search “{text}”", text=sent["value"]),
}
"""By the payload's type. A command's payload has none."""


def _decoded(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _unfolded(value: Any) -> Any:
    """Return arguments with the JSON in them (blocks, views, metadata) read, since forms send it as text."""
    if not isinstance(value, Mapping):
        return value
    return {name: _read(inner) if isinstance(inner, str) else inner for name, inner in value.items()}


def _read(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in ("{", "[") else text
    except ValueError:
        return text
