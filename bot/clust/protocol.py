"""The Clust API without I/O: what is asked, and what an answer means (`clust-api`, Dossiers and Errors).

Strict in what it sends, tolerant in what it reads. Nothing here knows an HTTP library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError

from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustRejected,
    ClustUnauthorized,
)
from bot.core.model import Application, ModelT, read_tolerantly

PER_PAGE = 100
"""Rows asked for; a server may give fewer."""

MOST_ROWS = 25_000
"""Of one page: what a server without pages may hold. While more are read the bot would answer nobody."""

MOST_PARTS = 500_000
"""Of one answer, by its commas and brackets: a part takes two bytes on the wire and a hundred in memory."""

LONGEST_SAID = 300
"""Characters of what Clust said that an error keeps."""

NUL = rb"\u0000"
"""As JSON spells it: a row that has one is read by itself."""

TOO_MUCH = "It answered with more at once than can be read."

SAFE_TO_REPEAT = frozenset({429, 502, 503, 504})
"""Statuses after which a GET is tried again."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call, relative to the API's base address."""

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of applications, and what the server said about the others; None where it said nothing.

    `unreadable` counts rows without a usable id; `number` is the page's own, from 1, where it was asked for by one.
    """

    rows: tuple[Application, ...]
    total: int | None = None
    per_page: int | None = None
    has_next: bool = False
    unreadable: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the headers of an answer say: requests allowed a minute, and how many of them are left."""

    limit: int
    remaining: int


def list_dossiers(page: int, per_page: int = PER_PAGE) -> Request:
    """Return the request for one page of applications, counted from 1."""
    return Request("GET", "/dossiers", {"page": page, "per_page": per_page})


def get_dossier(application_id: str) -> Request:
    """Return the request for one application."""
    return Request("GET", f"/dossiers/{application_id}")


class _Meta(BaseModel):
    model_config = ConfigDict(extra="ignore")
    per_page: Any = None
    total: Any = None


class _Links(BaseModel):
    model_config = ConfigDict(extra="ignore")
    next: str | None = None


class _PageAnswer(BaseModel):
    """The usual shape of a page: everything in it is as it should be."""

    model_config = ConfigDict(extra="ignore")
    data: Annotated[tuple[Application, ...], Field(max_length=MOST_ROWS), FailFast()]
    meta: _Meta | None = None
    links: _Links | None = None
    errors: Any = None


