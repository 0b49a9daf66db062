"""What an update changes: the form's initial values, what is sent, and what others changed (rule M3).

Values are keyed by our field names, as `clust.application_fields.values_of` reads them from an application's JSON. A
missing key is unknown. None means that the value is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.applications.webhook_urls import is_own_webhook
from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.fields import Kind, Wrong, checked
from bot.core.forms.validation import asked_of

FieldChange = tuple[Any, Any]
"""The value of a field before and after. None means empty."""

_FIELDS = {name: field for name, field in asked_of(UpdateForm).items() if field.only_with is None}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that changed in Clust while the form was open: its value then, its value now, and `ours`.

    `touched`: this person changed the field too. Otherwise `ours` is the form's initial value.
    """

    field: str
    opened: Any
    theirs: Any
    ours: Any
    touched: bool


def initial(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the initial values of the update form. A value that the form couldn't return unchanged is left out.

    A field that is left out starts empty, says so in its hint, and is sent only if it is filled in.
    """
    start: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        # The address of the bot's own webhook holds a secret.
        if name not in values or is_own_webhook(values[name]):
            continue
        try:
            start[name] = _json(checked(field, values[name]))
        except Wrong:
            continue
    return start


def changed(start: Mapping[str, Any], draft: UpdateForm) -> dict[str, FieldChange]:
    """Return what an update sends, each with its old value. `start` is `initial` when the form was opened.

    An unknown field is sent only if it was filled in. A known field that was cleared is sent as None or an empty list.
    An unchanged yes or no is not sent. A new template already has its id (`forms.with_template`).
    """
    changes: dict[str, FieldChange] = {}
    for name, field in _FIELDS.items():
        new = _json(getattr(draft, name))
        if new is None and field.kind is Kind.CHOICE:
            continue
        if not _same(start.get(name), new):
            changes[name] = (start.get(name), new)
    return changes


def conflicts(
    opened: Mapping[str, Any], now: Mapping[str, Any], changes: Mapping[str, FieldChange]
) -> tuple[Conflict, ...]:
    """Return what changed in Clust since the form was opened and differs from what this person wants."""
    conflicting = []
    for name in _FIELDS:
        if name not in now:
            continue
        before, theirs = opened.get(name), now[name]
        ours = changes[name][1] if name in changes else before
        was_known = name in opened or (name in changes and not _same(theirs, None))
        if was_known and not _same(before, theirs) and not _same(theirs, ours):
            conflicting.append(Conflict(name, before, theirs, ours, name in changes))
    return tuple(conflicting)


def also_changed(before: Mapping[str, Any], after: Mapping[str, Any], sent: Collection[str]) -> dict[str, FieldChange]:
    """Return the fields that we didn't send but that changed with the update, as when a PUT erases them."""
    return {
        name: (before[name], after[name])
        for name in _FIELDS
        if name not in sent and name in before and name in after and not _same(before[name], after[name])
    }


def _same(one: Any, other: Any) -> bool:
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Any) -> Any:
    """Normalize a value for comparison: `7` equals `"7"`, None equals an empty value, lists have no order."""
    if isinstance(value, list | tuple | set | frozenset):
        return "" if not value else frozenset(map(str, value))
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
