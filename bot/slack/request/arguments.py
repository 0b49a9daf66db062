"""What may stand among the words of a command beside a filter: `limit:N`, names of events, applications."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.applications.model import clust_id
from bot.core.applications.triggers import TRIGGERS
from bot.core.errors import UsageError
from bot.core.filters import language
from bot.core.filters.language import Filter
from bot.core.notifications.mutes import Mute
from bot.core.text import Word, fold, split, suggest

ALL = "all"

MAX_LIMIT = 1000
"""Of `limit:N`: applications in a list, notifications of one kind in a tick, rows of the audit log."""


@dataclass(frozen=True, slots=True)
class CommandArguments:
    """What a person asked for: `events` as typed, in order, empty where none were named."""

    events: tuple[str, ...]
    filter: Filter
    filter_text: str
    limit: int | None


def read_list(text: str, most: int) -> CommandArguments:
    """Read `[filter] [limit:N]`. Raises UsageError; a FilterError's position is one in `text`."""
    rest, limit = _without_limit(text, most)
    return CommandArguments((), language.parse(rest), " ".join(rest.split()), limit)


def read_subscription(text: str, most: int) -> CommandArguments:
    """Read `[events] [filter] [limit:N]`; `all` stands for every event. Raises UsageError as `read_list` does.

    A bare word that names an event is one wherever it stands: `title:acme late` does not search for "late".
    """
    rest, limit = _without_limit(text, most)
    events: list[str] = []
    leading = True
    for word in split(rest):
        named = _events(word, among_events=leading)
        leading = leading and named is not None
        if named:
            events += named
            rest = _blanked(rest, word)
    return CommandArguments(tuple(dict.fromkeys(events)), language.parse(rest), " ".join(rest.split()), limit)


def read_muted(text: str) -> tuple[list[Mute], str]:
    """Read `[events] [ID] [end]`: what is meant, everything where nothing is named, and the end as typed.

    An application is a number, `#123`, a Clust link, or `application:ID`; what is neither that nor an event begins the
    end. Raises UsageError for a word that is nearly an event.
    """
    events: list[str] = []
    applications: list[str] = []
    rest = ""
    for word in split(text):
        application = _application(word)
        if application:
            applications.append(application)
        elif named := _events(word, among_events=True):
            events += named
        else:
            rest = text[word.start :].strip()
            break
    triggers = ("",) if not events or set(events) == set(TRIGGERS) else tuple(dict.fromkeys(events))
    return [Mute(each, trigger) for each in applications or [""] for trigger in triggers], rest


def _application(word: Word) -> str | None:
    name, value = word.pair or ("", "")
    named = fold(name) == "application"
    typed = value if named else word.text
    plainly_one = named or typed.startswith("#") or typed.isdecimal() or "/" in typed
    return clust_id(typed) if plainly_one else None


def _events(word: Word, *, among_events: bool) -> list[str] | None:
    """Return the events that a word such as `late` or `late,approved` names, None where it is no such word.

    `among_events`: where events are expected, a word that is nearly one is a mistake, and not a search.
    """
    names = (*TRIGGERS, ALL)
    folded = fold(word.raw).strip(",")
    pieces = [piece.strip() for piece in folded.split(",")]
    unknown = [piece for piece in pieces if piece not in names]
    if not unknown:
        return [name for piece in pieces for name in (TRIGGERS if piece == ALL else (piece,))]
    if '"' not in word.raw and _is_event_but_for_signs(folded):
        raise UsageError(
            f"I don't understand `{folded[:60]}`. Write events with commas between, such as `late,approved`. To leave "
            f"one out, name the others. To search for the words themselves, put `title:` before them."
        )
    near = suggest(unknown[0], names)
    some_known = len(unknown) < len(pieces)
    if (some_known or (near and among_events)) and all(re.fullmatch(r"[a-z]+", piece) for piece in pieces):
        asked = f" Did you mean `{near}`?" if near else ""
        raise UsageError(
            f"I don't know the event `{unknown[0]}`.{asked} "
            f"Known: {', '.join(names)}. To search for the word itself, put `title:` before it."
        )
    return None


def _is_event_but_for_signs(folded: str) -> bool:
    """Return whether a word is made of events and signs alone, such as `late;approved`, `-late` or `*late*` (F4)."""
    pieces = re.findall(r"[^\W_]+", folded)
    return bool(pieces) and all(piece in (*TRIGGERS, ALL) for piece in pieces)


def without_connection(text: str) -> tuple[str, str | None]:
    """Take `connection:NAME` out of `text`, leaving every other word where it is. Raises UsageError for two of them."""
    name = None
    for word in split(text):
        key, value = word.pair or ("", "")
        if fold(key) != "connection":
            continue
        if name is not None or not value or "," in value:
            raise UsageError("`connection:` takes one name, once, such as `connection:emea`.")
        name, text = value, _blanked(text, word)
    return text, name


def _without_limit(text: str, most: int) -> tuple[str, int | None]:
    """Take `limit:N` out of `text`, leaving every other word where it is."""
    limit = None
    for word in split(text):
        name, value = word.pair or ("", "")
        if fold(name) == "limit":
            if limit is not None:
                raise UsageError("`limit:` stands there twice; it can stand there once.")
            limit = read_limit(value, most)
            text = _blanked(text, word)
    return text, limit


def read_limit(value: str, most: int = MAX_LIMIT) -> int:
    """Read the N of `limit:N`. Raises UsageError that names the range."""
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= most:
        raise UsageError(f"`limit:{value[:40]}` can't be used: limit must be between 1 and {most:,}.")
    return int(value)


def _blanked(text: str, word: Word) -> str:
    return text[: word.start] + " " * len(word.raw) + text[word.end :]
