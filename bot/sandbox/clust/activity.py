"""Simulated day-to-day activity in a Clust account: what happens, how often, and to which applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from bot.sandbox.clust.account import APPROVED, SUBMITTED, Dossier, FakeAccount


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of change: its word, its weight, which applications it fits (None: it creates one), and what it does."""

    word: str
    weight: int
    fits: Callable[[Dossier], bool] | None
    happen: Callable[[FakeAccount, int], dict[str, Any]]


ACTIVITY: Mapping[str, Step] = {
    step.word: step
    for step in (
        Step("created", 4, None, lambda account, _: account.add()),
        Step("progress", 6, lambda it: it.is_open and it.done < len(it.template.steps) - 1, FakeAccount.complete_step),
        Step("late", 1, lambda it: it.is_open and not it.is_late, FakeAccount.make_late),
        Step("in time", 1, lambda it: it.is_open and bool(it.is_late), FakeAccount.clear_late),
        Step("pending", 2, lambda it: it.is_open and not it.is_complete, FakeAccount.complete),
        Step("submitted", 2, lambda it: it.is_open and it.is_complete, FakeAccount.submit),
        Step("approved", 2, lambda it: it.status == SUBMITTED, FakeAccount.approve),
        Step("closed", 1, lambda it: it.status == APPROVED, FakeAccount.close),
    )
}

OPENING = ("created", "created", "progress", "pending", "late", "created", "submitted", "progress", "approved")
"""The first changes: all five triggers soon, with time between two of one application, so that polls see both."""


class AccountActivity:
    """Simulated day-to-day changes in an account. The same `seed` on the same account gives the same changes."""

    def __init__(self, account: FakeAccount, seed: int = 1) -> None:
        self.account = account
        self._random = Random(seed)
        self._opening = iter(OPENING)

    def step(self) -> tuple[str, dict[str, Any]]:
        """Make one plausible change. Returns its word in ACTIVITY and the changed application.

        It happens to one of the five fitting applications that changed longest ago. If none fits, one is created.
        """
        word = (
            next(self._opening, None)
            or self._random.choices(list(ACTIVITY), [it.weight for it in ACTIVITY.values()])[0]
        )
        fits = ACTIVITY[word].fits
        fitting = [it.id for it in islice((it for it in self.account.dossiers.values() if fits and fits(it)), 5)]
        if not fitting:
            word = "created"
        return word, ACTIVITY[word].happen(self.account, self._random.choice(fitting or [0]))
