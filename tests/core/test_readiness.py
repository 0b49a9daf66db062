"""Whether the data is fresh enough for a process that polls to be called ready."""

from datetime import timedelta

import pytest

from bot.core.readiness import polls_check
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("age", "interval", "ready"),
    [
        (5 * MINUTE, MINUTE, True),
        (6 * MINUTE, MINUTE, False),
        (29 * MINUTE, 10 * MINUTE, True),
        (31 * MINUTE, 10 * MINUTE, False),
    ],
)
def test_the_larger_of_five_minutes_and_three_polls(age: timedelta, interval: timedelta, ready: bool) -> None:
    """Older data makes a process that polls not ready. One that doesn't poll only reports it."""
    reads = [("fresh", NOON), ("default", NOON - age)]
    assert polls_check(reads, NOON, interval, polls=True).ok is ready
    watching = polls_check(reads, NOON, interval, polls=False)
    assert watching.ok
    assert f"default: {age.total_seconds():.0f} s old" in watching.detail


def test_what_was_never_read() -> None:
    """A connection without a baseline is not ready, but without any connection there is nothing to wait for."""
    assert not polls_check([("new", None)], NOON, MINUTE, polls=True).ok
    assert polls_check([], NOON, MINUTE, polls=True).ok


def test_of_many_accounts_half_may_be_overdue() -> None:
    """With more accounts than are named, refused tokens of some customers make no process unready."""
    late = NOON - timedelta(hours=1)
    for overdue, ready in ((30, True), (31, False)):
        reads = [(f"a{one}", late if one < overdue else NOON) for one in range(60)]
        check = polls_check(reads, NOON, MINUTE, polls=True)
        assert (check.ok, check.detail) == (ready, f"accounts: 60, overdue: {overdue}")
