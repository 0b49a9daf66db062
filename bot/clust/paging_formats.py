"""What a list response says about its other pages, in each format of Laravel's paginators (rule R4).

That is `meta` and `links`, the same at the top level, under `pagination`, with or without a total, or with a cursor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_LINK_LENGTH = 4_000
"""Characters of a link to the next page. A longer one is ignored."""

_GROUPED = re.compile(r"[0-9]{1,3}(?:[ ,.'\u00a0\u202f][0-9]{3}){1,2}")


@dataclass(frozen=True, slots=True)
class Paging:
    """What one response says about other pages. None where it says nothing.

    `has_next`: there is another page, at `next_link` unless that is empty. `is_last`: there is none.
    """

    total: int | None = None
    per_page: int | None = None
    current_page: int | None = None
    last_page: int | None = None
    has_next: bool = False
    next_link: str = ""
    is_last: bool = False


def read_paging(members: Mapping[str, Any]) -> Paging:
    """Return what a response's members, besides its rows, say about other pages."""
    meta = _object(members.get("meta"))
    places = [meta, _object(meta.get("pagination")), _object(members.get("pagination")), members]
    current_page, last_page = _first(places, "current_page"), _first(places, "last_page", "total_pages")
    promises = [_link(value) for value in _promises(places)]
    next_link = next((one for one in promises if one is not None), None)
    goes_on = current_page is not None and last_page is not None and current_page < last_page
    return Paging(
        total=_first(places, "total"),
        per_page=_first(places, "per_page"),
        current_page=current_page,
        last_page=last_page,
        has_next=next_link is not None or goes_on,
        next_link=next_link or "",
        is_last=bool(promises) and next_link is None and not goes_on,
    )


def query_of(link: str) -> dict[str, str]:
    """Return the query of a link to the next page without the page length. Empty if the link can't be used.

    Host and path of the link are ignored: the bot always calls the base URL of its own account.
    """
    try:
        return {name: value for name, value in parse_qsl(urlsplit(link).query) if name != "per_page"}
    except ValueError:
        return {}


def count(value: object) -> int | None:
    """Return a number of at most nine digits, given as number or text. None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        text = re.sub(r"[^0-9]", "", text) if _GROUPED.fullmatch(text) else text
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(places: list[Mapping[str, Any]], *names: str) -> int | None:
    """Return the first number under one of these names."""
    numbers = (count(place.get(name)) for name in names for place in places)
    return next((number for number in numbers if number is not None), None)


def _promises(places: list[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield every value that can stand for a next page, None if it is null."""
    for place in places:
        links = _object(place.get("links"))
        if "next" in links:
            yield links["next"]
    for place in places:
        if "next_page_url" in place:
            yield place["next_page_url"]
    for place in places:
        if "next_cursor" in place:
            cursor = place["next_cursor"]
            yield f"?{urlencode({'cursor': cursor})}" if isinstance(cursor, str | int) and cursor else None


def _link(value: Any) -> str | None:
    """Return the link of a next page, empty if it has none. None if there is no next page."""
    if isinstance(value, dict):
        value = value.get("href") or value.get("url")
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"?{urlencode({'page': value})}"
    if not value:
        return None
    return value if isinstance(value, str) and len(value) <= MAX_LINK_LENGTH else ""
