"""Translate requests and responses between the bot's names and those of an `ApiDialect`, without I/O.

The rest of the bot knows one set of names. Where an operator sets others, requests are translated right before they are
sent, and responses before anything else reads them. Without these settings nothing is translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.clust.protocol import ApiRequest, is_readable
from bot.core.clust_api.beliefs import FIELDS, ITEMS, OPERATIONS, TEMPLATES
from bot.core.clust_api.dialect import ApiDialect, SentAs, SentField

TranslatedRow = dict[str, Any]
KeyPath = tuple[str, ...]
"""The names on the way to a value, from the outermost object."""

_PLACE_IN_LIST = re.compile(r"\.[0-9]+$")
_LISTS = frozenset({"list", "templates"})


def operation_of(request: ApiRequest) -> str | None:
    """Return the key in OPERATIONS of a request in the bot's names. None if it is another one, as of the console."""
    resource, *ids = request.path.strip("/").split("/")
    path = f"/{resource}" + "".join("/{id}" for _ in ids)
    return next((key for key, row in OPERATIONS.items() if row.path == path and request.method in row.methods), None)


class DialectTranslation:
    """Translates for one dialect."""

    def __init__(self, dialect: ApiDialect) -> None:
        self._dialect, self._is_default = dialect, dialect == ApiDialect()
        self._parameters = {theirs: ours for ours, theirs in dialect.parameters.items()}
        self._events = {theirs: ours for ours, theirs in dialect.events.items()}
        self._sent = {field.path: name for name, field in dialect.sent.items()}
        fields = dialect.fields.items()
        self._item_fields = _below(ITEMS, dialect)
        self._template_fields = _below(TEMPLATES, dialect)
        self._fields = [
            (_place(ours), _place(theirs)) for ours, theirs in fields if not ours.startswith((f"{ITEMS}.", TEMPLATES))
        ]

    def request(self, request: ApiRequest) -> ApiRequest:
        """Return a request in the dialect's names."""
        operation = None if self._is_default else operation_of(request)
        if operation is None:
            return request
        path = self._dialect.path(operation).replace("{id}", request.path.rpartition("/")[2])
        query = {self._dialect.parameters.get(name, name): value for name, value in request.query.items()}
        prefix = f"{TEMPLATES}." if operation == "create_template" else ""
        body = None if request.body is None else self._body(request.body, prefix)
        return ApiRequest(request.method, path, query, body)

    def response(self, request: ApiRequest, body: bytes) -> bytes:
        """Return the body of the response to a request, both in the bot's names. What isn't readable stays as it is."""
        operation = None if self._is_default else operation_of(request)
        if operation is None or not body.strip() or not is_readable(body):
            return body
        try:
            value = json.loads(body.decode(json.detect_encoding(body), "replace"))
            return json.dumps(self._answer(value, operation)).encode()
        except (ValueError, RecursionError):
            return body

    def _answer(self, value: Any, operation: str) -> Any:
        answer = {**value, **self._errors(value)} if isinstance(value, dict) else {}
        if operation in _LISTS:
            fields = self._fields if operation == "list" else self._template_fields
            rows = value if isinstance(value, list) else _first(value, self._dialect.place("rows"), "data")
            if not isinstance(rows, list | dict):
                return answer or value
            return {**answer, **self._paging(value), "data": self._rows(rows, fields)}
        fields = self._template_fields if operation == "create_template" else self._fields
        inner = _first(value, self._dialect.place("one"), "data")
        row = self._row(inner if isinstance(inner, dict) else value, fields)
        return (
            {**{name: answer[name] for name in ("errors", "message") if name in answer}, "data": row}
            if (isinstance(row, dict) and row.get("id") is not None)
            else (answer or value)
        )

    def _rows(
        self, rows: list[Any] | TranslatedRow, fields: list[tuple[KeyPath, KeyPath]]
    ) -> list[Any] | TranslatedRow:
        if isinstance(rows, dict):
            return {name: self._row(row, fields) for name, row in rows.items()}
        return [self._row(row, fields) for row in rows]

    def _row(self, raw: Any, fields: list[tuple[KeyPath, KeyPath]]) -> Any:
        """Return a row in the bot's names, its ID first, by which `row_cache` knows it."""
        if not isinstance(raw, dict):
            return raw
        row = _renamed(raw, fields)
        items = row.get(ITEMS)
        if self._item_fields and isinstance(items, list):
            row[ITEMS] = [_renamed(item, self._item_fields) if isinstance(item, dict) else item for item in items]
        webhook = row.get("webhook")
        if self._events and isinstance(webhook, dict) and isinstance(webhook.get("events"), list):
            ours = [self._events.get(each, each) if isinstance(each, str) else each for each in webhook["events"]]
            row["webhook"] = {**webhook, "events": ours}
        return {"id": row["id"], **row} if "id" in row else row

    def _paging(self, value: Any) -> TranslatedRow:
        """Return what a list says of other pages where the bot looks for it."""
        located = {
            part: values[0]
            for part in ("total", "per_page", "current_page", "last_page", "next")
            if part in self._dialect.responses and (values := _at(value, _place(self._dialect.responses[part])))
        }
        members: TranslatedRow = {}
        if isinstance(value, dict):
            members = {name: value[name] for name in ("links", "next_page_url") if name in value}
        if "next" in located:
            members["links"] = {"next": located.pop("next")}
        if located:
            meta = value.get("meta") if isinstance(value, dict) else None
            members["meta"] = {**(meta if isinstance(meta, dict) else {}), **located}
        if isinstance(links := members.get("links"), dict) and "next" in links:
            members["links"] = {**links, "next": self._link(links["next"])}
        if "next_page_url" in members:
            members["next_page_url"] = self._link(members["next_page_url"])
        return members

    def _link(self, link: Any) -> Any:
        """Return the link of a next page with the bot's names of parameters."""
        if isinstance(link, dict):
            link = link.get("href") or link.get("url")
        if not isinstance(link, str) or not self._parameters:
            return link
        try:
            query = parse_qsl(urlsplit(link).query)
        except ValueError:
            return link
        return f"?{urlencode([(self._parameters.get(name, name), value) for name, value in query])}" if query else link

    def _errors(self, value: TranslatedRow) -> TranslatedRow:
        """Return the errors and the message of a response where the bot looks for them."""
        members: TranslatedRow = {}
        for part in ("message", "errors"):
            values = _at(value, _place(self._dialect.place(part)))
            if values and values[0]:
                members[part] = values[0]
        errors = members.get("errors")
        field, text = self._dialect.place("field"), self._dialect.place("text")
        if isinstance(errors, list) and field and text:
            errors = {str(each.get(field)): each.get(text) for each in errors if isinstance(each, dict)}
        if isinstance(errors, dict):
            members["errors"] = {self._our_name(str(name)): complaint for name, complaint in errors.items()}
        return members

    def _our_name(self, name: str) -> str:
        """Return the bot's name of a field that an error names. An unknown one stays."""
        ours = self._sent.get(name) or self._sent.get(_PLACE_IN_LIST.sub("", name), name)
        return ours.removeprefix(f"{TEMPLATES}.")

    def _body(self, body: Mapping[str, Any], prefix: str) -> TranslatedRow:
        sent: TranslatedRow = {}
        for name, value in _leaves(body):
            field = self._dialect.sent.get(f"{prefix}{name}", SentField(name))
            translated = self._as_sent(name, value, field)
            _put(sent, _place(field.path), translated)
        return sent

    def _as_sent(self, name: str, value: Any, field: SentField) -> Any:
        if name == "webhook.events" and isinstance(value, list | tuple):
            return [self._dialect.events.get(event, event) for event in value]
        match field.type:
            case SentAs.TEXT if isinstance(value, int | float):
                return str(value)
            case SentAs.NUMBER if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
                return int(value)
            case SentAs.BOOLEAN if value in (0, 1):
                return bool(value)
        return value


