"""The names of our forms' fields, and those of the API for them: a correction is one line (`clust-api`, Dossiers)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


def _whole(value: Any) -> Any:
    """Return a number given as text (or as yes) as a whole number, anything else unchanged."""
    if isinstance(value, bool) or (isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value)):
        return int(value)
    return value


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where a field is in the API's JSON, where a response may have it instead, and how its value is sent."""

    path: str
    also: str = ""
    sent: Callable[[Any], Any] = _as_it_is


WIRE: Mapping[str, FieldMapping] = {
    "template_id": FieldMapping("template_id", also="template.id", sent=_whole),
    "first_name": FieldMapping("contact.firstname"),
    "last_name": FieldMapping("contact.lastname"),
    "email": FieldMapping("contact.email"),
    "phone": FieldMapping("contact.phone", also="contact.phone_number"),
    "title": FieldMapping("title"),
    "external_id": FieldMapping("external_id"),
    "auto_emails": FieldMapping("auto_emails", sent=_whole),
    "folder_id": FieldMapping("folder_id", sent=_whole),
    "custom": FieldMapping("custom"),
    "webhook_url": FieldMapping("webhook.url"),
    "webhook_events": FieldMapping("webhook.events"),
}
"""An application's fields, by the names of our forms."""

TEMPLATE_WIRE: Mapping[str, FieldMapping] = {"new_template": FieldMapping("title")}
"""The field of the form that creates a template."""
