"""The pagination metadata of the stand-in's lists, in each form of Laravel's paginators.

Members are those of Laravel's documentation (Database: Pagination, "Converting Results to JSON" and Eloquent: API
Resources, "Pagination"), and no others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.core.profiles.profile import PagingShape

CURSORS: frozenset[PagingShape] = frozenset({"cursor", "cursor_meta"})
SILENT: frozenset[PagingShape] = frozenset({"none", "bare"})


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """One page of a list: rows `start` to `stop` of `total`, and whether more follow.

    `page` is the requested page number, `served_page` the returned one.
    """

    url: str
    query: Mapping[str, str]
    page: int
    served_page: int
    per_page: int
    total: int
    start: int
    stop: int
    has_more: bool

    def link(self, page: int) -> str:
        """Return the address of another page. Like Laravel, it leaves out the other arguments."""
        return f"{self.url}?{urlencode({'page': page})}"

    @property
    def last_page(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.per_page))

    @property
    def next_page(self) -> str | None:
        """The address of the next page."""
        return self.link(self.page + 1) if self.has_more else None

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page."""
        return base64.urlsafe_b64encode(json.dumps({"after": self.stop}).encode()).decode() if self.has_more else None

    @property
    def next_cursor_page(self) -> str | None:
        """The address of the next page, with its cursor."""
        return f"{self.url}?{urlencode({'cursor': self.cursor})}" if self.cursor else None


def start_of(cursor: str | None) -> int:
    """Return the first row of a cursor's page. Like Laravel, it returns the first page for an invalid cursor."""
    try:
        after = json.loads(base64.urlsafe_b64decode(cursor or ""))["after"]
    except (ValueError, KeyError, TypeError):
        return 0
    return max(0, after) if isinstance(after, int) else 0


def _full(part: PageOfRows) -> dict[str, Any]:
    query = {**part.query, "page": part.page + 1}
    following = f"{part.url}?{urlencode(query)}" if part.has_more else None
    return {**_meta(part), "links": {"next": following}}


def _meta(part: PageOfRows) -> dict[str, Any]:
    return {"meta": {"current_page": part.served_page, "per_page": part.per_page, "total": part.total}}


def _simple(part: PageOfRows) -> dict[str, Any]:
    return {
        "current_page": part.served_page,
        "first_page_url": part.link(1),
        "from": part.start + 1 if part.stop > part.start else None,
        "next_page_url": part.next_page,
        "path": part.url,
        "per_page": part.per_page,
        "prev_page_url": part.link(part.page - 1) if part.page > 1 else None,
        "to": part.stop if part.stop > part.start else None,
    }


def _flat(part: PageOfRows) -> dict[str, Any]:
    numbers = [{"url": part.link(page), "label": str(page), "active": page == part.page} for page in (1, 2)]
    last = {"last_page": part.last_page, "last_page_url": part.link(part.last_page)}
    return {**_simple(part), **last, "links": numbers, "total": part.total}


def _simple_meta(part: PageOfRows) -> dict[str, Any]:
    simple = _simple(part)
    links = {"first": part.link(1), "last": None, "prev": simple["prev_page_url"], "next": part.next_page}
    return {"links": links, "meta": {name: simple[name] for name in ("current_page", "from", "path", "per_page", "to")}}


def _cursor(part: PageOfRows) -> dict[str, Any]:
    return {
        "path": part.url,
        "per_page": part.per_page,
        "next_cursor": part.cursor,
        "next_page_url": part.next_cursor_page,
        "prev_cursor": None,
        "prev_page_url": None,
    }


def _cursor_meta(part: PageOfRows) -> dict[str, Any]:
    meta = {"path": part.url, "per_page": part.per_page, "next_cursor": part.cursor, "prev_cursor": None}
    return {"links": {"first": None, "last": None, "prev": None, "next": part.next_cursor_page}, "meta": meta}


MEMBERS: Mapping[PagingShape, Callable[[PageOfRows], dict[str, Any]]] = {
    "full": _full,
    "meta": _meta,
    "none": lambda _: {},
    "bare": lambda _: {},
    "flat": _flat,
    "simple": _simple,
    "simple_meta": _simple_meta,
    "cursor": _cursor,
    "cursor_meta": _cursor_meta,
}
"""The members of each shape beside the rows."""


def as_text(json_value: Any) -> Any:
    """Return a value with every number in it as text, at any depth."""
    if isinstance(json_value, dict):
        return {name: as_text(value) for name, value in json_value.items()}
    return str(json_value) if isinstance(json_value, int) and not isinstance(json_value, bool) else json_value


def by_id(rows: list[bytes]) -> bytes:
    """Return rows as an object by their ids, as PHP encodes a list that was filtered."""
    return b"{" + b", ".join(b'"%s": %s' % (str(json.loads(row)["id"]).encode(), row) for row in rows) + b"}"
