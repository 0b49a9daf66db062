"""What a filter can't judge: applications of which Clust's list does not tell what it asks about (rule F3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.core.filters.language import Facts, Filter, Key


@dataclass(frozen=True, slots=True)
class Gap:
    """How many applications could not be judged, and what is not known of them, such as `the progress`."""

    count: int = 0
    lacks: tuple[str, ...] = ()


@dataclass(slots=True)
class Unjudged:
    """Counts, one application after the other, those that a filter leaves out or keeps without knowing."""

    filter: Filter
    left_out: Counter[frozenset[Key]] = field(default_factory=Counter)
    kept: Counter[frozenset[Key]] = field(default_factory=Counter)
    filled: set[Key] = field(default_factory=set)
    """Keys that may be empty and that some application has: where another one does not, it is empty there."""

    def matches(self, facts: Facts, now: datetime, zone: tzinfo) -> bool:
        """Return whether the filter matches, and count the application where that can't be judged."""
        matches = self.filter.matches(facts, now, zone)
        unknown = frozenset(self.filter.unknown(facts, now, zone))
        if unknown:
            (self.kept if matches else self.left_out)[unknown] += 1
        for term in self.filter.terms:
            if term.key.may_be_empty and not term.lacks(facts):
                self.filled.add(term.key)
        return matches

    def gap(self) -> Gap:
        """Return what is known too little of to match, and might."""
        return self._gap(self.left_out)

    def kept_gap(self) -> Gap:
        """Return what matches since it is not known to be excluded."""
        return self._gap(self.kept)

    def _gap(self, counted: Counter[frozenset[Key]]) -> Gap:
        real = {keys: count for keys, count in counted.items() if not keys & self.filled}
        return Gap(sum(real.values()), _nouns(key for keys in real for key in keys))


def _nouns(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(sorted({key.noun for key in keys}))
