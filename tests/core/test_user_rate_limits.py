"""How much one person may ask within a minute (issue 14, B10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.quotas import Bound
from bot.core.user_rate_limits import MINUTE_SECONDS, Allowance


@given(st.integers(1, 5), st.lists(st.integers(0, 50), max_size=60))
def test_no_minute_has_more(most: int, pauses: list[int]) -> None:
    """B10: whatever the pauses, no minute holds more acts than may be, and after the wait one is possible."""
    allowance, now, done = Allowance(most), 0.0, list[float]()
    for pause in pauses:
        now += pause
        wait = allowance.wait(now)
        if wait:
            assert 0 < wait <= MINUTE_SECONDS
            assert Allowance(most, allowance.moments.copy()).wait(now + wait) == 0
        else:
            done.append(now)
        assert sum(now - MINUTE_SECONDS < one <= now for one in done) <= most
    assert allowance.is_idle(now + MINUTE_SECONDS)


def test_honest_use_is_never_refused() -> None:
    """B10: two a second for an hour is within 120 a minute."""
    allowance = Allowance(120)
    assert not any(allowance.wait(number / 2) for number in range(7200))


def test_a_bound_says_how_many_there_may_be() -> None:
    """B10: the last one that fits is accepted, and the next is refused with the number."""
    bound = Bound(1000, "A channel can have {limit:,} of them.")
    bound.check(999)
    bound.check(990, 10)
    with pytest.raises(UsageError, match=r"^A channel can have 1,000 of them\.$"):
        bound.check(1000)