def _below(container: str, dialect: ApiDialect) -> list[tuple[KeyPath, KeyPath]]:
    """Return the pairs of places for the rows of a list inside a row, relative to each."""
    start = f"{container}."
    return [
        (_place(ours.removeprefix(start)), _place(theirs))
        for ours, theirs in dialect.fields.items()
        if ours.startswith(start)
    ]


def _place(path: str) -> KeyPath:
    return tuple(path.split("."))


def _at(value: Any, place: KeyPath) -> list[Any]:
    """Return the value at a place in a list, which is empty if there is none."""
    for name in place:
        if not isinstance(value, dict) or name not in value:
            return []
        value = value[name]
    return [value]


def _first(value: Any, *paths: str) -> Any:
    """Return the value at the first of these paths that has one."""
    return next((values[0] for path in paths if (values := _at(value, _place(path)))), None)


def _renamed(raw: TranslatedRow, fields: list[tuple[KeyPath, KeyPath]]) -> TranslatedRow:
    """Return an object with its values at our places. One of ours that stands for something else there is left out."""
    row, values = dict(raw), [(ours, _at(raw, theirs)) for ours, theirs in fields]
    for ours, value in values:
        _remove(row, ours)
        if value:
            _put(row, ours, value[0])
    return row


def _put(row: TranslatedRow, place: KeyPath, value: Any) -> None:
    *outer, last = place
    for name in outer:
        nested = row.get(name)
        row[name] = row = dict(nested) if isinstance(nested, dict) else {}
    row[last] = value


def _remove(row: TranslatedRow, place: KeyPath) -> None:
    if _at(row, place):
        *outer, last = place
        for name in outer:
            row[name] = row = dict(row[name])
        del row[last]


def _leaves(body: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value of a body with its dotted name, which is a key of FIELDS."""
    for name, value in body.items():
        if isinstance(value, Mapping) and f"{before}{name}" not in FIELDS:
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
