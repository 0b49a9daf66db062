"""What a poll notes about its account: why posting is suspended (rule B4), and what slows it down (rule R3).

Notes are stored as codes with their numbers (`bot.core.stored_reasons`), and worded where they are shown.
"""

from __future__ import annotations

from bot.core.language import _
from bot.core.stored_reasons import StoredReason, read_reason

_FEWER, _PAUSED, _SHARE = "fewer_applications", "asked_to_wait", "share_of_limit"


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
    if code == _PAUSED:
        return _("Clust asked me to wait (429). I'll continue automatically.")
    if not (part.isdecimal() and whole.isdecimal()):
        return note
    if code == _FEWER:
        return _(
            "The latest list from Clust has only {kept:,} of the {total:,} applications I know.",
            kept=int(part),
            total=int(whole),
        )
    if code == _SHARE:
        return _(
            "Clust allows {limit:,} requests per minute. Polling uses up to {share:,} of them.",
            limit=int(whole),
            share=int(part),
        )
    return note
