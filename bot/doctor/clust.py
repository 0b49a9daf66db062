"""Queries one Clust account, only by GET, and records its answers. `clust_findings` judges them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.clust import ClustClient
from bot.clust.protocol import PER_PAGE, ApiRequest, Page, RateLimit, decipher, decipher_page, page_query, rate_limit
from bot.core.api_urls import same_origin
from bot.core.applications.model import Application
from bot.core.errors import ClustError

CLUSTS_OWN = (
    "https://api.clustdoc.com/api",
    "https://app.clustdoc.com/api",
    "https://app.clustdoc.com/api/v2",
    "https://clustdoc.com/api",
    "https://sandbox.clustdoc.com/api",
    "https://sandbox.clustdoc.com/api/v2",
)
"""Clust's known base URLs. A token for a host of Clust's is sent to no other host."""

FEW = 2
"""Rows asked for, so that a small account has several pages."""

MAX_PAGES = 10
"""Pages read to see which status codes there are."""

NONSENSE = "zzqx-no-such-thing"
"""A search term that no application contains."""

READS = ("dossiers", "dossiers/{id}", "templates", "users", "contacts", "companies", "tags", "teams", "forms")
"""Paths on which the token's read access is tested."""


@dataclass(frozen=True, slots=True)
class ClustAnswer:
    """One answer to a GET: its page, its rows as received, or its error."""

    seconds: float = 0.0
    status: int | None = None
    page: Page[Application] | None = None
    rows: Sequence[Mapping[str, Any]] = ()
    limit: RateLimit | None = None
    error: ClustError | None = None


@dataclass(frozen=True, slots=True)
class ClustObservations:
    """All answers of one account. If `first` is an error, the rest is empty except `elsewhere`."""

    name: str
    base_url: str
    first: ClustAnswer
    elsewhere: Sequence[str] = ()
    """Other base URLs that accept the same token."""
    second: ClustAnswer = field(default_factory=ClustAnswer)
    full: ClustAnswer = field(default_factory=ClustAnswer)
    filtered: Mapping[str, ClustAnswer] = field(default_factory=dict)
    reads: Mapping[str, ClustError | None] = field(default_factory=dict)
    pages: Sequence[Page[Application]] = ()
    is_all: bool = False
    """Whether `pages` are complete."""


Connect = Callable[[str], ClustClient]


async def observe(name: str, base_url: str, connect: Connect, *, anywhere: bool = True) -> ClustObservations:
    """Query one account. `connect` returns a client for a base URL, with the account's token.

    If the account isn't found, tries other paths of its host and, with `anywhere`, Clust's other hosts.
    """
    async with connect(base_url) as client:
        first = await ask(client, "/dossiers", page=1, per_page=FEW)
        if first.page is None:
            return ClustObservations(
                name, base_url, first, elsewhere=await _elsewhere(base_url, connect, anywhere=anywhere)
            )
        second = await _following(client, first, 2, FEW)
        full = await ask(client, "/dossiers", page=1, per_page=PER_PAGE)
        pages, is_all = await _pages(client, full)
        broken = bool(ids(first) & ids(second)) or first.page.paging.total is None
        return ClustObservations(
            name,
            base_url,
            first,
            elsewhere=await _elsewhere(base_url, connect, anywhere=anywhere) if broken else (),
            second=second,
            full=full,
            filtered=await _filtered(client, first),
            reads=await _reads(client, first),
            pages=pages,
            is_all=is_all,
        )


async def ask(client: ClustClient, path: str, **query: str | int) -> ClustAnswer:
    """Make one GET, without retries."""
    return await _ask(client, path, query)


async def _following(client: ClustClient, answer: ClustAnswer, number: int, per_page: int) -> ClustAnswer:
    """Ask for page `number`, as the one before it says."""
    link = answer.page.paging.next_link if answer.page else ""
    return await _ask(client, "/dossiers", page_query(number, per_page, link))


