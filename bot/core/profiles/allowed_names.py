"""Which keys, codes and headers a profile may name (docs/privacy.md).

Someone's name or number can be a key or a status code too. So what the bot's tables don't have is named only if it
looks like a name in a program, and is on at least MIN_ROWS applications. Everything else is only counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.applications.model import Application, Recipient, Template
from bot.core.applications.status_rules import StatusRules

MIN_ROWS = 5
"""Applications that must have a key or code that is not in the bot's tables."""

_LIKE_A_NAME = re.compile(r"(?!.*[0-9]{5})[a-z0-9_-]{1,40}")
"""More than four digits in a row may be someone's number."""

_PLAIN_CODE = re.compile(r"(?![0-9]{4})[\w' -]{1,60}")

_BUILT_IN = StatusRules()

Path = tuple[str, ...]
"""A key, or a key and one inside its object or list."""


def _names(model: type[Application | Recipient | Template]) -> set[str]:
    aliases = [field.validation_alias for field in model.model_fields.values()]
    return {*model.model_fields, *(name for alias in aliases for name in getattr(alias, "choices", ()))}


_INSIDE: Mapping[str, set[str]] = {
    "contact": _names(Recipient) | {"type"},
    "recipient": _names(Recipient) | {"type"},
    "template": _names(Template),
    "team": {"id", "name", "title"},
    "webhook": {"url", "events"},
    "dossier_items": {"id", "title", "name", "status", "status_string", "label", "type", "kind", "is_mandatory"},
}
_OUTSIDE = (
    _names(Application)
    | set(_INSIDE)
    | {"status_string_full", "status_color", "form_fields", "stakeholders", "auto_emails", "folder_id", "custom"}
)
KNOWN_KEYS: frozenset[Path] = frozenset(
    {(name,) for name in _OUTSIDE} | {(outer, inner) for outer, names in _INSIDE.items() for inner in names}
)
"""Keys of an application that the bot reads, writes, or has in its documentation (docs/clust-api.md)."""

_MEMBERS = """
    current_page per_page total last_page total_pages from to path next_page_url prev_page_url first_page_url
    last_page_url next_cursor prev_cursor links meta pagination links.first links.last links.next links.prev
    meta.current_page meta.per_page meta.total meta.last_page meta.from meta.to meta.path meta.next_cursor
    meta.prev_cursor meta.links meta.pagination pagination.current_page pagination.per_page pagination.total
    pagination.last_page pagination.total_pages message status success errors
"""
KNOWN_MEMBERS: frozenset[Path] = frozenset(tuple(name.split(".")) for name in _MEMBERS.split())
"""What lists say of their pages, in each form of Laravel's paginators."""

KNOWN_ERROR_KEYS: frozenset[Path] = frozenset(
    {(name,) for name in ("message", "error", "errors", "type", "status", "code", "data", "success", "exception")}
)

_HEADERS = """
    age cache-control cf-cache-status cf-ray connection content-encoding content-length content-type date etag
    expires keep-alive last-modified link location pragma retry-after server set-cookie strict-transport-
    security transfer-encoding vary via www-authenticate x-content-type-options x-frame-options x-page x-per-
    page x-powered-by x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset x-request-id x-total x-total-
    count x-xss-protection
"""
KNOWN_HEADERS = frozenset(_HEADERS.split())
"""Headers that servers and Laravel are known to send. Others are only counted, on however many answers they are."""


def is_nameable(path: Path, rows: int, listed: frozenset[Path] = KNOWN_KEYS) -> bool:
    """Return whether a profile may name a key that this many applications have."""
    return path in listed or (rows >= MIN_ROWS and all(map(_LIKE_A_NAME.fullmatch, path)))


def is_nameable_status(text: str, rows: int) -> bool:
    """Return whether a profile may name a status code or label that this many applications have."""
    if _PLAIN_CODE.fullmatch(text) and _BUILT_IN.classify(text, None) is not None:
        return True
    return rows >= MIN_ROWS and _LIKE_A_NAME.fullmatch(text) is not None
