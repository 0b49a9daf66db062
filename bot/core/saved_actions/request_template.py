"""The call of a saved action: text with placeholders, parsed once, and filled in for each use.

Whatever is filled in, the result is judged as a call of the console is (rule M5). Placeholders are values: in a path
one is one segment or a part of it, in JSON it stays inside its string, and a header stays on its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import quote

from bot.core.errors import UsageError
from bot.core.forms import console_request
from bot.core.forms.console_request import HEADER_VALUE, ConsoleCall, ConsoleMistakes, FieldReader
from bot.core.language import _
from bot.core.saved_actions import placeholders
from bot.core.saved_actions.placeholders import PLACEHOLDERS, Parts, Placeholder, Use

Value = TypeVar("Value")
PartPairs = tuple[tuple[str, Parts], ...]
NO_PARTS: Parts = ()
NO_PAIRS: PartPairs = ()

MAX_TEXT_LENGTH = 3000
"""Characters of a query, of headers and of a body, as Slack lets a field have."""

MAX_DEPTH = 20
"""Levels of a JSON body."""

_CREDENTIAL = re.compile(r"auth|token|secret|passw|credential|cookie|session|signature|api-?key|bearer", re.IGNORECASE)
_CREDENTIAL_VALUE = re.compile(r"\s*(bearer|basic|digest|token)\s", re.IGNORECASE)
_CREDENTIAL_PARAMETERS = frozenset({"api_token", "access_token", "token", "api_key", "apikey", "key", "password"})


@dataclass(frozen=True, slots=True)
class _Fillable:
    """A string of a JSON body that has placeholders."""

    parts: Parts


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """A call with placeholders: as it was typed, and parsed. Made by `parse` alone."""

    method: str
    path: str
    query: str = ""
    headers: str = ""
    body: str = ""
    _path: Parts = field(default=(), compare=False, repr=False)
    _query: PartPairs = field(default=(), compare=False, repr=False)
    _headers: PartPairs = field(default=(), compare=False, repr=False)
    _body: Any = field(default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, method: str, path: str, query: str = "", headers: str = "", body: str = "") -> Self:
        """Return the call that was typed. Raises ConsoleMistakes with a message for each wrong field."""
        fields = FieldReader()
        for name, text in (("query", query), ("headers", headers), ("body", body)):
            fields.read(name, _fitting, text, None)
        place, _question, in_path = path.partition("?")
        path_parts = fields.read("path", _path_parts, place, NO_PARTS)
        pairs = fields.read("path", _query_parts, in_path, NO_PAIRS) + fields.read(
            "query", _query_parts, query, NO_PAIRS
        )
        header_parts = fields.read("headers", _header_parts, headers, NO_PAIRS)
        plain = "".join(part if isinstance(part, str) else "1" for part in path_parts)
        try:
            call = console_request.judge(method, plain, query, headers, body)
        except ConsoleMistakes as error:
            raise ConsoleMistakes(error.fields | fields.mistakes) from error
        tree = fields.read("body", _tree, body, None)
        fields.raise_mistakes()
        return cls(call.method, path.strip(), query, headers, body, path_parts, pairs, header_parts, tree)

    def as_text(self) -> str:
        """Return the call as it was typed, with its placeholders."""
        query = f"?{'&'.join(self.query.split())}" if self.query else ""
        return "\n".join(filter(None, (f"{self.method} {self.path}{query}", self.headers, self.body)))

    @property
    def writes(self) -> bool:
        """Whether it may change something: it needs at least an editor."""
        return self.method != "GET"

    @property
    def is_secret(self) -> bool:
        """Whether it has parts that are only stored encrypted."""
        return bool(self.query or self.headers or self.body)

    @property
    def asks(self) -> tuple[str, ...]:
        """The placeholders that a person fills in: `text`, `date`, both or none."""
        return tuple(name for name, row in PLACEHOLDERS.items() if row.is_asked and name in self.placeholders)

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of all placeholders in it."""
        pairs = [parts for _name, parts in (*self._query, *self._headers)]
        every = [self._path, *pairs, *(each.parts for each in _fillable_in(self._body))]
        return frozenset().union(*map(placeholders.names_in, every))

    def filled(self, use: Use) -> ConsoleCall:
        """Return the call for one use, judged as the console judges what is typed.

        Raises UsageError if a value is missing or doesn't fit its place.
        """
        path = "".join(part if isinstance(part, str) else _path_value(part, use) for part in self._path)
        query = "&".join(f"{quote(name, '')}={quote(placeholders.fill(parts, use), '')}" for name, parts in self._query)
        headers = "\n".join(f"{name}: {_header_value(parts, use)}" for name, parts in self._headers)
        body = json.dumps(_filled(self._body, use), ensure_ascii=False) if self.body.strip() else ""
        return console_request.judge(self.method, path, query, headers, body)


