"""The Clust API without I/O: requests, and what responses mean (`clust-api`, Dossiers and Errors).

Strict in what it sends, tolerant in what it accepts. It doesn't know the HTTP library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from bot.clust.json_rows import TOO_MUCH, JsonRows, ReadRow, RowT, read_listing, value_at
from bot.clust.paging_formats import Paging, count, query_of, read_paging
from bot.clust.retry_after import retry_after
from bot.core.applications.model import Application, ModelT, Template, read_tolerantly
from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustRejected,
    ClustUnauthorized,
    Way,
)
from bot.core.language import N_, _

Value = TypeVar("Value")

PER_PAGE = 100
"""Rows requested. A server may send fewer."""

MAX_PARTS = 500_000
"""Values in one response, counted by commas and brackets: two bytes on the wire take a hundred in memory."""

MAX_MESSAGE_LENGTH = 300
"""Characters of Clust's message that an error keeps."""

_NO_TEXT = re.compile(r"\\u(?:0000|[dD])")
"""JSON escapes for NUL and lone surrogates, which no database stores. A row with one is parsed tolerantly."""

SAFE_TO_REPEAT = frozenset({429, 502, 503, 504})
"""Statuses after which a GET is retried."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request, relative to the API's base URL."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """One page of a list, and what the server said about the others.

    `unreadable` counts unusable rows, such as those without an ID. `number` is the page's position in the order of
    requests, from 1.
    """

    rows: tuple[RowT, ...]
    paging: Paging = field(default_factory=Paging)
    unreadable: int = 0
    number: int = 0

    @property
    def length(self) -> int:
        """The number of rows, readable or not."""
        return len(self.rows) + self.unreadable


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The rate-limit headers of a response: requests allowed per minute, and how many remain."""

    limit: int
    remaining: int


def list_dossiers(page: int, per_page: int = PER_PAGE, link: str = "") -> ApiRequest:
    """Return the request for a page of applications: as `link` says, else by its number from 1."""
    return ApiRequest("GET", "/dossiers", page_query(page, per_page, link))


def page_query(page: int, per_page: int, link: str = "") -> dict[str, str | int]:
    """Return the query for a page of a list: as `link` says, else by its number from 1."""
    return {**(query_of(link) or {"page": page}), "per_page": per_page}


def get_dossier(application_id: str) -> ApiRequest:
    """Return the request for one application."""
    return ApiRequest("GET", f"/dossiers/{application_id}")


