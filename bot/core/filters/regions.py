"""What a value of a filter allows of a property, by which values are recognized that can't hold together."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class States:
    """The property has one of some states, such as yes."""

    subject: str
    states: frozenset[str]

    def excludes(self, other: Region) -> bool:
        """Return whether nothing can be in both."""
        return isinstance(other, States) and self.subject == other.subject and self.states.isdisjoint(other.states)


IntervalEnd = tuple[float, int]
"""A number, and 1 for just above it, -1 for just below it, or 0."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The property is a number from `low` to `high`."""

    subject: str
    low: IntervalEnd = (-math.inf, 0)
    high: IntervalEnd = (math.inf, 0)

    def excludes(self, other: Region) -> bool:
        """Return whether nothing can be in both."""
        return (
            isinstance(other, Interval)
            and self.subject == other.subject
            and max(self.low, other.low) > min(self.high, other.high)
        )


Region = States | Interval


def one_of(subject: str, *states: str) -> States:
    """Return the region of a property that has one of these states."""
    return States(subject, frozenset(states))


def compared(subject: str, sign: str, number: float) -> Interval:
    """Return the region of a comparison, such as `<` 50. An empty sign means equal."""
    if sign in {"<", "<="}:
        return Interval(subject, high=(number, 0 if sign == "<=" else -1))
    if sign in {">", ">="}:
        return Interval(subject, low=(number, 0 if sign == ">=" else 1))
    return Interval(subject, (number, 0), (number, 0))
