"""Count the applications that a filter can't judge, because Clust's list leaves out what it asks about (rule F3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.core.filters.language import Facts, Filter, Key


@dataclass(frozen=True, slots=True)
class Gap:
    """How many applications could not be judged, and which properties are unknown, such as `the progress`."""

    count: int = 0
    lacks: tuple[str, ...] = ()


@dataclass(slots=True)
class Unjudged:
    """Counts the applications that a filter excludes or includes without certainty. Feed it one after the other."""

    filter: Filter
    left_out: Counter[frozenset[Key]] = field(default_factory=Counter)
    kept: Counter[frozenset[Key]] = field(default_factory=Counter)
    filled: set[Key] = field(default_factory=set)
    """Optional keys for which some application has a value. If another one has none, it is really empty."""

    def matches(self, facts: Facts, now: datetime, zone: tzinfo) -> bool:
        """Return whether the filter matches, and count the application if that is uncertain."""
        matches = self.filter.matches(facts, now, zone)
        unknown = frozenset(self.filter.unknown(facts, now, zone))
        if unknown:
            (self.kept if matches else self.left_out)[unknown] += 1
        for term in self.filter.terms:
            if term.key.may_be_empty and not term.lacks(facts):
                self.filled.add(term.key)
        return matches

    def gap(self) -> Gap:
        """Return those that were left out but might match."""
        return self._gap(self.left_out)

    def kept_gap(self) -> Gap:
        """Return those that were included only because nothing is known against them."""
        return self._gap(self.kept)

    def _gap(self, counted: Counter[frozenset[Key]]) -> Gap:
        real = {keys: count for keys, count in counted.items() if not keys & self.filled}
        return Gap(sum(real.values()), _nouns(key for keys in real for key in keys))


def _nouns(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(sorted({key.noun for key in keys}))