def suggested_path(path: str) -> str:
    """Return the path of a call with `{id}` in place of the application's number, and its braces doubled."""
    doubled = path.replace("{", placeholders.BRACE)
    return re.sub(r"^(/?dossiers/)[0-9]+(?=/|\?|$)", r"\1{id}", doubled)


def _fitting(text: str) -> None:
    if len(text) > MAX_TEXT_LENGTH:
        raise UsageError(
            _("Use at most {limit:,} characters. This has {length:,}.", limit=MAX_TEXT_LENGTH, length=len(text))
        )


def _path_parts(text: str) -> Parts:
    """Parse a path, decoded, so that no literal part of it can turn a value into something else."""
    return _without_numbers(placeholders.parse(console_request.decoded(text.strip(" "))))


def _query_parts(text: str) -> PartPairs:
    return tuple(_query_part(name, value) for name, value in console_request.query_pairs(text))


def _query_part(name: str, value: str) -> tuple[str, Parts]:
    if name.lower() in _CREDENTIAL_PARAMETERS:
        raise UsageError(_("`{name}` looks like a credential. Leave it out, because I add my own.", name=name))
    return _name(name), _without_numbers(placeholders.parse(value))


def _header_parts(text: str) -> PartPairs:
    return tuple(_header_part(name, value) for name, value in console_request.header_pairs(text))


def _header_part(name: str, value: str) -> tuple[str, Parts]:
    if _CREDENTIAL.search(name.replace("_", "-")) or _CREDENTIAL_VALUE.match(value):
        raise UsageError(_("`{name}` looks like a credential. Leave it out, because I add my own.", name=name))
    if console_request.is_ours(name):
        raise UsageError(_("I set `{name}` myself. Leave it out.", name=name))
    return name, _without_numbers(placeholders.parse(value))


def _name(text: str) -> str:
    parts = placeholders.parse(text)
    if placeholders.names_in(parts):
        raise UsageError(_("Placeholders can only be in values, not in names such as `{name}`.", name=text[:60]))
    return "".join(str(part) for part in parts)


def _without_numbers(parts: Parts) -> Parts:
    if number := next((part for part in parts if isinstance(part, Placeholder) and part.is_number), None):
        raise UsageError(
            _(
                "`{placeholder}` can only be used as the whole value of a string in a JSON body.",
                placeholder=str(number),
            )
        )
    return parts


def _tree(text: str) -> Any:
    """Return a JSON body with its strings parsed, or None if it is empty. `judge` has found it to be JSON."""
    return _parsed(json.loads(text)) if text.strip() else None


def _parsed(value: Any, depth: int = MAX_DEPTH) -> Any:
    if not depth:
        raise UsageError(_("A body can be nested at most {limit} levels deep.", limit=MAX_DEPTH))
    if isinstance(value, dict):
        return {_name(name): _parsed(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_parsed(inner, depth - 1) for inner in value]
    return _string(value) if isinstance(value, str) else value


def _string(text: str) -> str | _Fillable:
    parts = placeholders.parse(text)
    if len(parts) > 1:
        _without_numbers(parts)
    return _Fillable(parts) if placeholders.names_in(parts) else "".join(map(str, parts))


def _fillable_in(value: Any) -> Iterator[_Fillable]:
    if isinstance(value, _Fillable):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _fillable_in(inner)


def _filled(value: Any, use: Use) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, use) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, use) for inner in value]
    if not isinstance(value, _Fillable):
        return value
    if len(value.parts) == 1 and isinstance(value.parts[0], Placeholder) and value.parts[0].is_number:
        return placeholders.number_of(value.parts[0], use)
    return placeholders.fill(value.parts, use)


def _path_value(placeholder: Placeholder, use: Use) -> str:
    """Return a value as a part of one segment of a path. Raises UsageError if it would be more or less than that."""
    value = placeholders.value_of(placeholder, use)
    if not console_request.SEGMENT.fullmatch(value) or not value.strip("."):
        raise UsageError(
            _(
                "“{value}” can't be part of a path. Values in a path can only contain letters, digits and `. "
                "_ ~ , + = -`. Nothing was sent.",
                value=value[:60],
            )
        )
    return value


def _header_value(parts: Parts, use: Use) -> str:
    value = placeholders.fill(parts, use)
    if not HEADER_VALUE.fullmatch(value):
        raise UsageError(_("A header can only contain printable ASCII characters. Nothing was sent."))
    return value
