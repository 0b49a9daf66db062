"""Simulated activity: every kind of change happens, the five triggers soon, and the same seed gives the same."""

from __future__ import annotations

from typing import Any

from bot.sandbox.clust.account import FakeAccount
from bot.sandbox.clust.activity import ACTIVITY, OPENING, AccountActivity
from tests.sandbox.clust.test_account import Ticking


def test_all_five_triggers_come_soon() -> None:
    """Whether the account was empty or not, each of the five situations occurs within the first ten steps."""
    for count in (0, 300):
        account = FakeAccount(seed=1, clock=Ticking())
        account.populate(count)
        activity = AccountActivity(account)
        words = [activity.step()[0] for _ in range(10)]
        assert {"created", "late", "pending", "submitted", "approved"} <= set(words)
        assert tuple(words[: len(OPENING)]) == OPENING


def test_a_life_repeats() -> None:
    """The same seeds live the same life, and another seed lives another."""

    def live(seed: int) -> list[tuple[str, dict[str, Any]]]:
        activity = AccountActivity(FakeAccount(seed=1, clock=Ticking()), seed)
        return [activity.step() for _ in range(60)]

    assert live(1) == live(1)
    assert live(1) != live(2)


def test_a_long_life_knows_every_step_and_many_scripts() -> None:
    """In 300 steps everything in the table happens, and names come in Latin, Arabic and Japanese letters."""
    activity = AccountActivity(FakeAccount(seed=1, clock=Ticking()))
    lived = [activity.step() for _ in range(300)]
    assert {word for word, _ in lived} == set(ACTIVITY)
    names = "".join(application["contact"]["full_name"] for _, application in lived)
    assert any("\u0600" <= letter <= "\u06ff" for letter in names)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names)
    assert "é" in names
