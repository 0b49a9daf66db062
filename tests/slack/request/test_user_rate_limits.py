"""Rate limits for each person: who exceeds them reads so, and no one else notices (issue 14, B10)."""

from __future__ import annotations

from bot.slack.request.requester import Actor
from bot.slack.request.user_rate_limits import MAX_IDLE, SEARCHES_FOR_AN_ACT, Allowances

ANA, BOB = Actor("T1", None, "U1"), Actor("T1", None, "U2")


def test_searches_count_for_less() -> None:
    """B10: searches in selects, one for each letter, have a limit of their own."""
    allowances = Allowances(2, lambda: 0.0)
    assert [allowances.search(ANA) for _ in range(2 * SEARCHES_FOR_AN_ACT + 1)] == [
        *[True] * (2 * SEARCHES_FOR_AN_ACT),
        False,
    ]
    assert allowances.act(ANA) is None


def test_a_refusal_is_worded_once_in_ten_seconds() -> None:
    """B10: each excess has a sentence with the seconds to wait, to be sent once in ten seconds to each person."""
    now = 0.0
    allowances = Allowances(1, lambda: now)
    assert allowances.act(ANA) is None
    first, second = allowances.act(ANA), allowances.act(ANA)
    now = 15.0
    third = allowances.act(ANA)
    assert first
    assert second
    assert third
    assert (first.is_news, second.is_news, third.is_news) == (True, False, True)
    assert "limit of 1 commands, clicks and forms per minute" in first.sentence
    assert "in 60 seconds" in first.sentence
    assert "in 45 seconds" in third.sentence
    assert allowances.act(BOB) is None
    now = 61.0
    assert allowances.act(ANA) is None


def test_those_who_do_nothing_any_more_are_forgotten() -> None:
    """B10: only people who were active within the last minute stay in memory."""
    now = 0.0
    allowances = Allowances(1, lambda: now)
    for number in range(MAX_IDLE):
        allowances.act(Actor("T1", None, f"U{number}"))
    now = 120.0
    allowances.act(Actor("T1", None, "UNEW"))
    assert len(allowances._people) == 1  # noqa: SLF001  nothing else tells what is remembered
