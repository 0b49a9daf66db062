"""Judges Clust's answers: from observations to findings, without I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from bot.clust.protocol import PER_PAGE
from bot.core.applications.status_rules import StatusRules, status_word
from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustUnauthorized,
    ClustUnreachable,
)
from bot.core.language import N_, _, all_of, one_of
from bot.doctor.clust import FEW, ClustAnswer, ClustObservations, ids
from bot.doctor.findings import Finding, fault, ok, warning

NEEDED_FOR = {
    "dossiers/{id}": N_(
        "Without it, `show`, *Details* and *Update* don't work. If lists have no item counts, *pending submission* is "
        "never detected either."
    ),
    "templates": N_("The form for a new application can't offer any templates."),
}
"""What the bot reads besides the list. Everything else only matters for the console."""

_NOT_NEEDED: Mapping[type[ClustError], str] = {
    ClustForbidden: N_("The token can't read `{name}`. The bot doesn't need it."),
    ClustUnauthorized: N_("The token can't read `{name}`. The bot doesn't need it."),
    ClustNotFound: N_("Clust doesn't have `{name}` at this address. The bot doesn't need it."),
}
_NOT_LEARNED = N_("Clust's response doesn't say whether the token can read `{name}`. The bot doesn't need it.")
"""Of what only the console reaches: nothing to worry about, whatever Clust says."""

ABILITIES = N_(
    "In Clust, go to Team settings > Developers > API. Give the token this ability, or create another token."
)

CARRIED = {
    "is_late": N_("*late* is never detected."),
    "status": N_("*submitted* and *approved* are never detected."),
    "updated_at": N_("Lists can't be sorted by last change."),
    "created_at": N_("An application that was missed in the first read is posted as new."),
}
"""Keys that list rows must have, and the consequence if they don't."""

MAX_EXAMPLES = 30


def findings_of(observations: ClustObservations, rules: StatusRules) -> Iterator[Finding]:
    """Yield the findings about one account. `rules` classify its statuses."""
    about = f"clust {observations.name}"
    if observations.first.page is None:
        yield _unusable(about, observations)
        return
    yield ok(
        about,
        _("{address} responded in {seconds:.1f} s.", address=observations.base_url, seconds=observations.first.seconds),
    )
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
        " " + _("The same token works at {addresses}.", addresses=all_of(observations.elsewhere))
        if observations.elsewhere
        else ""
    )
    match error:
        case ClustUnauthorized():
            text = _("{address} rejects the API token.", address=observations.base_url)
            remedy = _("Set another token. Production and sandbox have different tokens.")
        case ClustForbidden():
            text, remedy = _("The API token can't read applications."), ABILITIES
        case ClustBusy():
            text, remedy = (
                _("Clust is receiving too many requests right now."),
                _("Run this again in a minute."),
            )
        case ClustUnreachable():
            text = _("{address} is unreachable. {why}", address=observations.base_url, why=error.detail)
            remedy = _("Check the address (CLUST_API_URL) and the network.")
        case ClustNotFound() | ClustBroken():
            text = _(
                "{address} isn't the address of Clust's API, or Clust has a problem. {why}",
                address=observations.base_url,
                why=error.detail,
            )
            remedy = _("Check that the address (CLUST_API_URL) ends in /api or /api/v2, or try again later.")
        case _:
            text = _(
                "{address} doesn't return the list of applications. {why}", address=observations.base_url, why=error
            )
            remedy = _("Compare the address (CLUST_API_URL) with Clust's documentation.")
    return fault(about, text, f"{remedy}{elsewhere}")


def _rate(about: str, observations: ClustObservations) -> Iterator[Finding]:
    limit = observations.first.limit
    if limit:
        yield ok(about, _("Clust reports a limit of {limit:,} requests per minute.", limit=limit.limit))
    else:
        yield ok(about, _("Clust reports no rate limit. Only a 429 response slows polling."))


