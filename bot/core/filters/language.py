"""The filter language (rules F1 to F4): parse, match and explain. `list`, `subscribe` and the forms share it.

    status:ongoing late:yes template:"KYC company" progress:<50 created:>7d -title:test acme

Terms are combined with AND. `a,b` is an OR of values, a leading `-` excludes, and words without a key are searched for
in title and recipient. The keys are the rows of `KEYS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.core.character_tables import QUOTES, is_unseen
from bot.core.filters.keys import BY_NAME, CLASS_WORDS, IN_ENGLISH, KEYS, WORDS, Key
from bot.core.filters.near_misses import BESIDE_FILTERS, find_near_miss
from bot.core.filters.values import Facts, Value
from bot.core.language import _, all_of, none_of, one_of
from bot.core.suggestions import suggest
from bot.core.typed_text import Word, WordError, fold, split

__all__ = ["KEYS", "MAX_LENGTH", "Facts", "Filter", "FilterError", "Key", "Term", "parse", "parse_words", "read_stored"]

MAX_LENGTH = 500
"""Characters of a filter, as typed and as normalized."""

_ORDER = {key: place for place, key in enumerate((*KEYS, WORDS))}
_NAME = re.compile(r"[^\W\d_][\w-]*")
_PIECE = re.compile(r'((?:"[^"]*"|[^",])*),')
_NEEDS_NO_QUOTES = re.compile(r"(?![-'])[\w<>=.@/#'-]+")
_SIGNS_OF_VALUES = frozenset("<>=")
_NO_TYPOGRAPHIC_QUOTES = dict.fromkeys(point for point, plain in QUOTES.items() if plain == '"')
_MAX_QUOTED_CHARS = 40  # of a word in a sentence


class FilterError(WordError):
    """The filter can't be understood."""


@dataclass(frozen=True)
class Term:
    """One condition: a key with one or more values, of which any must match or, if `excluded`, none."""

    key: Key
    values: tuple[Value, ...]
    excluded: bool

    def matches(self, facts: Facts, now: datetime) -> bool:
        """Return whether `facts` match. `now` is in the user's zone. Unknown matches only an exclusion (rule F3)."""
        return self.excluded != any(value.passes(facts, now) for value in self.values)

    def lacks(self, facts: Facts) -> bool:
        """Return whether too little is known of an application to rule out a match."""
        return any(value.lacks(facts) for value in self.values)

    def explain(self) -> str:
        """Return the term in plain words."""
        words = [value.words for value in self.values]
        if not self.excluded:
            return _(self.key.says, value=one_of(words))
        if self.key.denies:
            return _(self.key.denies, value=none_of(words))
        return all_of([value.denied for value in self.values])

    def normalized(self) -> str:
        """Return the canonical text of the term."""
        values = ",".join(
            value.text if self._needs_no_quotes(value.text) else f'"{value.text}"' for value in self.values
        )
        return ("-" if self.excluded else "") + (f"{self.key.name}:" if self.key.name else "") + values

    def _needs_no_quotes(self, text: str) -> bool:
        """Return whether a value is parsed correctly without quotes. A word without a key must not look like a term."""
        if not _NEEDS_NO_QUOTES.fullmatch(text):
            return False
        return bool(self.key.name) or not (_SIGNS_OF_VALUES & set(text) or find_near_miss([Word(text, 0)]))


