"""Words that people type, in filters and commands: folding, splitting with positions, the nearest known word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

# One character for one, so that positions stay what they were.
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    }
)
_NO_TEXT = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_UNSEEN = {"Cc", "Cf", "Cs"}  # control, format (zero width) and lone surrogates: no one typed them on purpose
DEEPEST = 50
"""Levels of a JSON value in which anyone looks for a text."""

_WORD = re.compile(r'(?:"[^"]*(?:"|\Z)|[^\s"])+')


def storable(text: str) -> str:
    """Return a text without what JSON can name and no database keeps: NUL, half a character."""
    return text.translate(_NO_TEXT)


def storable_value(value: Any, depth: int = DEEPEST) -> Any:
    """Return a JSON value whose texts, names included, can be kept; what stands deeper is left as it is."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict) and depth:
        return {storable(name): storable_value(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list) and depth:
        return [storable_value(inner, depth - 1) for inner in value]
    return value


@dataclass(frozen=True)
class Word:
    """A word with its quoted parts (`template:"KYC company"` is one), as typed but with straight quotes."""

    raw: str
    start: int

    @property
    def end(self) -> int:
        """The position after its last character."""
        return self.start + len(self.raw)

    @property
    def text(self) -> str:
        """The word without its quotes."""
        return self.raw.replace('"', "")

    @property
    def closed(self) -> bool:
        """Whether every quote in it is closed; one that is not reaches to the end of the text."""
        return self.raw.count('"') % 2 == 0


def straighten(text: str) -> str:
    """Return `text` with typographic quotes made straight, at the same positions (rule X1)."""
    return text.translate(_STRAIGHT)


def split(text: str) -> tuple[Word, ...]:
    """Return the words of `text`, with their positions in it; quotes keep a phrase together. Never fails."""
    return tuple(Word(found[0], found.start()) for found in _WORD.finditer(straighten(text)))


# Cached: one list looks at the same titles once for each value of its filter.
@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return what `text` is compared by (rule F3): no case, accents, double quotes or unseen characters, single spaces.

    Folding twice changes nothing.
    """
    if not text.isascii() or not text.isprintable():
        text = " ".join(text.split())  # first, since some white space is a control character
        # Twice, since each may give the other work: a squared letter decomposes into capitals.
        text = _bare(_bare(text).casefold())
    return " ".join(straighten(text).replace('"', "").casefold().split())


def _bare(text: str) -> str:
    """Decompose `text` and leave out accents and unseen characters."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter) and unicodedata.category(letter) not in _UNSEEN
    )


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that is nearest to the mistyped `word`, or None when none is near."""
    by_fold = {fold(each): each for each in known}
    near = get_close_matches(fold(word), by_fold, n=1)
    return by_fold[near[0]] if near else None
