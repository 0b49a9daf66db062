"""What Slack takes as an entity (Slack: "Implementing Work Objects").

A wrong shape is refused. A key or field that the schema doesn't have is left out, with a warning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from bot.sandbox.slack.block_kit.validation import Fault
from bot.sandbox.slack.web_api_call import WebApiRefusal

MAX_METADATA_BYTES = 4000
SCHEMA = "invalid_metadata_schema"
TASK = "slack#/entities/task"
TYPES = {TASK, *(f"slack#/entities/{name}" for name in ("file", "incident", "content_item", "item"))}
TASK_FIELDS = frozenset(
    {"description", "created_by", "date_created", "date_updated", "assignee", "status", "due_date", "priority"}
)
COLORS = {"red", "yellow", "green", "gray", "blue"}

_ENTITY = {"app_unfurl_url", "url", "external_ref", "entity_type", "entity_payload"}
_PAYLOAD = {"attributes", "fields", "custom_fields", "display_order", "actions"}
_ATTRIBUTES = {
    *("title", "display_id", "display_type", "product_name", "product_icon", "locale", "full_size_preview"),
    "metadata_last_modified",
}
_FIELD = {
    *("type", "label", "value", "link", "icon", "long", "format", "image_url", "slack_file", "alt_text", "edit"),
    *("tag_color", "user", "entity_ref", "item_type", "boolean"),
}
_EDIT = {"enabled", "placeholder", "hint", "optional", "select", "number", "text", "boolean"}
_ACTION = {"text", "action_id", "value", "style", "url", "accessibility_label", "processing_state"}

_VALUES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "slack#/types/timestamp": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "slack#/types/date": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)),
    "array": lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value),
}


@dataclass
class Checked:
    """An entity as Slack keeps it, and what it warned of."""

    warnings: list[str] = field(default_factory=list)

    def entity(self, sent: Any, *, in_pane: bool = False) -> dict[str, Any]:
        """Return an entity without what Slack drops. Raises WebApiRefusal."""
        at = "/metadata" if in_pane else "/metadata/entities"
        kept = self._only(sent, _ENTITY, at)
        _needs(kept, at, "url", "external_ref", "entity_type", "entity_payload")
        if not in_pane:
            _needs(kept, at, "app_unfurl_url")
        reference = self._only(kept["external_ref"], {"id", "type"}, f"{at}/external_ref")
        if not re.fullmatch(r"[0-9A-Za-z_:!/=-]+", str(reference.get("id", ""))):
            _refuse(f"{at}/external_ref/id", "must only have 0-9 a-z A-Z - _ : ! / =")
        if kept["entity_type"] not in TYPES:
            _refuse(f"{at}/entity_type", "is no type of entity")
        payload = self._only(kept["entity_payload"], _PAYLOAD, f"{at}/entity_payload")
        return {**kept, "external_ref": reference, "entity_payload": self._payload(payload, f"{at}/entity_payload")}

    def _payload(self, payload: dict[str, Any], at: str) -> dict[str, Any]:
        _needs(payload, at, "attributes", "fields")
        attributes = self._only(payload["attributes"], _ATTRIBUTES, f"{at}/attributes")
        title = self._only(attributes.get("title"), {"text", "edit"}, f"{at}/attributes/title")
        if not isinstance(title.get("text"), str) or not title["text"]:
            _refuse(f"{at}/attributes/title/text", "must be a text")
        self._edit(title, f"{at}/attributes/title")
        names = self._only(payload["fields"], TASK_FIELDS, f"{at}/fields")
        fields = {name: self._field(each, f"{at}/fields/{name}", "string") for name, each in names.items()}
        custom = [self._custom(each, f"{at}/custom_fields/{number}") for number, each in enumerate(_list(payload, at))]
        keys = {*fields, *(each["key"] for each in custom)}
        order = [key for key in payload.get("display_order", ()) if self._is_there(key, keys, f"{at}/display_order")]
        actions = self._actions(payload.get("actions") or {}, f"{at}/actions")
        return {
            "attributes": {**attributes, "title": title},
            "fields": fields,
            "custom_fields": custom,
            "display_order": order,
            "actions": actions,
        }

    def _custom(self, sent: Any, at: str) -> dict[str, Any]:
        kept = self._only(sent, {*_FIELD, "key"}, at)
        _needs(kept, at, "key", "label", "type")
        return {"key": kept["key"], **self._field({key: kept[key] for key in kept if key != "key"}, at, kept["type"])}

    def _field(self, sent: Any, at: str, kind: str) -> dict[str, Any]:
        kept = self._only(sent, _FIELD, at)
        kind = kept.get("type", kind)
        if kind == "slack#/types/user":
            user = self._only(kept.get("user"), {"user_id", "text", "url", "email", "icon"}, f"{at}/user")
            if ("user_id" in user) is ("text" in user):
                _refuse(f"{at}/user", "must have either user_id or text")
        elif kind not in _VALUES:
            _refuse(f"{at}/type", "is no type of field")
        elif "value" in kept and not _VALUES[kind](kept["value"]):
            _refuse(f"{at}/value", f"is no {kind}")
        if kept.get("tag_color", "gray") not in COLORS:
            _refuse(f"{at}/tag_color", "is no color")
        self._edit(kept, at)
        return kept

    def _edit(self, holder: dict[str, Any], at: str) -> None:
        if "edit" not in holder:
            return
        edit = holder["edit"] = self._only(holder["edit"], _EDIT, f"{at}/edit")
        if not isinstance(edit.get("enabled"), bool):
            _refuse(f"{at}/edit/enabled", "must be true or false")
        for name, limit in (("hint", 2000), ("placeholder", 150)):
            if name in edit and not _is_plain_text(edit[name], limit):
                _refuse(f"{at}/edit/{name}", f"must be a plain text of at most {limit} characters")
        for option in (edit.get("select") or {}).get("static_options", ()):
            if not _is_plain_text(option.get("text"), 75) or not 0 < len(option.get("value", "")) <= 150:  # noqa: PLR2004
                _refuse(f"{at}/edit/select/static_options", "must have a text and a value")

    def _actions(self, sent: Any, at: str) -> dict[str, Any]:
        actions = self._only(sent, {"primary_actions", "overflow_actions"}, at)
        for name, most in (("primary_actions", 2), ("overflow_actions", 5)):
            rows = actions.get(name, [])
            if len(rows) > most:
                _refuse(f"{at}/{name}", f"must have at most {most}")
            actions[name] = [self._action(row, f"{at}/{name}/{number}") for number, row in enumerate(rows)]
        return actions

    def _action(self, sent: Any, at: str) -> dict[str, Any]:
        kept = self._only(sent, _ACTION, at)
        _needs(kept, at, "text", "action_id")
        for name, limit in (("text", 75), ("action_id", 255), ("value", 2000), ("url", 3000)):
            if name in kept and not (isinstance(kept[name], str) and 0 < len(kept[name]) <= limit):
                _refuse(f"{at}/{name}", f"must be a text of at most {limit} characters")
        return kept

    def _only(self, sent: Any, names: Collection[str], at: str) -> dict[str, Any]:
        if not isinstance(sent, Mapping):
            _refuse(at, "must be an object")
        for name in sent:
            self._is_there(name, names, at)
        return {name: value for name, value in sent.items() if name in names}

    def _is_there(self, name: str, names: Collection[str], at: str) -> bool:
        if name not in names:
            self.warnings.append(f"[WARN] unknown key was left out [json-pointer:{at}/{name}]")
        return name in names


def entities_of(metadata: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the entities of `chat.unfurl`, and what Slack warns of. Raises WebApiRefusal."""
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("entities"), list) or not metadata["entities"]:
        raise WebApiRefusal("invalid_metadata_format")
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_METADATA_BYTES:
        raise WebApiRefusal("metadata_too_large")
    checked = Checked()
    return [checked.entity(each) for each in metadata["entities"]], checked.warnings


def on_card(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entity as a card shows it: nothing there can be edited."""
    return {name: _without_edit(value) for name, value in entity.items()}


def _without_edit(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _without_edit(value) for name, value in part.items() if name != "edit"}
    return [_without_edit(each) for each in part] if isinstance(part, list) else part


def _list(payload: Mapping[str, Any], at: str) -> list[Any]:
    rows = payload.get("custom_fields", [])
    if not isinstance(rows, list):
        _refuse(f"{at}/custom_fields", "must be a list")
    return rows


def _needs(sent: Mapping[str, Any], at: str, *names: str) -> None:
    for name in names:
        if sent.get(name) in (None, ""):
            _refuse(f"{at}/{name}", "is missing")


def _is_plain_text(sent: Any, limit: int) -> bool:
    if not isinstance(sent, Mapping) or sent.get("type") != "plain_text":
        return False
    return isinstance(sent.get("text"), str) and 0 < len(sent["text"]) <= limit


def _refuse(where: str, problem: str) -> NoReturn:
    raise WebApiRefusal(SCHEMA, [Fault(SCHEMA, where, problem)])