@dataclass(frozen=True)
class Filter:
    """Which applications are wanted. `Filter()` matches all. The order of terms doesn't matter for equality."""

    terms: tuple[Term, ...] = ()

    def matches(self, facts: Facts, now: datetime, zone: tzinfo) -> bool:
        """Return whether all terms match. `now` (aware) is the present. Days begin by the clock of `zone` (rule F2)."""
        local_now = now.astimezone(zone)
        return all(term.matches(facts, local_now) for term in self.terms)

    def unknown(self, facts: Facts, now: datetime, zone: tzinfo) -> list[Key]:
        """Return the unknown properties that the result depends on. Empty if the result is certain (rule F3).

        The result is certain if a known property rules the application out, or if it matches without relying on an
        unknown exclusion.
        """
        local_now = now.astimezone(zone)
        failing = [term for term in self.terms if not term.matches(facts, local_now)]
        if not failing:
            return [term.key for term in self.terms if term.excluded and term.lacks(facts)]
        if any(term.excluded or not term.lacks(facts) for term in failing):
            return []
        return [term.key for term in failing]

    def because(self, facts: Facts, now: datetime, zone: tzinfo) -> Term | None:
        """Return the first term that does not match, or None if all match."""
        local_now = now.astimezone(zone)
        return next((term for term in self.terms if not term.matches(facts, local_now)), None)

    def hint(self) -> str:
        """Return a suggestion if a status looks like a misspelled class, or an empty text."""
        statuses = [value.text for term in self.terms if term.key.name == "status" for value in term.values]
        near = ((text, suggest(text, CLASS_WORDS)) for text in statuses if text not in CLASS_WORDS)
        meant = [
            _("`status:{text}` is treated as a code or a label. Did you mean `status:{word}`?", text=text, word=word)
            for text, word in near
            if word
        ]
        return " ".join(meant)

    def searched(self) -> list[str]:
        """Return the words without a key, which must occur in an application."""
        terms = [term for term in self.terms if not term.key.name and not term.excluded]
        return [value.text for term in terms for value in term.values]

    def assignees(self) -> frozenset[str]:
        """Return the users that the filter accepts as assignee. Empty if it doesn't require one."""
        terms = [term for term in self.terms if term.key.name == "taken" and not term.excluded]
        named = [[value.text for value in term.values] for term in terms]
        only = next((texts for texts in named if all(text.startswith("@") for text in texts)), [])
        return frozenset(text[1:].upper() for text in only)

    def explain(self) -> str:
        """Return the filter in plain words, such as: late, and title contains “acme”."""
        return all_of([term.explain() for term in self.terms]) or _("every application")

    def normalized(self) -> str:
        """Return the canonical text, which is the same for equal filters and parses to an equal filter (rule S1).

        It is normalized, so also keep what was typed if people will see it.
        """
        return " ".join(term.normalized() for term in self.terms)


def parse(text: str) -> Filter:
    """Parse a filter (rules F1, F4). An empty text matches all.

    Raises FilterError like `parse_words`, with its position in `text`.
    """
    return parse_words(split(text))


def parse_words(words: Sequence[Word]) -> Filter:
    """Parse a filter from words that were already split (rules F1, F4). No words match all.

    Raises FilterError, with its position in the text of the words, for an unknown key, an invalid value, an open quote,
    a word that is nearly a term, and a filter that is too long.
    """
    excess = sum(len(word.raw) + 1 for word in words) - 1 - MAX_LENGTH
    if excess > 0:
        raise _too_long(MAX_LENGTH + excess, words[-1].end - excess, excess)
    for word in words:
        _check_quotes(word)
    if near_miss := find_near_miss(words):
        raise FilterError(near_miss.sentence, near_miss.position, near_miss.length)
    parsed = _filter(words)
    # Folding can lengthen a text (one sign may stand for a sentence), and what is stored must be readable again.
    if len(normalized := parsed.normalized()) > MAX_LENGTH:
        raise _too_long(len(normalized), words[0].start, words[-1].end - words[0].start)
    return parsed


def read_stored(normalized: str) -> Filter:
    """Parse a filter that this or an older version has normalized.

    An older version left typographic quotes inside phrases, which no longer match anything, so they are removed.
    """
    return _filter(split(normalized.translate(_NO_TYPOGRAPHIC_QUOTES)))


def _filter(words: Iterable[Word]) -> Filter:
    terms = dict.fromkeys(map(_term, words))
    return Filter(tuple(sorted(terms, key=lambda term: (_ORDER[term.key], term.normalized()))))


def _check_quotes(word: Word) -> None:
    """Raise FilterError if a quote is not closed."""
    if not word.closed:
        opened = word.raw.rindex('"')
        raise FilterError(
            _(
                "The quote in {word} isn't closed. Write it like {example}.",
                word=_quoted(word.raw),
                example=_quoted(BY_NAME["template"].example),
            ),
            word.start + opened,
            len(word.raw) - opened,
        )


