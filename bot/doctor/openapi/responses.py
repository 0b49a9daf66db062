"""Compare what lists say of their pages, and what errors look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bot.core.clust_api.dialect import ApiDialect
from bot.core.language import _
from bot.doctor.openapi.description import EACH, Fields
from bot.doctor.openapi.difference import Difference
from bot.doctor.openapi.locating import LocatedOperation, normalized

PAGING: Mapping[str, str] = MappingProxyType(
    {
        "total": "total count total_count total_items total_results",
        "last_page": "last_page total_pages pages page_count pages_count",
        "current_page": "current_page page page_number",
        "per_page": "per_page page_size limit size",
        "next": "next next_page_url next_url next_link next_cursor",
    }
)
"""What lists say of their pages, with the words for each."""

_READ = ("meta.", "meta.pagination.", "pagination.", "")
"""Where the bot looks by itself for the names of Laravel's paginators."""

_NAMES_READ = {"last_page": ("last_page", "total_pages"), "next": ("links.next", "next_page_url", "next_cursor")}

_FIELD_WORDS = ("field", "name", "property", "param", "parameter", "path", "source", "attribute", "key", "pointer")
_TEXT_WORDS = ("message", "reason", "detail", "text", "error", "description", "msg", "title")
_MESSAGE_WORDS = ("message", "detail", "error_message", "error_description", "description", "title", "reason")


def compared_paging(fields: Fields, rows: str, dialect: ApiDialect) -> Iterator[Difference]:
    """Give the differences in what a list says of its other pages."""
    others = {
        path: normalized(path).rpartition(".")[2]
        for path, row in fields.items()
        if EACH not in path and row.type not in ("object", "array") and path != rows.removesuffix(EACH)
    }
    for key, words in PAGING.items():
        own = [f"{before}{name}" for before in _READ for name in _NAMES_READ.get(key, (key,))]
        if any(path in others for path in (*own, dialect.responses.get(key, ""))):
            continue
        theirs = next((path for word in words.split() for path, last in others.items() if last == word), "")
        if theirs:
            bot = _("The bot reads `{place}` from lists.", place=dialect.place(key))
            clust = _("Clust calls it `{name}`.", name=theirs)
            yield Difference("paging", bot, clust, "CLUST_RESPONSES", ((key, theirs),))


def compared_errors(operations: Mapping[str, LocatedOperation], dialect: ApiDialect) -> Iterator[Difference]:
    """Give the difference in the shape of errors: where the message is, and where those of fields are."""
    order = ("create", "update", "read", "list")
    failures = next(
        (fields for key in order if key in operations and (fields := operations[key].described.failures)), {}
    )
    pairs: list[tuple[str, str]] = []
    texts = {
        path: normalized(path) for path, row in failures.items() if EACH not in path and row.type in ("string", "")
    }
    if failures and dialect.place("message") not in texts and not {"message", "error", "type"} & texts.keys():
        theirs = next((path for word in _MESSAGE_WORDS for path in texts if _last(path) == word), "")
        pairs += [("message", theirs)] if theirs else []
    for path, row in failures.items():
        if row.type != "array" or EACH in path:
            continue
        inner = [each.removeprefix(f"{path}{EACH}.") for each in failures if each.startswith(f"{path}{EACH}.")]
        field = next((each for word in _FIELD_WORDS for each in inner if _last(each) == word), "")
        text = next((each for word in _TEXT_WORDS for each in inner if _last(each) == word and each != field), "")
        if field and text:
            names = {"errors": path, "field": field, "text": text}
            pairs += [pair for pair in names.items() if dialect.place(pair[0]) != pair[1]]
            break
    if pairs:
        bot = _(
            "The bot reads a message from `message`, and errors from `errors`, an object with a key for each field."
        )
        clust = _("Clust has them in {names}.", names=", ".join(f"`{theirs}`" for _ours, theirs in pairs))
        yield Difference("errors", bot, clust, "CLUST_RESPONSES", tuple(pairs))


def _last(path: str) -> str:
    return normalized(path).rpartition(".")[2]
