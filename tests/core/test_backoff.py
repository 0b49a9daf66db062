"""Back-off (rule R6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.backoff import MAX_BACKOFF_SECONDS, backoff


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_stays_within_a_minute(attempt: int, chance: float) -> None:
    """However often something failed, the wait is at most 60 seconds and never zero (R6)."""
    assert 1 <= backoff(attempt, chance) <= MAX_BACKOFF_SECONDS == 60


@pytest.mark.parametrize("chance", [0, 0.5, 0.999])
def test_backoff_grows(chance: float) -> None:
    """With equal jitter each failure waits longer than the one before, up to the maximum (R6)."""
    waits = [backoff(attempt, chance) for attempt in range(1, 10)]
    assert waits[:6] == sorted(set(waits[:6]))
    assert waits[5:] == [waits[5]] * 4
    assert waits[0] <= 2
