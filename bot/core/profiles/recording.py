"""From an account's answers to its profile: names that may be written, types and counts, and no value."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bot.core.applications.model import Application, read_tolerantly
from bot.core.profiles.allowed_names import (
    KNOWN_ERROR_KEYS,
    KNOWN_HEADERS,
    KNOWN_KEYS,
    KNOWN_MEMBERS,
    Path,
    is_nameable,
    is_nameable_status,
)
from bot.core.profiles.profile import (
    MAX_NAMES,
    ErrorForm,
    ListForm,
    PagingShape,
    Profile,
    ProfiledOrder,
    ProfiledStatus,
    ProvokedError,
    Timed,
    Types,
    ValueType,
)

SampledRow = dict[str, Any]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+ ?(Z|[+-][0-9:]+)?)?")

_TYPES: Mapping[type, ValueType] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "decimal",
    list: "list",
    dict: "object",
}
"""The types of values from JSON, but for text."""

MIN_ORDERED = 3
"""Rows, of different moments, from which an order is seen."""


@dataclass(slots=True)
class RecordedAnswers:
    """An account's answers. `rows` are in the order of the list, each application once, and `singles` by themselves."""

    rows: list[SampledRow] = field(default_factory=list)
    is_complete: bool = False
    singles: list[SampledRow] = field(default_factory=list)
    single_is_bare: bool = False
    members: Mapping[str, Any] = field(default_factory=dict)
    """What the first list has besides its rows."""
    is_bare: bool = False
    rows_by_id: bool = False
    heeds_page: bool | None = None
    heeds_per_page: bool | None = None
    max_per_page: int | None = None
    heeds_search: bool | None = None
    headers: set[str] = field(default_factory=set)
    """Names of headers, in lower case."""
    errors: dict[ProvokedError, ErrorForm] = field(default_factory=dict)
    seconds: dict[Timed, list[float]] = field(default_factory=lambda: defaultdict(list))


def profile_of(answers: RecordedAnswers) -> Profile:
    """Return the profile of an account from its answers."""
    in_rows, in_singles = _counted(answers.rows), _counted(answers.singles)
    row_keys, other_row_keys = _named(in_rows, KNOWN_KEYS, in_singles)
    single_keys, other_single_keys = _named(in_singles, KNOWN_KEYS, in_rows)
    statuses, other_statuses, other_status_rows = _statuses(answers.rows)
    members, other_members = _named(_counted([answers.members]), KNOWN_MEMBERS)
    return Profile(
        applications=len(answers.rows),
        is_complete=answers.is_complete,
        list=ListForm(
            paging=paging_shape(answers.members, is_bare=answers.is_bare),
            rows_by_id=answers.rows_by_id,
            counts_as_text=_has_counts_as_text(answers.members),
            heeds_page=answers.heeds_page,
            heeds_per_page=answers.heeds_per_page,
            max_per_page=answers.max_per_page,
            heeds_search=answers.heeds_search,
            order=_order(answers.rows),
            members=members,
            other_members=other_members,
        ),
        row_keys=row_keys,
        other_row_keys=other_row_keys,
        single_is_bare=answers.single_is_bare,
        single_keys=single_keys,
        other_single_keys=other_single_keys,
        statuses=statuses,
        other_statuses=other_statuses,
        other_status_rows=other_status_rows,
        headers=tuple(sorted(answers.headers & KNOWN_HEADERS)),
        other_headers=len(answers.headers - KNOWN_HEADERS),
        errors=dict(answers.errors),
        seconds={name: round(median(values), 1) for name, values in answers.seconds.items()},
    )


def error_form(status: int, body: bytes, value: object) -> ErrorForm:
    """Return the form of an error from its body and, if that is JSON, its `value`. Its text is left out."""
    if isinstance(value, dict):
        return ErrorForm(status=status, keys=_named(_counted([value]), KNOWN_ERROR_KEYS)[0])
    if value is not None:
        return ErrorForm(status=status)
    text = body.strip()
    return ErrorForm(status=status, body="empty" if not text else "page" if text[:1] == b"<" else "other")


