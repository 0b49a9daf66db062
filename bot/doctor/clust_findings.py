"""Judges Clust's answers: from observations to findings, without I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.clust.protocol import PER_PAGE
from bot.core.applications.status_rules import StatusRules
from bot.core.errors import ClustBroken, ClustBusy, ClustForbidden, ClustNotFound, ClustUnauthorized, ClustUnreachable
from bot.doctor.clust import FEW, ClustAnswer, ClustObservations, ids
from bot.doctor.findings import Finding, fault, ok, warning

NEEDED_FOR = {
    "dossiers/{id}": "`show`, *Details* and *Update* need it, and *pending submission* where lists carry no counts",
    "templates": "the form of a new application can offer none",
}
"""What the bot reads besides the list. Everything else only matters for the console."""

ABILITIES = "In Clust, Team settings > Developers > API: give the token this ability, or make another token."

CARRIED = {
    "is_late": "*late* is never seen",
    "status": "*submitted* and *approved* are never seen",
    "updated_at": "lists are not in the order of changes",
    "created_at": "an application that was missed looks new (rule B2)",
}
"""Keys that list rows must have, and the consequence if they don't."""

MAX_EXAMPLES = 30


def findings_of(observations: ClustObservations, rules: StatusRules) -> Iterator[Finding]:
    """Yield the findings about one account. `rules` classify its statuses."""
    about = f"clust {observations.name}"
    if observations.first.page is None:
        yield _unusable(about, observations)
        return
    yield ok(about, f"{observations.base_url} answers, within {observations.first.seconds:.1f} s.")
    yield from _rate(about, observations)
    yield from _token(about, observations)
    yield from _paging(about, observations)
    yield from _filters(about, observations)
    yield from _rows(about, observations)
    yield from _statuses(about, observations, rules)


def _unusable(about: str, observations: ClustObservations) -> Finding:
    """Return what is wrong when the list of applications can't be read."""
    error = observations.first.error
    elsewhere = (
        f" The same token is answered at {' and '.join(observations.elsewhere)}." if observations.elsewhere else ""
    )
    match error:
        case ClustUnauthorized():
            text = f"{observations.base_url} refuses the API token."
            remedy = "Set another token; those of production and sandbox differ."
        case ClustForbidden():
            text, remedy = "The API token may not read applications.", ABILITIES
        case ClustBusy():
            text, remedy = "It asks to wait: too many requests.", "Run this again in a minute."
        case ClustUnreachable():
            text = f"{observations.base_url} can't be reached ({error.detail})."
            remedy = "Check the address (CLUST_API_URL) and the network."
        case ClustNotFound() | ClustBroken():
            text = f"{observations.base_url} is no address of Clust's API, or Clust is in trouble ({error.detail})."
            remedy = "Correct the address (CLUST_API_URL), which ends in /api or /api/v2; else try again later."
        case _:
            text = f"{observations.base_url} does not give the list of applications ({error})."
            remedy = "Compare the address (CLUST_API_URL) with Clust's documentation."
    return fault(about, text, f"{remedy}{elsewhere}")


def _rate(about: str, observations: ClustObservations) -> Iterator[Finding]:
    limit = observations.first.limit
    if limit:
        yield ok(about, f"It allows {limit.limit} requests a minute, and says so.")
    else:
        yield ok(about, "It tells of no rate limit: only a 429 would slow the poll.")


