"""Who is notified about the bot's own operation, and who is tried next if no one was reached (rule W4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

MAX_FAILURES = 5
"""Failed tries with a passing reason before a person counts as unreachable."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a notification has come: who was `reached`, and the number of failed tries for the others."""

    reached: frozenset[str] = frozenset()
    failures: Mapping[str, int] = field(default_factory=dict)

    def is_settled(self, user_id: str) -> bool:
        """Return whether a person needs no further try: reached, or unreachable."""
        return user_id in self.reached or self.failures.get(user_id, 0) >= MAX_FAILURES

    def with_reached(self, user_id: str) -> Progress:
        """Return the progress after a person was reached."""
        return replace(self, reached=self.reached | {user_id})

    def with_failure(self, user_id: str, *, for_good: bool) -> Progress:
        """Return the progress after a failed try: `for_good`, or for a reason that may pass."""
        failures = MAX_FAILURES if for_good else self.failures.get(user_id, 0) + 1
        return replace(self, failures={**self.failures, user_id: failures})


def next_people(own: Iterable[str], steps: Iterable[Sequence[str]], progress: Progress) -> list[str]:
    """Return the people to notify next. Empty if the notification was delivered, or no one can be reached.

    `own` are the people it is about, who are notified in any case. So is the first of `steps` that isn't empty. Each
    further step is used only if no one before it was reached and no one is left to try.
    """
    people = list(dict.fromkeys(own))
    for step in filter(None, steps):
        people = list(dict.fromkeys([*people, *step]))
        left = [user_id for user_id in people if not progress.is_settled(user_id)]
        if left or progress.reached:
            return left
    return [user_id for user_id in people if not progress.is_settled(user_id)]
