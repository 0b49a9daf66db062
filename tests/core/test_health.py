"""One verdict on how the bot is doing (fault C7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.health import HELD_BY_WISH, Health, Reading, reading_of, verdict, waiting_for_somebody


@pytest.mark.parametrize(
    ("has_account", "stalled", "failing", "was_read", "reading"),
    [
        (False, True, True, True, Reading.NO_ACCOUNT),
        (True, True, True, True, Reading.STALLED),
        (True, True, False, False, Reading.STALLED),
        (True, False, True, True, Reading.FAILING),
        (True, False, False, False, Reading.FIRST),
        (True, False, False, True, Reading.FINE),
    ],
)
@pytest.mark.parametrize("is_overdue", [False, True])
def test_how_it_goes_with_reading(
    *, has_account: bool, stalled: bool, failing: bool, was_read: bool, reading: Reading, is_overdue: bool
) -> None:
    """C7: the gravest counts, and what goes well otherwise may be overdue."""
    at_best = Reading.OVERDUE if is_overdue and reading in {Reading.FIRST, Reading.FINE} else reading
    assert (
        reading_of(has_account=has_account, stalled=stalled, failing=failing, was_read=was_read, is_overdue=is_overdue)
        is at_best
    )


@pytest.mark.parametrize(
    ("reading", "troubles", "judged"),
    [
        (Reading.NO_ACCOUNT, 0, Health.DOWN),
        (Reading.STALLED, 1, Health.DOWN),
        (Reading.FAILING, 0, Health.DOWN),
        (Reading.FIRST, 0, Health.STARTING),
        (Reading.FIRST, 1, Health.TROUBLE),
        (Reading.FINE, 1, Health.TROUBLE),
        (Reading.OVERDUE, 0, Health.TROUBLE),
        (Reading.FINE, 0, Health.WELL),
    ],
)
def test_what_the_first_line_may_say(reading: Reading, troubles: int, judged: Health) -> None:
    """C7: all is well where the account was read and nothing is listed, and nowhere else."""
    assert verdict(reading, troubles) is judged


@given(st.dictionaries(st.sampled_from([*HELD_BY_WISH, "flood", "channel", "", "new"]), st.integers(0, 99)))
def test_which_holds_need_a_person(held: dict[str, int]) -> None:
    """C7: what people set ends by itself, but every other hold, a new kind too, waits for a person."""
    waiting = waiting_for_somebody(held)
    assert not set(waiting) & set(HELD_BY_WISH)
    assert sum(waiting.values()) == sum(count for hold, count in held.items() if hold not in HELD_BY_WISH)