def _term(word: Word) -> Term:
    """Parse one word of a filter."""
    visible = _without_unseen(word)
    excluded = visible.raw.startswith("-") and len(visible.raw) > 1
    rest = visible.raw[1:] if excluded else visible.raw
    start = word.end - len(rest)
    name, colon, typed = rest.partition(":")
    if not colon or '"' in name or not _NAME.fullmatch(fold(name)):
        return _values(WORDS, Word(rest, start), word, excluded=excluded)
    key = BY_NAME.get(fold(name))
    if key is None:
        raise FilterError(_unknown(name), start, len(name.rstrip()))
    typed = typed.lstrip()
    return _values(key, Word(typed, word.end - len(typed)), word, excluded=excluded)


def _without_unseen(word: Word) -> Word:
    """Return the word from its first visible character on."""
    unseen = next((place for place, each in enumerate(word.raw) if not is_unseen(each)), 0)
    return Word(word.raw[unseen:], word.start + unseen)


def _unknown(name: str) -> str:
    """Return the error for an unknown key, with the known ones."""
    if fold(name) in BESIDE_FILTERS:
        return _(
            "{word} can't be used here because it isn't part of a filter. To search for it, put it in double quotes.",
            word=_quoted(f"{fold(name)}:"),
        )
    near = suggest(name, (*IN_ENGLISH, *BESIDE_FILTERS)) or suggest(name, BY_NAME)
    names = ", ".join(f"`{key.name}`" for key in KEYS)
    quoted = _quoted(name.rstrip())
    if near:
        return _(
            "Unknown filter {name}. Did you mean `{near}`? Available filters: {names}. To search for the "
            "word itself, put it in double quotes.",
            name=quoted,
            near=near,
            names=names,
        )
    return _(
        "Unknown filter {name}. Available filters: {names}. To search for the word itself, put it in double quotes.",
        name=quoted,
        names=names,
    )


def _values(key: Key, typed: Word, word: Word, *, excluded: bool) -> Term:
    """Parse the values `typed` for a key. Errors show the whole `word`."""
    values: dict[Value, None] = {}
    for piece in _pieces(typed):
        if not key.name and all(map(is_unseen, piece.raw)):
            continue  # a comma after a name, as in "Smith, John"
        value = key.read(piece.text)
        if value is None:
            at = piece if piece.raw else word
            raise FilterError(
                _needs(key, f"{key.name}:{piece.raw}" if key.name and piece.raw else at.raw), at.start, len(at.raw)
            )
        values.setdefault(value)
    if not values:
        raise FilterError(_needs(key, word.raw), word.start, len(word.raw))
    return Term(key, tuple(sorted(values, key=lambda value: value.text)), excluded)


def _pieces(typed: Word) -> Iterator[Word]:
    """Yield the parts between commas outside quotes, with their positions."""
    for match in _PIECE.finditer(f"{typed.raw},"):
        yield Word(match[1], typed.start + match.start())


def _needs(key: Key, typed: str) -> str:
    """Return the error that says which value a key needs."""
    if not key.name:
        return _(
            "There's nothing to search for in {typed}. Enter a word, or a phrase such as `{example}`.",
            typed=_quoted(typed),
            example=key.example,
        )
    return _(
        "I don't understand {typed}. `{key}` needs {needed}, such as `{example}`.",
        typed=_quoted(typed),
        key=key.name,
        needed=_(key.needs),
        example=key.example,
    )


def _too_long(size: int, position: int, length: int) -> FilterError:
    return FilterError(
        _("This filter has {size:,} characters. The limit is {limit}. Use fewer words.", size=size, limit=MAX_LENGTH),
        position,
        length,
    )


def _quoted(word: str) -> str:
    """Return `word` as code for a sentence, shortened, without backticks that would end the code early."""
    short = word if len(word) <= _MAX_QUOTED_CHARS else f"{word[: _MAX_QUOTED_CHARS - 1]}…"
    return f"`{short.replace('`', chr(39))}`"
