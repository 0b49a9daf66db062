"""The rules for the fields that Clust receives, and its messages: Laravel's validation and error format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.sandbox.malformed_requests import parsed

EVENTS = ("created", "late", "submitted", "pending submission", "approved")
"""What a webhook can be called for."""


class ValidationRefusal(Exception):
    """Clust refuses a request. `errors` are its messages by field."""

    def __init__(
        self,
        status: int,
        message: str = "",
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.message = message or HTTPStatus(status).phrase
        self.errors = errors or {}
        self.headers = headers or {}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 255  # noqa: PLR2004  Laravel's usual column


def is_number(value: Any) -> bool:
    """Return whether a value is a number or a numeric string. `True` is neither."""
    return not isinstance(value, bool) and re.fullmatch(r"[0-9]{1,18}", str(value)) is not None


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: _is_text(value) and re.fullmatch(pattern, value) is not None


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The rule for one field, and its message."""

    name: str
    valid: Callable[[Any], bool] = _is_text
    demand: str = "must be a string of at most 255 characters"
    required: bool = False

    def complaint(self, value: Any) -> str | None:
        """Return a message if `value` is invalid. None means absent or emptied."""
        if value is None:
            return f"The {self.name} field is required." if self.required else None
        return None if self.valid(value) else f"The {self.name} field {self.demand}."


DOSSIER_RULES = (
    FieldRule("template_id", is_number, "must be a number", required=True),
    FieldRule("contact.firstname", required=True),
    FieldRule("contact.lastname", required=True),
    FieldRule("contact.email", _matches(r"[^@\s]+@[^@\s]+\.[^@\s.]+"), "must be a valid email address", required=True),
    FieldRule("contact.phone"),
    FieldRule("title"),
    FieldRule("external_id"),
    FieldRule("auto_emails", lambda value: value in (0, 1, "0", "1"), "must be true or false"),
    FieldRule("folder_id", is_number, "must be a number"),
    FieldRule("custom"),
    FieldRule("webhook.url", _matches(r"https?://\S+"), "must be a valid URL"),
    FieldRule("webhook.events", lambda them: isinstance(them, list) and all(it in EVENTS for it in them), "is invalid"),
)
TEMPLATE_RULES = (
    FieldRule("title", required=True),
    FieldRule("is_live", lambda value: isinstance(value, bool), "must be true or false"),
)


def checked(rules: Sequence[FieldRule], body: bytes, *, creating: bool) -> dict[str, Any]:
    """Return the known fields of a JSON body by their dotted names. Raises ValidationRefusal with all messages.

    Like Laravel, it ignores unknown fields and reads blank text as null. An update requires nothing that it leaves out.
    """
    sent = parsed(body or b"{}")
    if not isinstance(sent, dict):
        raise ValidationRefusal(400, "The request body must be a JSON object.")
    flat: dict[str, Any] = {}
    for key, value in sent.items():
        flat |= {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value}
    flat = {key: None if isinstance(value, str) and not value.strip() else value for key, value in flat.items()}
    applicable = [rule for rule in rules if creating or rule.name in flat]
    errors = {rule.name: complaint for rule in applicable if (complaint := rule.complaint(flat.get(rule.name)))}
    if errors:
        raise invalid(errors)
    return {rule.name: flat[rule.name] for rule in rules if rule.name in flat}


def not_found(resource: str, message: str) -> ValidationRefusal:
    """Return the 404 for a kind of resource, with Clustdoc's code."""
    return ValidationRefusal(404, message, {resource: f"{resource}_not_found"})


def invalid(errors: Mapping[str, str]) -> ValidationRefusal:
    """Return Laravel's 422: the first message and the number of others."""
    first, *others = errors.values()
    more = f" (and {len(others)} more error{'s' * (len(others) > 1)})" if others else ""
    return ValidationRefusal(422, first + more, errors)


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted names into objects."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        outer, _, inner = name.partition(".")
        if inner:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[outer] = value
    return nested
