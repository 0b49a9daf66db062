"""Read what Slack sends into frozen values: once, the same over HTTP and by Socket Mode.

Texts are cleaned here, so everything that listeners see can be stored and sent on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from slack_bolt.async_app import AsyncBoltRequest

from bot.core.typed_text import storable_value
from bot.slack.request.event_payloads import EventCallback, UrlVerification
from bot.slack.request.payload_models import (
    BlockActions,
    BlockSuggestion,
    GlobalShortcut,
    MessageShortcut,
    SlashCommandPayload,
    SslCheck,
    ViewClosed,
    ViewSubmission,
)
from bot.slack.request.payload_parts import PayloadPart

_BY_TYPE: Mapping[str, type[PayloadPart]] = {
    "block_actions": BlockActions,
    "view_submission": ViewSubmission,
    "view_closed": ViewClosed,
    "block_suggestion": BlockSuggestion,
    "shortcut": GlobalShortcut,
    "message_action": MessageShortcut,
    "event_callback": EventCallback,
    "url_verification": UrlVerification,
}
"""The shape of each payload by its type. Other types are not for this bot."""

MAX_KEYS_NAMED = 6
"""Keys of the path to an invalid value that the log names."""

MAX_KEY_LENGTH = 30
"""Characters of each of these keys, so that a sender can't fill the log."""

_NAMES_NO_TEXT = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
"""How JSON escapes NUL and lone surrogates."""


class Malformed(ValueError):
    """Not a payload that Slack sends."""


@dataclass(frozen=True, slots=True)
class Received:
    """A payload, and the JSON object or form it was read from, by which Bolt finds the listener."""

    payload: PayloadPart
    raw: dict[str, Any]

    def for_bolt(self, headers: dict[str, str | Sequence[str]] | None, query: str = "") -> AsyncBoltRequest:
        """Return the request for Bolt to dispatch. Listeners get the payload as the argument `received`.

        It always looks like one of Socket Mode: over HTTP, Bolt takes any form that contains the word payload for an
        interaction.
        """
        context = {"received": self.payload}
        return AsyncBoltRequest(body=self.raw, query=query, headers=headers, context=context, mode="socket_mode")


def read(body: str) -> Received | None:
    """Return the payload of an HTTP request's body, or None for a type that isn't for this bot. Raises Malformed."""
    try:
        if body.lstrip()[:1] == "{":
            return parse(json.loads(body), body)
        form = dict(parse_qsl(body, keep_blank_values=True))
        if "payload" in form:
            return parse(json.loads(form["payload"]), form["payload"])
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error) if isinstance(error, Malformed) else "no payload of Slack's") from error
    return parse(form) if form.keys() & {"command", "ssl_check"} else None


def parse(value: object, text: str | None = None) -> Received | None:
    """Return a payload as a value, or None for a type that isn't for this bot. Raises Malformed.

    `text` is the JSON that `value` was decoded from, if at hand. What can't be stored or sent on is removed from its
    texts: NUL and lone surrogates.
    """
    try:
        if _NAMES_NO_TEXT.search(text or json.dumps(value)):
            value = storable_value(value)
    except (ValueError, RecursionError) as error:
        raise Malformed("no payload of Slack's") from error
    if not isinstance(value, dict):
        raise Malformed("no payload of Slack's")
    shape = _shape_of(value)
    if shape is None:
        return None
    # What has no field is kept from Bolt too, which would look into it.
    raw = {name: value[name] for name in ("type", *shape.model_fields) if name in value}
    return Received(_validated(shape, value), raw)


def _validated(shape: type[PayloadPart], value: dict[str, Any]) -> PayloadPart:
    """Return a payload as its model. Raises Malformed, which names the path to what is invalid, and no value."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each)[:MAX_KEY_LENGTH] for each in first["loc"][:MAX_KEYS_NAMED])
        raise Malformed(f"a {shape.__name__} with {where} that can't be") from error


def _shape_of(value: dict[str, Any]) -> type[PayloadPart] | None:
    """Return the model of a payload, or None for a type that isn't for this bot. Raises Malformed."""
    if "command" in value:
        return SlashCommandPayload
    if "ssl_check" in value:
        return SslCheck
    if not isinstance(kind := value.get("type"), str):
        raise Malformed("no payload of Slack's")
    return _BY_TYPE.get(kind)
