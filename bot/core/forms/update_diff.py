"""What an update changes: the values a form starts with, what is sent of them, and what others changed (rule M3).

Values stand under the names of our fields, as `clust.application_fields.values_of` reads them from an application's
JSON: a name that is absent is unknown, None is known to be empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.forms.fields import Kind, Wrong, checked
from bot.core.forms.form import asked_of
from bot.core.forms.forms import UpdateForm

Change = tuple[Any, Any]
"""What a field held, and what it holds then; None is empty."""

_FIELDS = {name: asked for name, asked in asked_of(UpdateForm).items() if asked.only_with is None}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that changed in Clust while someone edited it: what it held, what others made of it, what `ours` is.

    `touched` tells whether this person changed it too; if not, `ours` is what stood in the form.
    """

    field: str
    opened: Any
    theirs: Any
    ours: Any
    touched: bool


def initial(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the update form starts with. A value that the form could not give back as it is, is left out.

    So a field that is absent here starts empty, says so in its hint, and stays as it is unless it is filled.
    """
    start: dict[str, Any] = {}
    for name, asked in _FIELDS.items():
        if name not in values:
            continue
        try:
            start[name] = _json(checked(asked, values[name]))
        except Wrong:
            continue
    return start


def changed(start: Mapping[str, Any], draft: UpdateForm) -> dict[str, Change]:
    """Return what an update sends, each with what it was; `start` is `initial` when the form was opened.

    An unknown field is sent only when it is filled, a known one that was cleared is sent as None (or an empty list),
    and yes or no that was left unchanged is not sent. A new template has its id by then (`forms.with_template`).
    """
    changes: dict[str, Change] = {}
    for name, asked in _FIELDS.items():
        new = _json(getattr(draft, name))
        if new is None and asked.kind is Kind.CHOICE:
            continue
        if not _same(start.get(name), new):
            changes[name] = (start.get(name), new)
    return changes


def conflicts(opened: Mapping[str, Any], now: Mapping[str, Any], changes: Mapping[str, Change]) -> tuple[Conflict, ...]:
    """Return what changed in Clust since the form was opened and is not what this person wants too."""
    conflicting = []
    for name in _FIELDS:
        if name not in now:
            continue
        before, theirs = opened.get(name), now[name]
        wanted = changes[name][1] if name in changes else before
        was_known = name in opened or (name in changes and not _same(theirs, None))
        if was_known and not _same(before, theirs) and not _same(theirs, wanted):
            conflicting.append(Conflict(name, before, theirs, wanted, name in changes))
    return tuple(conflicting)


def also_changed(before: Mapping[str, Any], after: Mapping[str, Any], sent: Collection[str]) -> dict[str, Change]:
    """Return the fields that we did not send and that an update changed all the same, as a PUT that erases does."""
    return {
        name: (before[name], after[name])
        for name in _FIELDS
        if name not in sent and name in before and name in after and not _same(before[name], after[name])
    }


def _same(one: Any, other: Any) -> bool:
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Any) -> Any:
    """Numbers and texts of the same digits are one value, and so are no value and an empty one; lists have no order."""
    if isinstance(value, list | tuple | set | frozenset):
        return "" if not value else frozenset(map(str, value))
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
