"""Read what Slack sends into the values of `request.payloads`: once, over HTTP and by Socket Mode alike.

Texts are cleaned here, so that all that listeners see can be stored and sent on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from slack_bolt.async_app import AsyncBoltRequest

from bot.core.text import storable_value
from bot.slack.request.payloads import BY_TYPE, PayloadPart, SlashCommandPayload, SslCheck

MAX_KEYS_NAMED = 6
"""Of the path to what is wrong in a payload, in the log."""

MAX_KEY_LENGTH = 30
"""Characters of each of them: what a stranger calls a key needn't fill the log."""

_NAMES_NO_TEXT = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
"""How JSON names NUL, or half a character."""


class Malformed(ValueError):
    """This is nothing that Slack sends."""


@dataclass(frozen=True, slots=True)
class Received:
    """A payload, and the JSON or form that it was read from: by that Bolt finds the listener."""

    payload: PayloadPart
    raw: dict[str, Any]

    def for_bolt(self, headers: dict[str, str | Sequence[str]] | None, query: str = "") -> AsyncBoltRequest:
        """Return the request that Bolt dispatches; a listener gets the payload as the argument `received`.

        Over HTTP too it is given as what comes by Socket Mode is: Bolt would take any form in which the word payload
        stands for an interaction.
        """
        context = {"received": self.payload}
        return AsyncBoltRequest(body=self.raw, query=query, headers=headers, context=context, mode="socket_mode")


def read(body: str) -> Received | None:
    """Return the payload of an HTTP request's body, None for a kind that is not for this bot. Raises Malformed."""
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
    """Return a payload as the value that it is, None for a kind that is not for this bot. Raises Malformed.

    `text` is the JSON that it was read from, where that is at hand. What can't be stored or sent on is taken out of
    its texts: NUL, and half characters.
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
    """Return a payload as its shape. Raises Malformed, which names the keys to what is wrong, and no value."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each)[:MAX_KEY_LENGTH] for each in first["loc"][:MAX_KEYS_NAMED])
        raise Malformed(f"a {shape.__name__} with {where} that can't be") from error


def _shape_of(value: dict[str, Any]) -> type[PayloadPart] | None:
    """Return the shape of a payload, None for a kind that is not for this bot. Raises Malformed."""
    if "command" in value:
        return SlashCommandPayload
    if "ssl_check" in value:
        return SslCheck
    if not isinstance(kind := value.get("type"), str):
        raise Malformed("no payload of Slack's")
    return BY_TYPE.get(kind)
