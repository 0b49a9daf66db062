"""A stand-in for the Clust API, with its account in memory.

`SandboxClust.respond` takes a request and returns an answer, without I/O. `serving` connects it to an httpx transport
and
a server on loopback. What is unknown about the real API is a field of `ClustFaults`, so that each guess can be tested.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any, ClassVar

from bot.core.profiles.profile import PagingShape, ProfiledOrder
from bot.sandbox.clust.account import Dossier, FakeAccount
from bot.sandbox.clust.fake_people import COLLEAGUES, COMPANIES, TAGS, TEAM
from bot.sandbox.clust.paging import CURSORS, MEMBERS, SILENT, PageOfRows, as_text, by_id, start_of
from bot.sandbox.clust.validation import (
    DOSSIER_RULES,
    TEMPLATE_RULES,
    ValidationRefusal,
    checked,
    invalid,
    is_number,
    nested,
    not_found,
)
from bot.sandbox.clust.work import WORK

PER_PAGE = 15
"""Rows on a page unless the request says otherwise (Laravel's default)."""

RATE_WINDOW = timedelta(seconds=60)

_JSON = {"content-type": "application/json"}
_HTML = b"<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"
_TRUE = frozenset({"1", "true", "yes"})


@dataclass(slots=True)
class ClustFaults:
    """The faults to inject, and variants of what is unknown about the real API. Set the fields at any time."""

    # Every request is answered 503.
    down: bool = False
    # So many of the next requests fail, unheard, with this status.
    fail_next: int = 0
    fail_status: int = 500
    # Seconds between what was done and its answer (kept by the adapters). Lowered, it counts for those that wait, too.
    delay_seconds: float = 0.0
    # The connection is cut after the request was carried out and before its answer (by the adapters).
    disconnect: bool = False
    # The same, of what changes something alone.
    disconnect_writes: bool = False
    # No connection at all: nothing reaches the account (by the adapters).
    unreachable: bool = False
    # Every token is wrong.
    refuse_token: bool = False
    # Requests in 60 seconds of the clock. None means no limit, and no headers about one.
    rate_limit: int | None = None
    # Every request is answered 429, with these headers.
    throttle: Mapping[str, str] | None = None
    # Every answer is an HTML page with status 200, and nothing is carried out.
    html: bool = False
    # The request is carried out and the body of its answer ends in the middle.
    half_json: bool = False
    # The token lacks the ability to read these: `templates`, or `dossiers/{id}`.
    forbidden: frozenset[str] = frozenset()
    # Filters of a list are not heeded.
    ignore_filters: bool = False
    # Rows of the list of applications leave these out.
    list_without: frozenset[str] = frozenset()
    # Single reads of applications leave these out.
    single_without: frozenset[str] = frozenset()
    # The list of applications has these encoded rows, whatever has changed since. Single reads are up to date.
    stale_list: Sequence[bytes] | None = None
    # The list of applications is empty.
    empty_list: bool = False
    # Reading one of these applications by itself fails with 500.
    unreadable: frozenset[int] = frozenset()
    # The page with this number fails with 503.
    cut_page: int | None = None
    # No page has more rows than this.
    cap_per_page: int | None = None
    # Every page has PER_PAGE rows, whatever was asked.
    ignore_per_page: bool = False
    # Every page is the first, and there is always a next one.
    repeat_first_page: bool = False
    # A refusal (404, 422) is returned with status 200.
    errors_in_200: bool = False
    # PUT empties the optional fields that it doesn't name. Otherwise it changes what it names, as PATCH does.
    put_replaces: bool = False
    # A single read is the object itself, not {"data": {...}}.
    bare: bool = False
    # The paging of a list. Without any, the list is one page, unless cap_per_page is set.
    paging: PagingShape = "full"
    # Rows stand in an object by their ids.
    rows_by_id: bool = False
    # Numbers of the paging are text.
    counts_as_text: bool = False
    # The token can't see these applications: they count, and their places on the pages stay empty.
    hidden: frozenset[int] = frozenset()
    # These stand twice in the list of applications, and count twice.
    doubled: frozenset[int] = frozenset()
    # How the list of applications is sorted: newest change first, oldest change first, newest creation first.
    order: ProfiledOrder = "changed"
    # Rows of the list of applications carry the counts.
    list_counts: bool = False

    def cuts(self, method: str) -> bool:
        """Return whether to cut the connection instead of answering a request of this method."""
        return self.disconnect or (self.disconnect_writes and method != "GET")


@dataclass(frozen=True, slots=True)
class StandInAnswer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class StandInRequest:
    """One request as it was received. `path` is relative to the API's base."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes


_FILTERS: Mapping[str, Callable[[Dossier, str], bool]] = {
    "status": lambda dossier, value: dossier.status == value,
    "template_id": lambda dossier, value: str(dossier.template.id) == value,
    "is_late": lambda dossier, value: bool(dossier.is_late) is (value.lower() in _TRUE),
    "search": lambda dossier, value: (
        value.casefold() in " ".join(str(it) for it in (dossier.title, *dossier.contact.values())).casefold()
    ),
}


def _json(status: int, value: Any, **headers: str) -> StandInAnswer:
    return StandInAnswer(status, {**_JSON, **headers}, json.dumps(value).encode())


def _positive(text: str | None, default: int) -> int:
    """Parse a page number or size. Anything but a positive number gives the default."""
    return int(text) or default if text and is_number(text) else default


class SandboxClust(FakeAccount):
    """An account that answers as the Clust API does. `requests` are the last 10,000 received.

    `token` is the valid API token. `seed` makes the generated applications repeatable. `clock` gives the time of
    changes and of the rate limit. `base_url` is used in links to further pages.
    """

    def __init__(
        self,
        *,
        token: str = "sandbox-clust-token",
        seed: int = 1,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(seed=seed, clock=clock)
        self.token = token
        self.base_url = "https://clust.invalid/api"
        self.faults = ClustFaults()
        self.requests: deque[StandInRequest] = deque(maxlen=10_000)
        self.acts: list[tuple[str, int, Mapping[str, Any]]] = []
        """What was done with applications by `WORK`: its word, the application, and what was sent."""
        self._window_began: datetime | None = None
        self._window_requests = 0

    def respond(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> StandInAnswer:
        """Answer one request. `path` is relative to the API's base, as in `/dossiers/12`."""
        request = StandInRequest(method.upper(), path, dict(query), body)
        self.requests.append(request)
        if self.faults.html:
            return StandInAnswer(200, {"content-type": "text/html"}, _HTML)
        rate_headers: dict[str, str] = {}
        try:
            self._fail()
            self._admit(headers)
            rate_headers = self._meter()
            answer = self._route(request)
        except ValidationRefusal as refusal:
            answer = self._refused(refusal)
        cut = len(answer.body) // 2 if self.faults.half_json else None
        return StandInAnswer(answer.status, {**rate_headers, **answer.headers}, answer.body[:cut])

    def _fail(self) -> None:
        if self.faults.down:
            raise ValidationRefusal(503)
        if self.faults.fail_next > 0:
            self.faults.fail_next -= 1
            raise ValidationRefusal(self.faults.fail_status)

    def _admit(self, headers: Mapping[str, str]) -> None:
        sent = {name.lower(): value for name, value in headers.items()}.get("authorization")
        if self.faults.refuse_token or sent != f"Bearer {self.token}":
            raise ValidationRefusal(401, "Unauthenticated.")

    def _meter(self) -> dict[str, str]:
        """Count the request against the rate limit and return the rate limit headers.

        Raises ValidationRefusal (429).
        """
        if self.faults.throttle is not None:
            raise ValidationRefusal(429, "Too Many Attempts.", headers=self.faults.throttle)
        limit = self.faults.rate_limit
        if limit is None:
            return {}
        now = self.clock()
        if self._window_began is None or now - self._window_began >= RATE_WINDOW:
            self._window_began, self._window_requests = now, 0
        self._window_requests += 1
        headers = {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(max(limit - self._window_requests, 0))}
        if self._window_requests > limit:
            wait = (self._window_began + RATE_WINDOW - now).total_seconds()
            raise ValidationRefusal(429, "Too Many Attempts.", headers={**headers, "retry-after": str(math.ceil(wait))})
        return headers

    def _route(self, request: StandInRequest) -> StandInAnswer:
        resource, *rest = request.path.strip("/").split("/")
        route = "/".join([resource, *("{id}" for _ in rest[:1]), *rest[1:]])
        if route in self.faults.forbidden:
            raise ValidationRefusal(403, "This action is unauthorized.")
        methods = self._ROUTES.get(route)
        if methods is None:
            raise not_found("route", f"The route api{request.path} could not be found.")
        if request.method not in methods:
            allowed = ", ".join(methods)
            message = f"The {request.method} method is not supported for route api{request.path}."
            raise ValidationRefusal(405, f"{message} Supported methods: {allowed}.", headers={"allow": allowed})
        return methods[request.method](self, request)

    def _refused(self, refusal: ValidationRefusal) -> StandInAnswer:
        if self.faults.errors_in_200 and refusal.errors:
            return _json(200, {"errors": dict(refusal.errors)})
        body: dict[str, Any] = {"message": refusal.message}
        if refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            body["errors"] = {name: [sentence] for name, sentence in refusal.errors.items()}
        return _json(refusal.status, body, **refusal.headers)

    def _list_dossiers(self, request: StandInRequest) -> StandInAnswer:
        tests = [(test, request.query[name]) for name, test in _FILTERS.items() if request.query.get(name)]
        tests = [] if self.faults.ignore_filters else tests
        listed = self._sorted()
        if self.faults.empty_list:
            return self._page(request, 0, lambda _start, _stop: [])
        stale = self.faults.stale_list
        if stale is not None:
            return self._page(request, len(stale), lambda start, stop: [*stale[start:stop]])
        if not tests and not self.faults.doubled:
            total = len(self.dossiers)
            return self._page(request, total, lambda *span: self._rows(islice(listed, *span)))
        matching = [it for it in listed if all(test(it, value) for test, value in tests)]
        matching = [it for each in matching for it in [each] * (1 + (each.id in self.faults.doubled))]
        return self._page(request, len(matching), lambda start, stop: self._rows(matching[start:stop]))

    def encoded_rows(self) -> list[bytes]:
        """Return the present rows of the whole list, for the fault `stale_list`."""
        return self._rows(self._sorted())

    def _rows(self, dossiers: Iterable[Dossier]) -> list[bytes]:
        return [self._row(it) for it in dossiers if it.id not in self.faults.hidden]

    def _sorted(self) -> Iterable[Dossier]:
        match self.faults.order:
            case "changed":
                return reversed(self.dossiers.values())
            case "oldest":
                return self.dossiers.values()
            case "created":
                return sorted(self.dossiers.values(), key=lambda it: it.created_at, reverse=True)

    def _row(self, dossier: Dossier) -> bytes:
        """Return an encoded row, cached until the application changes, since every poll reads it again."""
        if self.faults.list_without:
            row = {name: value for name, value in dossier.in_list().items() if name not in self.faults.list_without}
            return json.dumps(row).encode()
        if self.faults.list_counts:
            return json.dumps({**dossier.in_list(), **dossier.counts()}).encode()
        if dossier.row is None:
            dossier.row = json.dumps(dossier.in_list()).encode()
        return dossier.row

    def _page(self, request: StandInRequest, total: int, rows: Callable[[int, int], list[bytes]]) -> StandInAnswer:
        """Return the requested page. `rows` encodes the rows from a start to a stop."""
        faults, query = self.faults, request.query
        page = _positive(query.get("page"), 1)
        if page == faults.cut_page:
            raise ValidationRefusal(503)
        per_page = PER_PAGE if faults.ignore_per_page else _positive(query.get("per_page"), PER_PAGE)
        if faults.paging in SILENT:
            per_page = max(total, 1)
        per_page = min(per_page, faults.cap_per_page or per_page)
        page_served = 1 if faults.repeat_first_page else page
        start = start_of(query.get("cursor")) if faults.paging in CURSORS else (page_served - 1) * per_page
        start = min(start, total)
        stop = min(start + per_page, total)
        encoded = rows(start, stop)
        data = by_id(encoded) if faults.rows_by_id else b"[" + b", ".join(encoded) + b"]"
        if faults.paging == "bare":
            return StandInAnswer(200, dict(_JSON), data)
        more = faults.repeat_first_page or stop < total
        part = PageOfRows(
            f"{self.base_url}{request.path}", query, page, page_served, per_page, total, start, stop, more
        )
        members_by_name = MEMBERS[faults.paging](part)
        members = json.dumps(as_text(members_by_name) if faults.counts_as_text else members_by_name).encode()[1:-1]
        return StandInAnswer(200, dict(_JSON), b'{"data": ' + data + (b", " + members if members else b"") + b"}")

    def _dossier_answer(self, status: int, dossier: dict[str, Any]) -> StandInAnswer:
        return _json(status, dossier if self.faults.bare else {"data": dossier})

    def _number_in_path(self, request: StandInRequest) -> int:
        """Return the application's ID in the path. Raises ValidationRefusal if there is no such application."""
        sent = request.path.strip("/").split("/")[1]
        try:
            return self.dossiers[int(sent) if is_number(sent) else 0].id
        except KeyError:
            raise not_found("dossier", f"No query results for model [Dossier] {sent}") from None

    def _sent(self, request: StandInRequest, *, creating: bool = False) -> dict[str, Any]:
        """Return the fields of a create or an update by their dotted names.

        Raises ValidationRefusal for invalid ones.
        """
        fields = checked(DOSSIER_RULES, request.body, creating=creating)
        if "template_id" in fields and int(fields["template_id"]) not in self.templates:
            raise invalid({"template_id": "The selected template id is invalid."})
        return fields

    def _show(self, request: StandInRequest) -> StandInAnswer:
        number = self._number_in_path(request)
        if number in self.faults.unreadable:
            raise ValidationRefusal(500)
        full = self.dossiers[number].in_full()
        keys = {name: value for name, value in full.items() if name not in self.faults.single_without}
        return self._dossier_answer(200, keys)

    def _create(self, request: StandInRequest) -> StandInAnswer:
        empty = {"title": None, "contact.phone": None}
        return self._dossier_answer(201, self.add(**nested({**empty, **self._sent(request, creating=True)})))

    def _merge(self, request: StandInRequest) -> StandInAnswer:
        return self._dossier_answer(200, self.change(self._number_in_path(request), **nested(self._sent(request))))

    def _put(self, request: StandInRequest) -> StandInAnswer:
        if not self.faults.put_replaces:
            return self._merge(request)
        empty = {rule.name: None for rule in DOSSIER_RULES if not rule.required}
        return self._dossier_answer(
            200, self.change(self._number_in_path(request), **nested({**empty, **self._sent(request)}))
        )

    def _delete(self, request: StandInRequest) -> StandInAnswer:
        self.remove(self._number_in_path(request))
        return StandInAnswer(204, {}, b"")

    def _act(self, request: StandInRequest) -> StandInAnswer:
        number, work = self._number_in_path(request), WORK[request.path.rpartition("/")[2]]
        fields = checked(work.rules, request.body, creating=True)
        self.acts.append((work.word, number, fields))
        return _json(200, work.happen(self, number, fields))

    def _list_templates(self, request: StandInRequest) -> StandInAnswer:
        return self._small(request, [template.to_dict() for template in self.templates.values()])

    def _create_template(self, request: StandInRequest) -> StandInAnswer:
        fields = checked(TEMPLATE_RULES, request.body, creating=True)
        return _json(201, {"data": self.add_template(**fields).to_dict()})

    def _list_contacts(self, request: StandInRequest) -> StandInAnswer:
        newest = islice(reversed(self.dossiers.values()), 100)
        return self._small(request, [{"id": it.id, **it.contact} for it in newest])

    def _small(self, request: StandInRequest, rows: Sequence[Mapping[str, Any]]) -> StandInAnswer:
        encoded = [json.dumps(row).encode() for row in rows]
        return self._page(request, len(encoded), lambda start, stop: encoded[start:stop])

    _ROUTES: ClassVar[Mapping[str, Mapping[str, Callable[[SandboxClust, StandInRequest], StandInAnswer]]]] = {
        "dossiers": {"GET": _list_dossiers, "POST": _create},
        "dossiers/{id}": {"GET": _show, "PUT": _put, "PATCH": _merge, "POST": _merge, "DELETE": _delete},
        "dossiers/{id}/approve": {"POST": _act},
        "dossiers/{id}/close": {"POST": _act},
        "dossiers/{id}/items": {"POST": _act},
        "dossiers/{id}/reminders": {"POST": _act},
        "templates": {"GET": _list_templates, "POST": _create_template},
        "contacts": {"GET": _list_contacts},
        "companies": {"GET": lambda self, request: self._small(request, COMPANIES)},
        "users": {"GET": lambda self, request: self._small(request, COLLEAGUES)},
        "tags": {"GET": lambda self, request: self._small(request, TAGS)},
        "teams": {"GET": lambda self, request: self._small(request, [TEAM])},
        "uploads": {"GET": lambda self, request: self._small(request, [])},
    }
