"""What a poll notes about its account: how it failed, why posting is suspended (rule B4), what slows it down (rule R3).

Notes are stored as codes with their values (`bot.core.stored_reasons`), and worded where they are shown.
"""

from __future__ import annotations

from bot.core.errors import (
    ClustBroken,
    ClustBusy,
    ClustError,
    ClustForbidden,
    ClustNotFound,
    ClustRejected,
    ClustUnauthorized,
    ClustUnreachable,
)
from bot.core.language import _
from bot.core.stored_reasons import StoredReason, read_reason
from bot.core.typed_text import sentences

_FEWER, _PAUSED, _SHARE = "fewer_applications", "asked_to_wait", "share_of_limit"

_FAILURES: dict[str, type[ClustError]] = {
    "clust_unreachable": ClustUnreachable,
    "clust_broken": ClustBroken,
    "clust_busy": ClustBusy,
    "clust_unauthorized": ClustUnauthorized,
    "clust_forbidden": ClustForbidden,
    "clust_not_found": ClustNotFound,
    "clust_rejected": ClustRejected,
    "clust_failed": ClustError,
}


def failure(error: ClustError) -> str:
    """Return the note that a poll failed. Its value is what happened this time, in the worker's language."""
    code = next(code for code, kind in _FAILURES.items() if isinstance(error, kind))
    return str(StoredReason(code, error.detail))


def fewer_applications(kept: int, total: int) -> str:
    """Return the note that a list has only `kept` of `total` known applications."""
    return str(StoredReason(_FEWER, f"{kept}/{total}"))


def asked_to_wait() -> str:
    """Return the note that Clust answered 429."""
    return _PAUSED


def share_of_limit(limit: int, share: int) -> str:
    """Return the note that polling uses `share` of the `limit` requests per minute."""
    return str(StoredReason(_SHARE, f"{share}/{limit}"))


def note_in_words(note: str) -> str:
    """Return a stored note as a sentence in the current language. Sentences of older versions stay as they are."""
    code, value = read_reason(note) or ("", "")
    part, _slash, whole = value.partition("/")
    if code in _FAILURES:
        # A detail without values of its own is a text that has a translation.
        return sentences(_(_FAILURES[code].summary), _(value))
    if code == _PAUSED:
        return _("Clust asked me to wait (429). I'll continue automatically.")
    if not (part.isdecimal() and whole.isdecimal()):
        return note
    if code == _FEWER:
        few = _(
            "The latest list from Clust has only {kept:,} of the applications I know about ({total:,}).",
            kept=int(part),
            total=int(whole),
        )
        none = _("The latest list from Clust has none of the applications I know about ({total:,}).", total=int(whole))
        return few if int(part) else none
    if code == _SHARE:
        return _(
            "Clust allows {limit:,} requests per minute. My checks use up to {share:,} of them.",
            limit=int(whole),
            share=int(part),
        )
    return note