def paging_shape(members: Mapping[str, Any], *, is_bare: bool = False) -> PagingShape:
    """Return the paging of a list: the stand-in's shape that comes nearest."""
    meta, links = members.get("meta") or members.get("pagination"), members.get("links")
    is_next_linked = isinstance(links, dict) and "next" in links
    inside: tuple[tuple[PagingShape, bool], ...] = (
        (
            ("cursor_meta", "next_cursor" in meta),
            ("full", "total" in meta and is_next_linked),
            ("meta", "total" in meta),
            ("simple_meta", True),
        )
        if isinstance(meta, dict)
        else ()
    )
    shapes: tuple[tuple[PagingShape, bool], ...] = (
        ("bare", is_bare),
        *inside,
        ("cursor", "next_cursor" in members),
        ("flat", "total" in members),
        ("simple", bool({"current_page", "next_page_url"} & members.keys())),
    )
    return next((shape for shape, is_so in shapes if is_so), "none")


def value_type(value: object) -> ValueType:
    """Return the type of a value from JSON."""
    if isinstance(value, str):
        return _text_type(value.strip())
    return _TYPES[type(value)]


def _text_type(text: str) -> ValueType:
    if not text:
        return "empty"
    if re.fullmatch("[0-9]{1,18}", text):
        return "digits"
    return "date" if _DATE.fullmatch(text) else "text"


def _paths(row: Mapping[str, Any]) -> Iterator[tuple[Path, ValueType]]:
    """Yield each key of an application with the type of its value, and those inside its objects and lists."""
    for outer, value in row.items():
        yield (outer,), value_type(value)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from (((outer, inner), value_type(each)) for inner, each in part.items())


Counted = Mapping[Path, Counter[ValueType]]


def _counted(rows: Iterable[Mapping[str, Any]]) -> Counted:
    """Return, for each key, how many applications have which type there: each application once for a type."""
    counts: defaultdict[Path, Counter[ValueType]] = defaultdict(Counter)
    for row in rows:
        for path, kind in set(_paths(row)):
            counts[path][kind] += 1
    return counts


def _named(counts: Counted, listed: frozenset[Path], elsewhere: Counted | None = None) -> tuple[dict[str, Types], int]:
    """Return the types by key, for those that can be named, and how many can't.

    One that enough applications have `elsewhere` may be named too.
    """

    def is_named(path: Path) -> bool:
        # A key inside another is in no more applications than that one, but may be there with several types.
        rows = [max(each[path].values()) for each in (counts, elsewhere or {}) if path in each]
        return is_nameable(path, max(rows, default=0), listed) and (len(path) == 1 or is_named(path[:1]))

    named = sorted(path for path in counts if is_named(path))[:MAX_NAMES]
    return {".".join(path): dict(counts[path]) for path in named}, len(counts) - len(named)


def _statuses(rows: Sequence[SampledRow]) -> tuple[tuple[ProfiledStatus, ...], int, int]:
    """Return the statuses that can be named, the most common first, how many can't, and their applications."""
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        status, label = row.get("status"), row.get("status_string")
        labels[status if isinstance(status, str) else ""][label if isinstance(label, str) else ""] += 1
    # A status without a code is known by its label.
    groups = [(code, labels[code]) for code in labels if code]
    groups += [("", Counter({label: count})) for label, count in labels[""].items()]
    statuses = []
    for code, group in groups:
        label, times = group.most_common(1)[0]
        written = label if label and is_nameable_status(label, times) else None
        if is_nameable_status(code, group.total()) if code else bool(written or not label):
            statuses.append(ProfiledStatus(code=code or None, label=written, count=group.total()))
    named = tuple(sorted(statuses, key=lambda one: -one.count)[:MAX_NAMES])
    return named, len(groups) - len(named), len(rows) - sum(one.count for one in named)


def _has_counts_as_text(members: Mapping[str, Any]) -> bool:
    places = [members, members.get("meta"), members.get("pagination")]
    return any(
        isinstance(place, dict) and isinstance(place.get(name), str)
        for place in places
        for name in ("total", "per_page", "current_page")
    )


def _order(rows: Sequence[SampledRow]) -> ProfiledOrder | None:
    """Return how a list is sorted, None if that can't be seen."""
    read = [read_tolerantly(Application, {**row, "id": "1"}) for row in rows]
    orders: tuple[tuple[ProfiledOrder, str, bool], ...] = (
        ("changed", "updated_at", True),
        ("created", "created_at", True),
        ("oldest", "updated_at", False),
    )
    for order, name, is_newest_first in orders:
        moments = [moment for each in read if (moment := getattr(each, name))]
        if len(set(moments)) >= MIN_ORDERED and moments == sorted(moments, reverse=is_newest_first):
            return order
    return None
