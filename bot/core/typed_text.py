"""Text that people type in filters and commands: normalizing, splitting with positions, suggesting a correction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from bot.core.character_tables import FOLDED, STRAIGHT
from bot.core.errors import UsageError

_CONTEXT_CHARS = 30  # characters shown on each side of a mistake. More would break the line over the caret
_NO_TEXT = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
MAX_DEPTH = 50
"""Levels of a JSON value that are searched for texts."""

# A colon with spaces around it belongs to the words beside it, unless what follows has a colon of its own.
_WORD = re.compile(
    r"""
    (?: "[^"]*(?:"|\Z)  |  [^\s"]
      | (?<=\S)\s+(?=:)  |  (?<=:)\s+(?="|[^\s:"](?![^\s"]*\s*:))
    )+""",
    re.VERBOSE,
)


def storable(text: str) -> str:
    """Return a text without what JSON allows and databases reject: NUL, lone surrogates."""
    return text.translate(_NO_TEXT)


def storable_value(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a JSON value with storable texts and keys. Values nested too deeply are left unchanged."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict) and depth:
        return {storable(name): storable_value(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list) and depth:
        return [storable_value(inner, depth - 1) for inner in value]
    return value


@dataclass(frozen=True)
class Word:
    """A word, with its quoted parts (`template:"KYC company"` is one), as typed but with straight quotes."""

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
    def pair(self) -> tuple[str, str] | None:
        """The texts before and after its first colon, without quotes and surrounding spaces, if it has one."""
        name, colon, value = self.text.partition(":")
        return (name.strip(), value.strip()) if colon else None

    @property
    def closed(self) -> bool:
        """Whether each of its quotes is closed. An open one reaches to the end of the text."""
        return self.raw.count('"') % 2 == 0


class WordError(UsageError):
    """A word that can't be understood.

    `position` and `length`, in characters, locate the word in the text.
    """

    def __init__(self, detail: str, position: int, length: int) -> None:
        super().__init__(detail)
        self.position = position
        self.length = length

    @classmethod
    def at(cls, word: Word, detail: str) -> Self:
        """Return the error for one word."""
        return cls(detail, word.start, len(word.raw))

    def pointed(self, text: str) -> str:
        """Return two lines for a fixed-width font: the part of `text` around the mistake, and carets below it."""
        start = max(0, self.position - _CONTEXT_CHARS)
        end = min(self.position + self.length, self.position + _CONTEXT_CHARS)
        excerpt = re.sub(r"\s", " ", text[start : end + _CONTEXT_CHARS])
        before, after = ("…" if start else ""), ("…" if end + _CONTEXT_CHARS < len(text) else "")
        gap = "".join(_blank(each) for each in before + excerpt[: self.position - start])
        return f"{before}{excerpt}{after}\n{gap}{'^' * (end - self.position)}"


def _blank(character: str) -> str:
    """Return a space as wide as the character, so that the carets also line up below full-width characters."""
    return "\u3000" if unicodedata.east_asian_width(character) in "WF" else " "


def straighten(text: str) -> str:
    """Replace typographic and full-width characters by plain ones, at the same positions (rules X1, F4)."""
    return text.translate(STRAIGHT)


def split(text: str) -> tuple[Word, ...]:
    """Split a text into words with their positions. Quotes keep a phrase together. Never fails."""
    return tuple(Word(match[0], match.start()) for match in _WORD.finditer(straighten(text)))


# Cached: one list looks at the same titles once for each value of its filter.
@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Normalize a text for comparison (rules F3, F4): lower case, plain letters and signs, single spaces.

    Removes accents, double quotes and invisible characters. Folding twice changes nothing more.
    """
    return " ".join(text.translate(FOLDED).split())


def sentences(*parts: str) -> str:
    """Return whole sentences one after the other. Empty ones are left out."""
    return " ".join(filter(None, parts))
