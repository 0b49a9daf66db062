"""Who is told about the bot's own work, and who next where nobody could be reached (rule W4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

MAX_FAILURES = 5
"""Tries that may fail for a passing reason, until somebody counts as out of reach."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a notice has come: who was `reached`, and how often each of the others was not."""

    reached: frozenset[str] = frozenset()
    failures: Mapping[str, int] = field(default_factory=dict)

    def is_settled(self, user_id: str) -> bool:
        """Tell whether nothing is left to try with someone: they were reached, or can't be."""
        return user_id in self.reached or self.failures.get(user_id, 0) >= MAX_FAILURES

    def with_reached(self, user_id: str) -> Progress:
        """Return the progress once someone was reached."""
        return replace(self, reached=self.reached | {user_id})

    def with_failure(self, user_id: str, *, for_good: bool) -> Progress:
        """Return the progress once someone was not reached: `for_good`, or for a reason that may pass."""
        failures = MAX_FAILURES if for_good else self.failures.get(user_id, 0) + 1
        return replace(self, failures={**self.failures, user_id: failures})


def next_people(own: Iterable[str], steps: Iterable[Sequence[str]], progress: Progress) -> list[str]:
    """Return who is to be told now; nobody: the notice was told, or everybody is out of reach.

    `own` are the people whom the notice is about: they are told in any case. Of `steps` the first one with people in it
    is told too, and each further one only where nobody was reached before it and nothing is left to try.
    """
    asked = list(dict.fromkeys(own))
    for step in filter(None, steps):
        asked = list(dict.fromkeys([*asked, *step]))
        left = [user_id for user_id in asked if not progress.is_settled(user_id)]
        if left or progress.reached:
            return left
    return [user_id for user_id in asked if not progress.is_settled(user_id)]
