"""The pane that a person opens beside a card, and the message that someone is still writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ERRORS = {
    *("restricted", "internal_error", "not_found", "custom", "custom_partial_view", "timeout", "edit_error"),
}
"""The statuses of an error in a pane (Slack: entity.presentDetails)."""


@dataclass(slots=True, eq=False)
class Pane:
    """What one person sees of an entity. Opened from a search it has no message and no reference.

    `entity` or `error` is the bot's answer. `errors` are below fields, `trouble` is above all of them.
    """

    user: str
    entity_url: str
    external_ref: Mapping[str, str] | None = None
    channel: str = ""
    message_ts: str = ""
    app_unfurl_url: str = ""
    entity: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def place(self) -> dict[str, Any]:
        """Where it is, as `container`, `view` and the event say it."""
        reference = {"external_ref": dict(self.external_ref)} if self.external_ref else {}
        message = {"message_ts": self.message_ts, "app_unfurl_url": self.app_unfurl_url} if self.message_ts else {}
        return {"entity_url": self.entity_url, **reference, **message}

    def editable(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the fields that can be edited, by name. The title is one of them."""
        payload = self.entity["entity_payload"] if self.entity else {}
        custom = {each["key"]: each for each in payload.get("custom_fields", ())}
        for name, each in {
            "title": (payload.get("attributes") or {}).get("title") or {},
            **(payload.get("fields") or {}),
            **custom,
        }.items():
            if each.get("edit", {}).get("enabled"):
                yield name, each


@dataclass(slots=True, eq=False)
class Composer:
    """A message that a person is still writing: its text, and the previews of its links."""

    unfurl_id: str
    user: str
    text: str
    attachments: Sequence[Mapping[str, Any]] = ()


def entry(field: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return what stands in a field, as `state.values` has it. `value` is that of an option, or a text."""
    select = field["edit"].get("select")
    if field.get("type") == "array":
        return {"type": "multi_static_select", "selected_options": [{"value": each} for each in value or ()]}
    if select is None:
        kind = "number_input" if field.get("type") == "integer" else "plain_text_input"
        return {"type": kind, "value": None if value in (None, "") else str(value)}
    kind = "external_select" if select.get("fetch_options_dynamically") else "static_select"
    return {"type": kind, "selected_option": {"value": value} if value else None}


def present(field: Mapping[str, Any]) -> Any:
    """Return what a field begins with in its editor."""
    select = field["edit"].get("select", {})
    return select.get("current_values") or select.get("current_value") or field.get("text") or field.get("value")
