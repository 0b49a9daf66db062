"""A dialect: the names that Clust's API has where they differ from those in `beliefs`. Operators set it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from bot.core.clust_api.beliefs import EVENTS, FIELDS, OPERATIONS, PARAMETERS, RESPONSES
from bot.core.errors import UsageError
from bot.core.language import _
from bot.core.suggestions import suggest

SENT = "sent."
"""Before a field's name: the name holds only for what is sent."""

MAX_DIALECT_LENGTH = 10_000
"""Characters of one setting."""

_FIELD_PATH = re.compile(r"[A-Za-z0-9_$@-]{1,60}(?:\.[A-Za-z0-9_$@-]{1,60}){0,5}")
_PARAMETER = re.compile(r"[A-Za-z0-9_.$\[\]-]{1,60}")
_EVENT = re.compile(r"[\w.:/ @-]{1,100}")
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9_~-]|\.(?!\.)|\{id\})+)+")


class SentAs(StrEnum):
    """The JSON type in which a field is sent."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class SentField:
    """Where a field stands in what is sent, and in which type. None: as the bot sends it."""

    path: str
    type: SentAs | None = None


@dataclass(frozen=True, slots=True)
class ApiDialect:
    """Names of Clust's API by those of the bot. `ApiDialect()` changes nothing.

    `fields` are read, `sent` are sent. Paths have `{id}` where the application's ID goes.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, SentField] = field(default_factory=dict)
    responses: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(
        cls, *, paths: str = "", parameters: str = "", fields: str = "", responses: str = "", events: str = ""
    ) -> Self:
        """Parse settings, each `ours=theirs` pairs separated by commas. Raises UsageError that names what is wrong."""
        sendable = [f"{SENT}{name}" for name, row in FIELDS.items() if row.is_sent]
        both = _pairs(fields, [*FIELDS, *sendable], "title=name", _checked_field)
        read = {name: path.partition(":")[0] for name, path in both.items() if not name.startswith(SENT)}
        sent = {name: _sent(both.get(f"{SENT}{name}") or both.get(name, "")) for name in FIELDS if FIELDS[name].is_sent}
        return cls(
            _pairs(paths, OPERATIONS, "list=/applications", _checked_path),
            _pairs(parameters, PARAMETERS, "per_page=limit", _checked_parameter),
            read,
            {name: each for name, each in sent.items() if each.path},
            _pairs(responses, RESPONSES, "rows=results", _checked_place),
            _pairs(events, EVENTS, "late=overdue", _checked_event),
        )

    def place(self, part: str) -> str:
        """Return where a part of a response is, by its key in RESPONSES. Empty if it isn't in RESPONSES."""
        return self.responses.get(part, RESPONSES[part])

    def path(self, operation: str) -> str:
        """Return the path of an operation, with `{id}` in it where it is about one application."""
        return self.paths.get(operation, OPERATIONS[operation].path)


def _sent(text: str) -> SentField:
    path, _colon, kind = text.partition(":")
    return SentField(path, SentAs(kind) if kind else None)


def _pairs(
    text: str, names: Collection[str], example: str, check: Callable[[str, str], str | None]
) -> Mapping[str, str]:
    """Parse pairs. `check` returns a sentence about a pair whose value is wrong. Raises UsageError."""
    if len(text) > MAX_DIALECT_LENGTH:
        raise UsageError(_("Use at most {limit:,} characters.", limit=MAX_DIALECT_LENGTH))
    pairs: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        name, _equals, value = map(str.strip, pair.partition("="))
        if not name or not value:
            raise UsageError(
                _(
                    "`{pair}` isn't a pair of names. Write the name the bot uses, an equals sign and the name Clust "
                    "uses, such as {example}.",
                    pair=pair,
                    example=example,
                )
            )
        if name not in names:
            raise UsageError(_unknown(name, names))
        if complaint := check(name, value):
            raise UsageError(complaint)
        if pairs.setdefault(name, value) != value:
            raise UsageError(
                _("`{name}` has two values, {one} and {other}. Keep one.", name=name, one=pairs[name], other=value)
            )
    return MappingProxyType(pairs)


def _unknown(name: str, names: Collection[str]) -> str:
    if near := suggest(name, names):
        return _("Unknown name `{name}`. Did you mean `{near}`?", name=name, near=near)
    return _("Unknown name `{name}`. Available names: {names}.", name=name, names=", ".join(names))


def _checked_path(name: str, value: str) -> str | None:
    if not _PATH.fullmatch(value):
        return _(
            "`{value}` isn't a path of Clust's API. Write one such as {example}.",
            value=value,
            example="`/dossiers/{id}`",
        )
    marks = 1 if OPERATIONS[name].is_about_one else 0
    if value.count("{id}") == marks:
        return None
    if marks:
        return _(
            "The path for `{name}` needs {place} once, where the application's ID goes.", name=name, place="`{id}`"
        )
    return _(
        "The path for `{name}` can't contain {place}, because it isn't for a single application.",
        name=name,
        place="`{id}`",
    )


def _checked_parameter(_name: str, value: str) -> str | None:
    return (
        None
        if _PARAMETER.fullmatch(value)
        else _("`{value}` can't be the name of a parameter. Use letters, digits and `_ . $ [ ] -`.", value=value)
    )


def _checked_place(_name: str, value: str) -> str | None:
    if _FIELD_PATH.fullmatch(value):
        return None
    return _(
        "`{value}` can't be the name of a field. Use letters, digits and `_ $ @ -`, with dots for "
        "names inside an object, as in `meta.total`.",
        value=value,
    )


def _checked_field(name: str, value: str) -> str | None:
    path, colon, kind = value.partition(":")
    if colon and (kind not in set(SentAs) or not FIELDS[name.removeprefix(SENT)].is_sent):
        types = ", ".join(SentAs)
        return _("`:{kind}` isn't a type that can be sent. Types: {types}.", kind=kind, types=types)
    return _checked_place(name, path)


def _checked_event(_name: str, value: str) -> str | None:
    if _EVENT.fullmatch(value):
        return None
    return _(
        "`{value}` can't be the name of an event. Use letters, digits, spaces and `_ . : / @ -`.",
        value=value.encode("unicode_escape").decode(),
    )