def _token(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Say what the token may read. What it may write is not tried."""
    may = [name for name, error in observations.reads.items() if error is None]
    yield ok(about, f"The token may read {', '.join(may)}. What it may write is not tried: nothing is changed here.")
    for name, error in observations.reads.items():
        if error is None:
            continue
        if name in NEEDED_FOR:
            remedy = ABILITIES if isinstance(error, ClustForbidden | ClustUnauthorized) else "Compare with Clust's API."
            judged = fault if name == "dossiers/{id}" else warning
            yield judged(about, f"{name} can't be read: {NEEDED_FOR[name]}. {error.detail}".strip(), remedy)
        else:
            yield ok(about, f"{name} can't be read, and the bot does not need it. {error.sentence}")


def _paging(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Say whether every application can be read: pages, their length, and the total."""
    first, second, full = observations.first.page, observations.second, observations.full.page
    assert first is not None  # noqa: S101  checked by the caller
    elsewhere = f"Try {' or '.join(observations.elsewhere)} as its address." if observations.elsewhere else ""
    if len(first.rows) > FEW:
        text = f"`per_page` is not honoured: asked for {FEW} rows it gives {len(first.rows)}."
        yield warning(about, text, "Nothing is lost; polls make as many requests as its pages want.")
    elif full and len(full.rows) < PER_PAGE and first.paging.total is not None and len(full.rows) < first.paging.total:
        yield ok(about, f"`per_page` is honoured up to {len(full.rows)} rows.")
    elif len(first.rows) == FEW:
        yield ok(about, "`per_page` is honoured.")
    if ids(observations.first) & ids(second):
        text = "`page` is not honoured: the second page repeats the first, so only the beginning of the list is seen."
        yield fault(
            about, text, elsewhere or "Set CLUST_API_URL to an address whose lists have pages, such as …/api/v2."
        )
    elif second.page and second.page.rows:
        yield ok(about, "`page` is honoured.")
    elif second.error:
        yield fault(about, f"The second page can't be read. {second.error.sentence}", elsewhere or "Try again later.")
    else:
        yield ok(about, f"It has too few applications to tell whether `page` is honoured: {len(first.rows)}.")
    if first.paging.total is None:
        text = "It does not say how many applications there are, so that nobody can tell whether a list is complete."
        yield warning(about, text, elsewhere or "Compare the number in `/clust status` with Clust's own.")
    else:
        yield ok(about, f"It says that there are {first.paging.total} applications.")


def _filters(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Say which filters have an effect. The bot filters by itself; it searches where an outcome is unclear."""
    heeded = [name for name, answer in observations.filtered.items() if _is_heeded(name, answer)]
    ignored = [name for name in observations.filtered if name not in heeded]
    if heeded:
        yield ok(about, f"Filters that are honoured: {', '.join(heeded)}.")
    if "search" in ignored:
        text = f"Filters that are not honoured: {', '.join(ignored)}."
        yield warning(about, text, "*Check*, after a form whose outcome is unclear, looks at the first page alone.")
    elif ignored:
        yield ok(about, f"Filters that are not honoured: {', '.join(ignored)}; the bot does not use them.")


def _is_heeded(name: str, answer: ClustAnswer) -> bool:
    """Return whether a filter had an effect: it gave only matching rows, or was refused."""
    if answer.page is None:
        return True
    if name == "is_late":
        return all(row.is_late for row in answer.page.rows)
    return not answer.page.rows


def _rows(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Report on the keys of list rows. The keys of single reads are not checked."""
    rows = observations.full.rows or observations.first.rows
    if not rows:
        return
    carried = {name for row in rows for name in row}
    for name, loss in CARRIED.items():
        if name not in carried:
            remedy = (
                f"Try {' or '.join(observations.elsewhere)} as its address."
                if observations.elsewhere
                else "Tell who looks after the bot."
            )
            yield warning(about, f"Rows of its list carry no `{name}`: {loss}.", remedy)
    if "count_missing_items" not in carried:
        yield ok(about, "Rows of its list carry no counts: up to 20 applications are read singly in a poll (rule R2).")
    page = observations.full.page or observations.first.page
    rows_by_id = {row.id: row for row in page.rows} if page else {}
    for name in ("created_at", "updated_at"):
        unread = [
            row.get(name)
            for row in rows
            if row.get(name) and not getattr(rows_by_id.get(str(row.get("id"))), name, None)
        ]
        if unread:
            text = f"`{name}` can't be read as a date, as in {str(unread[0])[:40]!r}."
            yield warning(about, text, "Ages and orders that rest on it are left out; tell who looks after the bot.")


def _statuses(about: str, observations: ClustObservations, rules: StatusRules) -> Iterator[Finding]:
    """Say which status codes there are, and how each is classified."""
    codes: Counter[tuple[str, str]] = Counter()
    for page in observations.pages:
        codes.update((row.status or "", row.status_string or "") for row in page.rows)
    number = codes.total()
    if number:
        yield ok(about, f"Status codes of {'all' if observations.is_all else 'the first'} {number} applications:")
    for (code, label), times in codes.most_common(MAX_EXAMPLES):
        named = f"{code or label or '(none)'}" + (f' "{label}"' if code and label else "")
        status_class = rules.classify(code or None, label or None)
        if status_class:
            yield ok(about, f"{named}, {times} times: {status_class.word}")
        else:
            remedy = (
                f"Say what it means: CLUST_STATUS_RULES={code or label}=open (or pending, submitted, approved, closed)"
            )
            yield warning(about, f"{named}, {times} times: no rule knows it, and it changes nothing.", remedy)
