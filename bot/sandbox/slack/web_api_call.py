"""One call of a Web API method: its arguments, however they were sent, and its refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.block_kit.validation import Fault

RESPONSE_URL = "response_url"

Answer = dict[str, Any]
"""The JSON object that a method answers with."""


class WebApiRefusal(Exception):
    """Slack's `ok: false` answer with an error code. `faults` say what is wrong with a message or view."""

    def __init__(self, code: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.faults = faults

    def to_dict(self) -> dict[str, Any]:
        """Return the answer's body."""
        answer: dict[str, Any] = {"ok": False, "error": self.code}
        if self.faults:
            messages = [f"[ERROR] {fault.problem} [json-pointer:{fault.where}]" for fault in self.faults]
            answer["response_metadata"] = {"messages": messages}
        return answer


def refuse_faults(faults: Sequence[Fault]) -> None:
    """Raise WebApiRefusal with the code of the first fault, if there is one."""
    if faults:
        raise WebApiRefusal(faults[0].code, faults)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call, which was made with `token`.

    Forms send everything as text, and lists and objects as JSON. JSON bodies send values.
    """

    sent: Mapping[str, Any]
    token: str = ""

    def __contains__(self, name: str) -> bool:
        return self.sent.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.sent.get(name)
        return default if value is None else str(value)

    def needed(self, name: str, code: str = "invalid_arguments") -> str:
        """Return an argument as text. Raises WebApiRefusal if it is missing or empty."""
        if not (value := self.text(name)):
            raise WebApiRefusal(code)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return an argument as a boolean."""
        return self.text(name, str(default)).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Return an argument as a whole number. Raises WebApiRefusal for anything else."""
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise WebApiRefusal("invalid_arguments")
        return int(value)

    def json(self, name: str, code: str = "invalid_arguments") -> Any:
        """Return an argument that is a list or an object, None if it wasn't sent.

        Raises WebApiRefusal with `code` for invalid JSON.
        """
        value = self.sent.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except (ValueError, RecursionError) as error:
            raise WebApiRefusal(code) from error


@dataclass(frozen=True, slots=True)
class WebApiCall:
    """One call and its answer.

    `at` is the time by the clock, `status` the HTTP status (None if the connection was cut), `seconds` the duration,
    and `token` the caller's token, valid or not. Uses of response URLs are recorded as calls of the method
    `RESPONSE_URL`.
    """

    method: str
    arguments: Mapping[str, Any]
    status: int | None
    answer: Mapping[str, Any]
    at: float
    seconds: float = 0.0
    token: str = field(default="", repr=False)