def _token(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Say what the token may read. What it may write is not tried."""
    may = [name for name, error in observations.reads.items() if error is None]
    yield ok(
        about,
        _("The token can read {what}. Writing isn't tested, because the doctor changes nothing.", what=", ".join(may)),
    )
    for name, error in observations.reads.items():
        if error is None:
            continue
        if name in NEEDED_FOR:
            remedy = (
                ABILITIES
                if isinstance(error, ClustForbidden | ClustUnauthorized)
                else _("Check whether Clust's API has changed.")
            )
            judged = fault if name == "dossiers/{id}" else warning
            yield judged(
                about,
                _("Can't read `{name}`. {loss} {why}", name=name, loss=_(NEEDED_FOR[name]), why=error.detail).strip(),
                remedy,
            )
        else:
            yield ok(about, _(_NOT_NEEDED.get(type(error), _NOT_LEARNED), name=name))


def _paging(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Say whether every application can be read: pages, their length, and the total."""
    first, second, full = observations.first.page, observations.second, observations.full.page
    assert first is not None  # noqa: S101  checked by the caller
    elsewhere = (
        _("Try {addresses} instead.", addresses=one_of(observations.elsewhere)) if observations.elsewhere else ""
    )
    if len(first.rows) > FEW:
        text = _("Clust ignores `per_page`. It returned {count} rows instead of {few}.", few=FEW, count=len(first.rows))
        yield warning(about, text, _("Nothing is lost. Polling needs as many requests as there are pages."))
    elif full and len(full.rows) < PER_PAGE and first.paging.total is not None and len(full.rows) < first.paging.total:
        yield ok(about, _("`per_page` works for up to {count} rows.", count=len(full.rows)))
    elif len(first.rows) == FEW:
        yield ok(about, _("`per_page` works."))
    if ids(observations.first) & ids(second):
        text = _(
            "Clust ignores `page`. The second page repeats the first, so the bot only sees the beginning of the list."
        )
        yield fault(
            about, text, elsewhere or _("Set CLUST_API_URL to an address whose lists have pages, such as …/api/v2.")
        )
    elif second.page and second.page.rows:
        yield ok(about, _("`page` works."))
    elif second.error:
        yield fault(
            about,
            _("Can't read the second page. {why}", why=second.error.sentence),
            elsewhere or _("Try again later."),
        )
    else:
        yield ok(
            about, _("There are too few applications ({count}) to tell whether `page` works.", count=len(first.rows))
        )
    if first.paging.total is None:
        text = _(
            "Clust doesn't return the total number of applications, so the bot can't tell whether a list is complete."
        )
        yield warning(about, text, elsewhere or _("Compare the number in `/clust status` with Clust's own."))
    else:
        yield ok(about, _("Applications in Clust: {total:,}.", total=first.paging.total))


def _filters(about: str, observations: ClustObservations) -> Iterator[Finding]:
    """Say which filters have an effect.

    The bot filters by itself, and uses Clust's search where an outcome is unclear.
    """
    heeded = [name for name, answer in observations.filtered.items() if _is_heeded(name, answer)]
    ignored = [name for name in observations.filtered if name not in heeded]
    if heeded:
        yield ok(about, _("Filters that work: {filters}.", filters=", ".join(heeded)))
    if "search" in ignored:
        text = _("Filters that are ignored: {filters}.", filters=", ".join(ignored))
        yield warning(about, text, _("When a form's outcome is unknown, *Check* only looks at the first page."))
    elif ignored:
        text = _("Filters that are ignored, and that the bot doesn't use: {filters}.", filters=", ".join(ignored))
        yield ok(about, text)


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
                _("Try {addresses} instead.", addresses=one_of(observations.elsewhere))
                if observations.elsewhere
                else _("Report this to the person who maintains the bot.")
            )
            yield warning(about, _("The list has no `{name}`. {loss}", name=name, loss=_(loss)), remedy)
    if "count_missing_items" not in carried:
        yield ok(about, _("The list has no item counts. The bot reads up to 20 applications individually per poll."))
    page = observations.full.page or observations.first.page
    rows_by_id = {row.id: row for row in page.rows} if page else {}
    for name in ("created_at", "updated_at"):
        unread = [
            row.get(name)
            for row in rows
            if row.get(name) and not getattr(rows_by_id.get(str(row.get("id"))), name, None)
        ]
        if unread:
            text = _("`{name}` isn't a valid date: {example}.", name=name, example=repr(str(unread[0])[:40]))
            yield warning(
                about,
                text,
                _(
                    "Ages and sort orders that depend on it are left out. Report this to the person who maintains the "
                    "bot."
                ),
            )


def _statuses(about: str, observations: ClustObservations, rules: StatusRules) -> Iterator[Finding]:
    """Say which status codes there are, and how each is classified."""
    codes: Counter[tuple[str, str]] = Counter()
    for page in observations.pages:
        codes.update((row.status or "", row.status_string or "") for row in page.rows)
    number = codes.total()
    if number:
        yield ok(
            about,
            (
                _("Status codes of all applications ({count:,}):", count=number)
                if observations.is_all
                else _("Status codes of the first {count:,} applications:", count=number)
            ),
        )
    for (code, label), times in codes.most_common(MAX_EXAMPLES):
        named = f"{code or label or '(none)'}" + (f' "{label}"' if code and label else "")
        status_class = rules.classify(code or None, label or None)
        if status_class:
            yield ok(
                about,
                _("{code} ({count:,}): {status_class}", code=named, count=times, status_class=status_class.title),
            )
        else:
            text = _("{code} ({count:,}): no rule, so it's ignored", code=named, count=times)
            yield warning(about, text, _status_remedy(status_word(code) or status_word(label)))


def _status_remedy(word: str) -> str:
    """Return how to classify a status, from its code, or its label if it has no code, as a rule can name it."""
    if word:
        return _("Set its meaning: CLUST_STATUS_RULES={code}=open (or pending, submitted, approved, closed)", code=word)
    return _(
        "A rule needs a code or label with letters or digits, and this status has none. If Clust has it in another "
        "field, name that field in CLUST_FIELDS, such as CLUST_FIELDS=status=state."
    )