def decipher(status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return the value of an answer, None for an empty body. Raises the ClustError that it means."""
    if status >= HTTPStatus.BAD_REQUEST:
        raise _error(status, headers, body)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise ClustBroken(f"It answered with a redirect ({status}): check CLUST_API_URL.")
    if not body.strip():
        return None
    value = _json(headers, body)
    if isinstance(value, dict) and value.get("errors"):
        said, fields = _said(value, HTTPStatus.OK)
        # Clustdoc's codes look like `contact_not_found`; this one is what others answer 404 for.
        raise ClustNotFound(said) if "dossier_not_found" in fields.values() else ClustRejected(said, fields)
    return value


def decipher_application(status: int, headers: Mapping[str, str], body: bytes) -> Application:
    """Return the application of an answer. Raises the ClustError that the answer means."""
    return application_of(decipher_object(status, headers, body))


def application_of(raw: Mapping[str, Any]) -> Application:
    """Return the application that `raw` tells of. Raises ClustBroken where it has no id."""
    try:
        return read_tolerantly(Application, raw)
    except ValidationError as error:
        raise ClustBroken("It answered with an application that has no id.") from error


def decipher_object(
    status: int, headers: Mapping[str, str], body: bytes, what: str = "an application"
) -> dict[str, Any]:
    """Return the object of an answer, bare or inside `data`. Raises the ClustError that the answer means."""
    value = decipher(status, headers, body)
    inner = value.get("data") if isinstance(value, dict) and isinstance(value.get("data"), dict) else value
    if not isinstance(inner, dict):
        raise ClustBroken(f"It answered without {what}.")
    return inner


def decipher_page(status: int, headers: Mapping[str, str], body: bytes) -> Page:
    """Return the page of an answer. Raises the ClustError that the answer means.

    The usual shape is parsed straight from the bytes; anything else row by row, leaving out what can't be read.
    """
    if status == HTTPStatus.OK and NUL not in body:
        _readable(body)
        try:
            told = _PageAnswer.model_validate_json(body)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False)
            if any((problem["type"], problem["loc"]) == ("too_long", ("data",)) for problem in problems):
                raise ClustBroken(TOO_MUCH) from error
        else:
            if not told.errors:
                meta, links = told.meta or _Meta(), told.links or _Links()
                return Page(told.data, _count(meta.total), _count(meta.per_page), has_next=bool(links.next))
    return _page_by_rows(decipher(status, headers, body))


def _page_by_rows(value: Any) -> Page:
    rows, unreadable = rows_of(value, Application, "a list of applications")
    if unreadable and not rows:
        raise ClustBroken("It answered with a list in which no application has an id.")
    return Page(rows, *others_of(value), unreadable)


def rows_of(value: Any, model: type[ModelT], what: str) -> tuple[tuple[ModelT, ...], int]:
    """Return the rows of a list, and how many can't be read. Raises ClustBroken where there is no list."""
    data = value.get("data") if isinstance(value, dict) else value
    if not isinstance(data, list):
        raise ClustBroken(f"It answered without {what}.")
    if len(data) > MOST_ROWS:
        raise ClustBroken(TOO_MUCH)
    rows, unreadable = [], 0
    for raw in data:
        try:
            rows.append(read_tolerantly(model, raw if isinstance(raw, dict) else {}))
        except ValidationError:
            unreadable += 1
    return tuple(rows), unreadable


def others_of(value: Any) -> tuple[int | None, int | None, bool]:
    """Return what a list tells of its other pages: the total, the length of a page, whether there is a next one."""
    meta = value.get("meta") if isinstance(value, dict) else None
    links = value.get("links") if isinstance(value, dict) else None
    meta, links = (one if isinstance(one, dict) else {} for one in (meta, links))
    return _count(meta.get("total")), _count(meta.get("per_page")), bool(links.get("next"))


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Return what the rate-limit headers say, None where there are none (Laravel: X-RateLimit-Limit, -Remaining)."""
    lower = {name.lower(): value for name, value in headers.items()}
    limit, remaining = _count(lower.get("x-ratelimit-limit")), _count(lower.get("x-ratelimit-remaining"))
    return RateLimit(limit, remaining) if limit and remaining is not None else None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that `Retry-After` asks for, as a number or a date (RFC 9110, 10.2.3); None without it."""
    text = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _count(value: object) -> int | None:
    """Return a plain number of at most nine digits, given as one or as text; anything else counts nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**9 else None
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else None


def _readable(body: bytes) -> None:
    """Raise ClustBroken where reading JSON would take too long or too much memory, whatever it is."""
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > MOST_PARTS:
        raise ClustBroken(TOO_MUCH)


def _json(headers: Mapping[str, str], body: bytes) -> Any:
    _readable(body)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
        if "html" in kind.lower() or body.lstrip()[:1] == b"<":
            raise ClustBroken("It answered with a web page: check CLUST_API_URL.") from error
        raise ClustBroken("It answered with something that is no JSON, or half of it.") from error


def _error(status: int, headers: Mapping[str, str], body: bytes) -> ClustError:
    """Return the error that a status means, with what Clust said."""
    try:
        value = _json(headers, body)
    except ClustBroken:
        value = None
    said, fields = _said(value, status)
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return ClustUnauthorized(said)
        case HTTPStatus.FORBIDDEN:
            return ClustForbidden(said)
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return ClustNotFound(said)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ClustBusy(said, retry_after(headers))
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ClustBroken(said)
        case _:
            return ClustRejected(said, fields)


def _said(value: Any, status: int) -> tuple[str, dict[str, str]]:
    """Return what Clust said, and its part about single fields: `errors`, `message`, `error`, `type`, the status."""
    if isinstance(value, dict):
        errors = value.get("errors")
        named = errors.items() if isinstance(errors, dict) else ()
        fields = {str(name): text for name, one in named if (text := _text(one))}
        for said in (errors, value.get("message"), value.get("error"), value.get("type")):
            if text := _text(said):
                return _clean(f"It said: {text}"), {_clean(name): _clean(one) for name, one in fields.items()}
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "an unknown status"
    return f"It answered {status} ({phrase}).", {}


def _text(value: Any, depth: int = 3) -> str:
    """Return a string, a list or an object of those as one line; empty where there is nothing to say."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return "; ".join(filter(None, (_text(one, depth - 1) for one in value[:20])))
    if depth and isinstance(value, dict):
        named = ((str(name), _text(one, depth - 1)) for name, one in list(value.items())[:20])
        return "; ".join(f"{name}: {text}" for name, text in named if text)
    return ""


def _clean(text: str) -> str:
    """Return `text` as one printable line that is not too long."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= LONGEST_SAID else f"{line[: LONGEST_SAID - 1]}…"