def decipher(status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return the value of a response, None for an empty body. Raises the ClustError that it means."""
    value = _answered(status, headers, body, json.loads)
    if isinstance(value, dict):
        _heed(value)
    return value


def _answered(status: int, headers: Mapping[str, str], body: bytes, read: Callable[[str], Value]) -> Value | None:
    """Return what `read` makes of a successful response, None for an empty one. Raises ClustError for any other."""
    if status >= HTTPStatus.BAD_REQUEST:
        raise _error(status, headers, body)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise ClustBroken(
            _("The response is a redirect ({status}). Check CLUST_API_URL.", status=status), way=Way.ADDRESS
        )
    return _json(headers, body, read) if body.strip() else None


def _heed(members: Mapping[str, Any]) -> None:
    """Raise the ClustError for `errors` in a response with status 200."""
    if members.get("errors"):
        message, fields = _complaint(members, HTTPStatus.OK)
        # Clustdoc's codes look like `contact_not_found`. This one is for what other servers answer with 404.
        raise ClustNotFound(message) if "dossier_not_found" in fields.values() else ClustRejected(message, fields)


def decipher_application(status: int, headers: Mapping[str, str], body: bytes) -> Application:
    """Return the application in a response. Raises the ClustError that it means."""
    return application_of(decipher_object(status, headers, body))


def application_of(raw: Mapping[str, Any]) -> Application:
    """Return the application in raw JSON. Raises ClustBroken if it has no ID."""
    try:
        return read_tolerantly(Application, raw)
    except ValidationError as error:
        raise ClustBroken(_("The response has an application without an ID.")) from error


NO_APPLICATION = N_("The response has no application.")


def decipher_object(
    status: int, headers: Mapping[str, str], body: bytes, lacks: str = NO_APPLICATION
) -> dict[str, Any]:
    """Return the object in a response, bare or inside `data`. Raises the ClustError that it means."""
    value = decipher(status, headers, body)
    inner = value.get("data") if isinstance(value, dict) and isinstance(value.get("data"), dict) else value
    if not isinstance(inner, dict):
        raise ClustBroken(_(lacks))
    return inner


def decipher_page(status: int, headers: Mapping[str, str], body: bytes) -> Page[Application]:
    """Return the page in a response. Raises the ClustError that it means."""
    return decipher_list(status, headers, body, read_application)


def decipher_list(status: int, headers: Mapping[str, str], body: bytes, read_row: ReadRow[RowT]) -> Page[RowT]:
    """Return the page in a response, with rows parsed by `read_row`. Raises the ClustError that it means."""
    listing = _answered(status, headers, body, partial(read_listing, read_row=read_row))
    if listing:
        _heed(listing.members)
    if listing is None or listing.rows is None:
        raise ClustBroken(_instead(listing))
    if listing.unreadable and not listing.rows:
        raise ClustBroken(_("No row in the list has an ID."))
    return Page(tuple(listing.rows), read_paging(listing.members), listing.unreadable)


def _instead(listing: JsonRows[Any] | None) -> str:
    """Return a sentence about a response without a list: what it contains instead."""
    names = [_clean(name) for name in list(listing.members)[:5]] if listing else []
    if not names:
        return _("The response has no list.")
    return _("The response has no list. It only has: {names}.", names=", ".join(names))


def read_application(text: str, start: int) -> tuple[Application | None, int]:
    """Parse the application at a position of a list's text (`json_rows.ReadRow`)."""
    return _read_row(Application, text, start)


def read_template(text: str, start: int) -> tuple[Template | None, int]:
    """Parse the template at a position of a list's text (`json_rows.ReadRow`). One without an ID is unusable."""
    template, end = _read_row(Template, text, start)
    return template if template and template.id is not None else None, end


def _read_row(model: type[ModelT], text: str, start: int) -> tuple[ModelT | None, int]:
    """Parse a valid row strictly, and any other tolerantly, without the fields that can't be read."""
    raw, end = value_at(text, start)
    if not isinstance(raw, dict):
        return None, end
    if not _NO_TEXT.search(text, start, end):
        with suppress(ValidationError):
            return model.model_validate(raw), end
    with suppress(ValidationError):
        return read_tolerantly(model, raw), end
    return None, end


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Return the rate-limit headers, None without them (Laravel: X-RateLimit-Limit, -Remaining)."""
    lower = {name.lower(): value for name, value in headers.items()}
    limit, remaining = count(lower.get("x-ratelimit-limit")), count(lower.get("x-ratelimit-remaining"))
    return RateLimit(limit, remaining) if limit and remaining is not None else None


def is_readable(body: bytes) -> bool:
    """Return whether parsing a body as JSON takes little enough time and memory.

    A short body can't have too many parts, so they aren't counted.
    """
    return len(body) <= MAX_PARTS or sum(body.count(sign) for sign in (b",", b"[", b"{")) <= MAX_PARTS


def _json(headers: Mapping[str, str], body: bytes, read: Callable[[str], Value]) -> Value:
    if not is_readable(body):
        raise ClustBroken(_(TOO_MUCH), way=Way.SIZE)
    try:
        return read(body.decode(json.detect_encoding(body), "replace"))
    except (ValueError, RecursionError) as error:
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        if "html" in kind.lower() or body.lstrip()[:1] == b"<":
            raise ClustBroken(_("The response is a web page. Check CLUST_API_URL."), way=Way.ADDRESS) from error
        raise ClustBroken(_("The response is invalid or incomplete JSON.")) from error


def _error(status: int, headers: Mapping[str, str], body: bytes) -> ClustError:
    """Return the error for a status, with what Clust said."""
    try:
        value = _json(headers, body, json.loads)
    except ClustBroken:
        value = None
    message, fields = _complaint(value, status)
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return ClustUnauthorized(message)
        case HTTPStatus.FORBIDDEN:
            return ClustForbidden(message)
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return ClustNotFound(message)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ClustBusy(message, retry_after(headers))
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ClustBroken(message, way=Way.DOWN)
        case _:
            return ClustRejected(message, fields)


def _complaint(value: Any, status: int) -> tuple[str, dict[str, str]]:
    """Return Clust's message and those by field: from `errors`, `message`, `error` or `type`, else the status."""
    if isinstance(value, dict):
        errors = value.get("errors")
        named = errors.items() if isinstance(errors, dict) else ()
        fields = {str(name): text for name, one in named if (text := _text(one))}
        for part in (errors, value.get("message"), value.get("error"), value.get("type")):
            if text := _text(part):
                return _clean(_("Message: {text}", text=text)), {
                    _clean(name): _clean(one) for name, one in fields.items()
                }
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = _("unknown status")
    return _("Status: {status} ({phrase}).", status=status, phrase=phrase), {}


def _text(value: Any, depth: int = 3) -> str:
    """Return a string, or a list or object of strings, as one line. Empty if there is none."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return "; ".join(filter(None, (_text(one, depth - 1) for one in value[:20])))
    if depth and isinstance(value, dict):
        named = ((str(name), _text(one, depth - 1)) for name, one in list(value.items())[:20])
        return "; ".join(f"{name}: {text}" for name, text in named if text)
    return ""


def _clean(text: str) -> str:
    """Return a text as one printable line of limited length."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= MAX_MESSAGE_LENGTH else f"{line[: MAX_MESSAGE_LENGTH - 1]}…"
