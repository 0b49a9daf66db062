"""What the bot understands of an account: what its applications have, and which events can't be seen without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.status_rules import StatusRules

MAX_STATUSES = 60
"""Statuses that are listed, unknown ones first."""


class ContactState(StrEnum):
    """How far the first contact with an account is.

    The words are those of the database. Null means that it is over.
    """

    BY_FORM = "form"
    """Connected by an admin in Slack, and not read completely yet."""
    BY_SETTINGS = "settings"
    """Connected by the settings, and not read completely yet."""
    LOOK = "look"
    """Read, until an admin has looked at what was understood."""
    HELD = "held"
    """Read, and not all was understood: nothing is posted until an admin starts it."""


class Fact(StrEnum):
    """What an application may have."""

    LATENESS = "lateness"
    PROGRESS = "progress"
    DATES = "dates"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class UnderstoodStatus:
    """A status with its label, how many applications have it, and its class, or None if no rule matches (rule C1)."""

    code: str | None
    label: str | None
    count: int
    status_class: StatusClass | None

    @property
    def key(self) -> str:
        """What a rule of an admin's names: the code, or the label of a status without one. Empty for neither."""
        return self.code or self.label or ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What an account's applications have. `facts` counts those that have each of `Fact`."""

    applications: int = 0
    statuses: tuple[UnderstoodStatus, ...] = ()
    more_statuses: int = 0
    """Statuses beyond MAX_STATUSES."""
    facts: tuple[tuple[Fact, int], ...] = ()

    def count(self, fact: Fact) -> int:
        """Return how many applications have something."""
        return dict(self.facts).get(fact, 0)

    @property
    def unknown(self) -> tuple[UnderstoodStatus, ...]:
        """The statuses that no rule matches."""
        return tuple(status for status in self.statuses if status.status_class is None)

    @property
    def is_complete(self) -> bool:
        """Whether all statuses are known, and it is clear what is late and which date counts.

        An empty account leaves nothing open.
        """
        return not self.applications or (
            not self.unknown and bool(self.count(Fact.LATENESS)) and bool(self.count(Fact.DATES))
        )


def understanding_of(applications: Iterable[Application], rules: StatusRules) -> Understanding:
    """Return what an account's applications have, as `rules` classify them."""
    labels: dict[str, Counter[str | None]] = {}
    facts: Counter[Fact] = Counter()
    total = 0
    for one in applications:
        total += 1
        # A status is known by its code, or else by its label.
        labels.setdefault(one.status or f"\0{one.status_string or ''}", Counter())[one.status_string] += 1
        facts[Fact.LATENESS] += one.is_late is not None
        facts[Fact.PROGRESS] += one.progress is not None
        facts[Fact.DATES] += one.updated_at is not None or one.created_at is not None
        facts[Fact.ITEMS] += one.items_done is not None
    statuses = []
    for code, by_label in labels.items():
        label, own = by_label.most_common(1)[0][0], None if code.startswith("\0") else code
        statuses.append(UnderstoodStatus(own, label, by_label.total(), rules.classify(own, label)))
    statuses.sort(key=lambda status: (status.status_class is not None, -status.count))
    return Understanding(total, tuple(statuses[:MAX_STATUSES]), len(statuses[MAX_STATUSES:]), tuple(facts.items()))


def contact_after_baseline(state: str | None, understanding: Understanding) -> ContactState | None:
    """Return the state of a first contact once the account was read completely for the first time.

    Only an account that an admin connected in Slack is held, and only if something was not understood.
    """
    if state == ContactState.BY_FORM and not understanding.is_complete:
        return ContactState.HELD
    return ContactState.LOOK if state in {ContactState.BY_FORM, ContactState.BY_SETTINGS} else None
