"""The schedule of checks: everything is checked again in time, whatever fails forever (rule P4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.check_schedule import (
    MAX_NEW_AT_ONCE,
    MAX_WAIT,
    CheckOutcome,
    NextCheck,
    after,
    first_due,
    pick,
    wait_after,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, REST = timedelta(minutes=1), timedelta(minutes=10)

always = st.sampled_from(CheckOutcome).map(lambda outcome: [outcome])
habits = always | st.lists(st.sampled_from(CheckOutcome), min_size=1, max_size=4)
"""What comes of the looks at one thing, over and over."""


@given(st.lists(habits, min_size=1, max_size=30), st.integers(1, 8), st.integers(0, 30))
def test_every_turn_comes(things: list[list[CheckOutcome]], most: int, starts: int) -> None:
    """P4, A3, A8: whatever keeps failing, is held or cuts the checks short, all that is due is checked in N runs."""
    checks = {str(key): NextCheck(str(key), NOON + MINUTE * (key % (starts + 1))) for key in range(len(things))}
    looks = dict.fromkeys(checks, 0)
    looks_waited = dict.fromkeys(checks, 0)
    for number in range(120):
        now = NOON + MINUTE * number
        looked_at = set()
        for check in pick(checks.values(), now, most):
            key = check.subject_id
            habit = things[int(key)]
            outcome = habit[looks[key] % len(habit)]
            looks[key] += 1
            looked_at.add(key)
            checks[key] = after(check, outcome, now, REST)
            if outcome is CheckOutcome.CUT_SHORT:
                break
        for key, check in checks.items():
            waits = key not in looked_at and check.due_at <= now
            looks_waited[key] = looks_waited[key] + 1 if waits else 0
        assert max(looks_waited.values()) < len(things)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 12))
def test_what_is_well_has_its_part(well: int, held: int, most: int) -> None:
    """P4: half of the checks are for what was healthy, however long others are overdue. No place stays unused."""
    checks = [NextCheck(f"h{one}", NOON, 3) for one in range(held)] + [
        NextCheck(f"w{one}", NOON + MINUTE) for one in range(well)
    ]
    chosen = pick(checks, NOON + MINUTE, most)
    assert len(chosen) == min(most, well + held) == len(set(chosen))
    assert sum(not check.strikes for check in chosen) >= min(well, most // 2)
    assert chosen == sorted(chosen, key=lambda check: check.due_at)


def test_nothing_is_looked_at_before_it_is_due() -> None:
    """If nothing is due, Slack is not asked."""
    assert pick([NextCheck("a", NOON + MINUTE)], NOON, 5) == []


def test_what_is_held_for_good_comes_ever_more_seldom() -> None:
    """P3, P4: after 1, 2, 4 … minutes, at most every 6 hours, but a look that finds it well forgets that."""
    check, now, waits = NextCheck("a", NOON), NOON, []
    for _ in range(12):
        check = after(check, CheckOutcome.HELD, now, REST)
        waits.append(check.due_at - now)
        now = check.due_at
    assert waits[:9] == [MINUTE * 2**step for step in range(9)]
    assert waits[9:] == [MAX_WAIT] * 3 == [timedelta(hours=6)] * 3
    assert after(check, CheckOutcome.WELL, now, REST) == NextCheck("a", now + REST)


@pytest.mark.parametrize(("strikes", "minutes"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (50, 10)])
def test_what_can_not_be_looked_at_is_tried_again(strikes: int, minutes: int) -> None:
    """A failure is tried again sooner than what is well, and never later than that."""
    assert after(NextCheck("a", NOON, strikes), CheckOutcome.FAILED, NOON, REST).due_at == NOON + MINUTE * minutes


def test_checks_that_are_cut_short_continue_where_they_stopped() -> None:
    """P4: those who did not come keep their place, and the one that Slack refused is behind them, without a strike."""
    checks = [NextCheck("a", NOON), NextCheck("b", NOON + MINUTE), NextCheck("c", NOON + MINUTE)]
    now = NOON + MINUTE * 2
    cut = after(checks[0], CheckOutcome.CUT_SHORT, now, REST)
    assert [check.subject_id for check in pick([cut, *checks[1:]], now + MINUTE, 5)] == ["b", "c", "a"]
    assert cut.strikes == 0


@given(st.integers(1, 10_000))
def test_waits_are_bounded(strikes: int) -> None:
    """However long something is held, it is looked at within 6 hours."""
    assert MINUTE <= wait_after(strikes) <= MAX_WAIT


def test_many_new_things_are_spread() -> None:
    """A few are due at once, and a thousand take their turns over the time between two checks, evenly."""
    assert first_due(NOON, MAX_NEW_AT_ONCE, REST) == [NOON] * MAX_NEW_AT_ONCE
    due = first_due(NOON, 1000, REST)
    assert due == sorted(due)
    assert due.count(NOON) == MAX_NEW_AT_ONCE + 1
    in_each_minute = [sum(NOON + n * MINUTE <= one < NOON + (n + 1) * MINUTE for one in due) for n in range(10)]
    assert max(in_each_minute) <= 100 + MAX_NEW_AT_ONCE
    assert sum(in_each_minute) == 1000