async def _ask(client: ClustClient, path: str, query: Mapping[str, str | int]) -> ClustAnswer:
    try:
        answer = await client.observe(ApiRequest("GET", path, query))
    except ClustError as error:
        return ClustAnswer(error=error)
    limit = rate_limit(answer.headers)
    try:
        page = decipher_page(answer.status, answer.headers, answer.body)
        value = decipher(answer.status, answer.headers, answer.body)
    except ClustError as error:
        return ClustAnswer(answer.seconds, answer.status, limit=limit, error=error)
    data = value.get("data") if isinstance(value, dict) else value
    data = list(data.values()) if isinstance(data, dict) else data
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    return ClustAnswer(answer.seconds, answer.status, page, rows, limit)


def ids(answer: ClustAnswer) -> frozenset[str]:
    """Return the IDs of an answer's applications."""
    return frozenset(row.id for row in answer.page.rows) if answer.page else frozenset()


def candidates(base_url: str) -> list[str]:
    """Return other possible base URLs: other paths of the host and, if it is Clust's, Clust's other hosts."""
    parts = urlsplit(base_url)
    same = [f"{parts.scheme}://{parts.netloc}{path}" for path in ("/api", "/api/v2")]
    host = parts.hostname or ""
    own = CLUSTS_OWN if host == "clustdoc.com" or host.endswith(".clustdoc.com") else ()
    return [one for one in dict.fromkeys([*same, *own]) if one != base_url]


async def _elsewhere(base_url: str, connect: Connect, *, anywhere: bool) -> list[str]:
    addresses = []
    for other in candidates(base_url):
        if not (anywhere or same_origin(other, base_url)):
            continue
        async with connect(other) as client:
            answer = await ask(client, "/dossiers", page=1, per_page=FEW)
            if answer.page is not None:
                addresses.append(other)
    return addresses


async def _pages(client: ClustClient, first: ClustAnswer) -> tuple[list[Page[Application]], bool]:
    """Read pages until one brings nothing new. Returns them, and whether they are complete."""
    if first.page is None:
        return [], False
    pages, seen_ids, answer = [first.page], set(ids(first)), first
    for number in range(2, MAX_PAGES + 1):
        if first.page.paging.total is not None and len(seen_ids) >= first.page.paging.total:
            return pages, True
        answer = await _following(client, answer, number, PER_PAGE)
        if answer.page is None:
            return pages, False
        if not ids(answer) - seen_ids:
            return pages, first.page.paging.total is None
        pages.append(answer.page)
        seen_ids |= ids(answer)
    return pages, first.page.paging.total is not None and len(seen_ids) >= first.page.paging.total


async def _filtered(client: ClustClient, first: ClustAnswer) -> dict[str, ClustAnswer]:
    """Request a list with each known filter, for a value that matches nothing, and `is_late` for late ones."""
    if not first.rows:
        return {}
    filters = {"search": NONSENSE, "status": NONSENSE, "template_id": "999999999", "is_late": "1"}
    return {
        name: await ask(client, "/dossiers", **{name: value}, page=1, per_page=FEW) for name, value in filters.items()
    }


async def _reads(client: ClustClient, first: ClustAnswer) -> dict[str, ClustError | None]:
    """Return Clust's error for each path in READS, None if the token can read it."""
    errors: dict[str, ClustError | None] = {"dossiers": None}
    for name in READS[1:]:
        if name == "dossiers/{id}":
            if not first.page or not first.page.rows:
                continue
            path = f"/dossiers/{first.page.rows[0].id}"
        else:
            path = f"/{name}"
        errors[name] = await _refusal(client, path)
    return errors


async def _refusal(client: ClustClient, path: str) -> ClustError | None:
    try:
        answer = await client.observe(ApiRequest("GET", path, {"per_page": FEW}))
        decipher(answer.status, answer.headers, answer.body)
    except ClustError as error:
        return error
    return None
