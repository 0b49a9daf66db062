"""Clust's rate limit: people first, the poll within its share (rule R3)."""

from bisect import bisect_right

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clust.protocol import RateLimit
from bot.clust.rate_limiter import DEFAULT_PAUSE_SECONDS, LOOK_EVERY_SECONDS, WINDOW_SECONDS, Priority, RateLimiter
from bot.core.account_notes import asked_to_wait, share_of_limit
from bot.core.errors import ClustBusy


class Time:
    """Seconds that pass when a task sleeps, or when a test lets them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.now += seconds


def opened() -> tuple[RateLimiter, Time]:
    """Return a rate limiter and its clock."""
    time = Time()
    return RateLimiter(time, time.sleep), time


async def test_without_headers_no_rate_is_assumed() -> None:
    """Where Clust says nothing of a limit the poll goes as fast as it can (R3)."""
    rate_limiter, time = opened()
    rate_limiter.record_limit(None)
    for _ in range(1000):
        await rate_limiter.acquire(Priority.POLL)
    assert time.slept == []
    assert rate_limiter.note() is None


@given(
    st.integers(1, 100),
    st.lists(st.tuples(st.floats(0, 30), st.integers(0, 100)), min_size=1, max_size=150),
)
@example(limit=1, calls=[(1.7627474799898017, 0), (0.0, 0), (0.0, 0)])
async def test_the_poll_keeps_to_its_share(limit: int, calls: list[tuple[float, int]]) -> None:
    """Whatever is said to be left, no 60 seconds see more than 70 % of the limit in calls of the poll (R3)."""
    rate_limiter, time = opened()
    rate_limiter.record_limit(RateLimit(limit, limit))
    made = []
    for wait, remaining in calls:
        time.now += wait
        await rate_limiter.acquire(Priority.POLL)
        made.append(time.now)
        rate_limiter.record_limit(RateLimit(limit, min(remaining, limit)))
    for place, start in enumerate(made):
        assert bisect_right(made, start + WINDOW_SECONDS - 0.001) - place <= max(1, limit * 0.7)


async def test_the_poll_leaves_the_rest_to_people() -> None:
    """When no more is left than what is kept for people the poll waits, until its own calls have gone by (R3)."""
    rate_limiter, time = opened()
    await rate_limiter.acquire(Priority.POLL)
    rate_limiter.record_limit(RateLimit(60, 19))
    await rate_limiter.acquire(Priority.POLL)
    assert time.slept == []
    rate_limiter.record_limit(RateLimit(60, 18))
    await rate_limiter.acquire(Priority.POLL)
    assert sum(time.slept) == WINDOW_SECONDS


async def test_people_never_wait() -> None:
    """Neither a limit that is used up nor a 429 holds a person's call back (R3)."""
    rate_limiter, time = opened()
    rate_limiter.record_limit(RateLimit(1, 0))
    rate_limiter.record_429(600)
    for _ in range(100):
        await rate_limiter.acquire(Priority.PERSON)
    assert time.slept == []


async def test_calls_of_people_are_not_the_polls() -> None:
    """What people ask, and repeat, takes nothing from the poll's share."""
    rate_limiter, time = opened()
    rate_limiter.record_limit(RateLimit(10, 10))
    for _ in range(100):
        await rate_limiter.acquire(Priority.PERSON)
        rate_limiter.count(Priority.PERSON)
    await rate_limiter.acquire(Priority.POLL)
    assert time.slept == []


async def test_repeated_calls_of_the_poll_count() -> None:
    """A call that the poll repeats is one more of its share (R3)."""
    rate_limiter, time = opened()
    rate_limiter.record_limit(RateLimit(10, 10))
    await rate_limiter.acquire(Priority.POLL)
    for _ in range(6):
        rate_limiter.count(Priority.POLL)
    await rate_limiter.acquire(Priority.POLL)
    assert sum(time.slept) == WINDOW_SECONDS


@pytest.mark.parametrize(("retry_after", "waited"), [(7.5, 7.5), (0, 0), (None, DEFAULT_PAUSE_SECONDS)])
async def test_a_429_pauses_the_poll(retry_after: float | None, waited: float) -> None:
    """After a 429 the poll waits as long as Clust asked, and half a minute where it did not say (R3)."""
    rate_limiter, time = opened()
    rate_limiter.record_429(retry_after)
    await rate_limiter.acquire(Priority.POLL)
    assert sum(time.slept) == waited


async def test_the_longest_pause_counts() -> None:
    """A later 429 that asks for less does not shorten what an earlier one asked for."""
    rate_limiter, time = opened()
    rate_limiter.record_429(20)
    rate_limiter.record_429(5)
    await rate_limiter.acquire(Priority.POLL)
    assert sum(time.slept) == 20


async def test_status_says_how_the_poll_is_slowed() -> None:
    """The note has the seconds of a pause or the share of a limit. It stays if later headers don't repeat it (R3)."""
    rate_limiter, time = opened()
    rate_limiter.record_429(7.5)
    assert rate_limiter.note() == asked_to_wait()
    time.now += 8
    assert rate_limiter.note() is None
    rate_limiter.record_limit(RateLimit(60, 12))
    rate_limiter.record_limit(None)
    assert rate_limiter.note() == share_of_limit(60, 42)


@pytest.mark.parametrize("retry_after", [901.0, 86_400.0, 1e300, float("inf")])
async def test_a_pause_is_at_most_15_minutes(retry_after: float) -> None:
    """A15: whatever a 429 asks for, the poll tries again after a quarter of an hour."""
    rate_limiter, time = opened()
    rate_limiter.record_429(retry_after)
    with pytest.raises(ClustBusy, match="900 seconds") as failed:
        await rate_limiter.acquire(Priority.POLL)
    assert failed.value.retry_after == 900
    time.now += 900
    await rate_limiter.acquire(Priority.POLL)
    assert time.slept == []


@pytest.mark.parametrize("retry_after", [30.0, 86_400.0])
async def test_a_call_that_succeeds_ends_the_pause(retry_after: float) -> None:
    """A15: any success ends a pause of any length, but an answer to what was asked before the 429 does not."""
    rate_limiter, time = opened()
    before = rate_limiter.now
    rate_limiter.record_429(retry_after)
    rate_limiter.record_success(before)
    assert rate_limiter.note() is not None
    time.now += 1
    rate_limiter.record_success(rate_limiter.now)
    await rate_limiter.acquire(Priority.POLL)
    assert (time.slept, rate_limiter.note()) == ([], None)


async def test_a_pause_that_ends_early_is_not_slept_through() -> None:
    """A15: while the poll waits, someone's call succeeds, and it goes on within seconds."""
    time = Time()

    async def meanwhile(seconds: float) -> None:
        await time.sleep(seconds)
        rate_limiter.record_success(rate_limiter.now)

    rate_limiter = RateLimiter(time, meanwhile)
    rate_limiter.record_429(60)
    await rate_limiter.acquire(Priority.POLL)
    assert 0 < sum(time.slept) <= LOOK_EVERY_SECONDS


async def test_a_long_pause_is_probed_when_the_poller_says_so() -> None:
    """A15: another process may know that Clust answers, but a short pause is kept all the same."""
    rate_limiter, time = opened()
    rate_limiter.record_429(86_400)
    rate_limiter.probe()
    await rate_limiter.acquire(Priority.POLL)
    assert time.slept == []
    rate_limiter.record_429(20)
    rate_limiter.probe()
    await rate_limiter.acquire(Priority.POLL)
    assert sum(time.slept) == 20
