"""Detect words that are nearly filter terms: `late;yes`, `status=open`, `--title:x`, `- title:x` (rule F4).

They are reported as errors. As search words they would match nothing, and no one would learn why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot.core.filters.keys import BY_NAME, IN_ENGLISH
from bot.core.language import _
from bot.core.suggestions import suggest
from bot.core.typed_text import Word, fold

BESIDE_FILTERS = ("limit",)
"""Options with a colon that commands accept beside a filter."""

_NAMES = (*BY_NAME, *BESIDE_FILTERS)

_QUOTED_PART = "\ue000"  # stands for what is quoted: no one types it, and it is no letter
_QUOTED = re.compile(r'"[^"]*"?')
_SHAPE = re.compile(r"(?P<before>[\W_]*)(?P<name>[^\W\d_]+)(?P<sign>[\W_]*)(?P<value>.*)", re.DOTALL)
_NAMELESS = re.compile(r"[\W_]*:[\W_]*")
_COLON = re.compile(r" ?: ?")
_PROPER = re.compile(r":[^:]*")
_COMPARISON = re.compile(r"[<>]=?")
_WITHIN_WORDS = frozenset("-.'/@_&+#*")
"""Signs that also occur in ordinary words."""

_MISTAKEN = frozenset("=;<>|")
"""Signs that people type instead of a colon and that hardly ever occur in words."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A probable mistake: a sentence about it, and its place in the text in characters."""

    sentence: str
    position: int
    length: int


def find_near_miss(words: Sequence[Word]) -> NearMiss | None:
    """Return the first of `words` that is nearly a term, or None if there is none."""
    return next(_near_misses(words), None)


def _near_misses(words: Sequence[Word]) -> Iterator[NearMiss]:
    for word, following in zip_longest(words, words[1:]):
        if following and (meant := _two_words(word, following)) is not None:
            yield _near_miss(word, meant, until=following)
        elif (meant := _one_word(word)) is not None:
            yield _near_miss(word, meant)
    for place, word in enumerate(words):
        if quote := _single_quoted(words[place:]):
            mark = f"`{quote.replace('`', chr(39))}`"
            yield NearMiss(
                _(
                    "Put a phrase in double quotes, as in {example}. {mark} doesn't keep words together.",
                    example=BY_NAME["template"].example,
                    mark=mark,
                ),
                word.start,
                len(word.raw),
            )


def _one_word(word: Word) -> str | None:
    """Return what a word was probably meant to be: empty if that is unclear, None if the word is fine."""
    typed = _unquoted(word)
    if _NAMELESS.fullmatch(typed):
        return ""
    shape = _SHAPE.fullmatch(typed)
    if shape is None or _QUOTED_PART in shape["before"]:
        return None
    before, name, sign, value = shape.group("before", "name", "sign", "value")
    if before in {"", "-"} and _PROPER.fullmatch(sign):
        return _too_many_values(before, name, f"{sign[1:]}{value}")
    if name in _NAMES:
        wrong = bool(before.strip("-") or len(before) > 1) if sign[:1] == ":" else _is_wrong(name, sign, value)
        return _meant(before, name, sign, value) if wrong or sign[:2] == "::" else None
    near = suggest(name, (*IN_ENGLISH, *BESIDE_FILTERS)) if value and sign and set(sign) <= _MISTAKEN else None
    return _meant(before, near, sign, value) if near else None


def _is_wrong(name: str, sign: str, value: str) -> bool:
    """Return whether `sign`, which isn't a colon, was typed instead of one between a key and a value."""
    if not sign or sign[0] == ",":
        return False
    if sign[0] in _WITHIN_WORDS:
        return name in BY_NAME and BY_NAME[name].is_closed and BY_NAME[name].read(value) is not None
    return bool(value) or _QUOTED_PART in sign or set(sign) <= _MISTAKEN


def _two_words(word: Word, following: Word) -> str | None:
    """Return what two words such as `late = yes` or `- title:x` were meant to be, or None if they are fine."""
    first, second = _unquoted(word), _unquoted(following)
    shape = _SHAPE.fullmatch(second)
    if first and not first.strip("-") and shape and not shape["before"]:
        is_term = shape["name"] in _NAMES and shape["sign"][:1] == ":"
        return f"-{second}" if is_term and _QUOTED_PART not in second else "" if is_term else None
    if first.removeprefix("-") in _NAMES and second[:1] in _MISTAKEN:
        return ""
    return None


def _too_many_values(before: str, name: str, value: str) -> str | None:
    """Return what was probably meant if values or terms are separated by something other than a comma."""
    parts = [part for part in re.split(r"[;|]", value) if part]
    if name not in _NAMES or not re.search(r"[;|]", value):
        return None
    if _QUOTED_PART in value or any(":" in part for part in parts):
        return ""
    return f"{before}{name}:{','.join(parts)}"


def _meant(before: str, name: str, sign: str, value: str) -> str:
    """Return the corrected term, or an empty text if its key doesn't have that value."""
    compared = _COMPARISON.search(sign)
    typed = f"{compared[0] if compared else ''}{value}".rstrip("*_`)]};.,")
    key = BY_NAME.get(name)
    reads = typed.isdecimal() if key is None else key.read(typed) is not None
    excluded = "-" if "-" in before else ""
    return f"{excluded}{name}:{typed}" if reads and _QUOTED_PART not in typed and " " not in typed else ""


def _near_miss(word: Word, meant: str, until: Word | None = None) -> NearMiss:
    end = (until or word).end
    typed = word.raw if until is None else f"{word.raw} {until.raw}"
    short = (typed if len(typed) <= 40 else f"{typed[:39]}…").replace("`", "'")  # noqa: PLR2004 - as in other errors
    sentence = (
        _(
            "I don't understand `{typed}`. Did you mean `{meant}`? To search for the words themselves, put them in "
            "double quotes.",
            typed=short,
            meant=meant,
        )
        if meant
        else _(
            "I don't understand `{typed}`. A filter is a name, a colon and a value, such as `late:yes`. To search for "
            "the words themselves, put them in double quotes.",
            typed=short,
        )
    )
    return NearMiss(
        sentence,
        word.start,
        end - word.start,
    )


def _single_quoted(words: Sequence[Word]) -> str:
    """Return the single quote or backtick that opens a phrase which a later word closes, or an empty text."""
    typed = (words[0].pair or ("", words[0].raw.lstrip("-")))[1]
    mark = typed[:1]
    if mark not in {"'", "`"}:
        return ""
    closed = len(typed) > 1 and typed.rstrip(",").endswith(mark)
    return mark if closed or any(word.raw.rstrip(",").endswith(mark) for word in words[1:]) else ""


def _unquoted(word: Word) -> str:
    """Return a word normalized, with `_QUOTED_PART` for each quoted phrase and no spaces around colons."""
    return _COLON.sub(":", fold(_QUOTED.sub(_QUOTED_PART, word.raw)))
