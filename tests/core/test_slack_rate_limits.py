"""The pace of posting (rules P1, P2)."""

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.slack_rate_limits import MAX_BURST, MIN_PER_MINUTE, Gcra

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(seconds=60)

rates = st.sampled_from([20.0, 60.0, 300.0, 1.5, 600.0]) | st.floats(1, 1200)


def quiet(per_minute: float = 300) -> Gcra:
    """Make the limit of a workspace where nothing was posted yet."""
    return Gcra(per_minute, next_at=NOON)


def throttled(limit: Gcra, now: datetime, pause: float = 0) -> Gcra:
    """Take in a 429, as the outbox does."""
    until = limit.paused(now + timedelta(seconds=pause), now) if pause else limit.next_at
    return replace(limit, next_at=until, per_minute=limit.halved(now), throttled_at=now)


@given(rates, st.lists(st.tuples(st.floats(0, 20), st.integers(0, 12)), max_size=60))
def test_never_more_than_the_limit_and_a_burst(per_minute: float, tries: list[tuple[float, int]]) -> None:
    """However posts are asked for, no 60 seconds hold more than the limit and the burst (P1)."""
    limit, now = quiet(per_minute), NOON
    posted: list[datetime] = []
    for wait, expected in tries:
        now += timedelta(seconds=wait)
        count = min(expected, limit.allowed(now))
        assert 0 <= count <= MAX_BURST
        if count:
            posted += [now] * count
            limit = replace(limit, next_at=limit.after(count, now))
    for place, start in enumerate(posted):
        assert bisect_right(posted, start + MINUTE - timedelta(microseconds=1)) - place <= per_minute + MAX_BURST


@pytest.mark.parametrize("per_minute", [20.0, 300.0, 7.3])
def test_as_fast_as_allowed_is_the_limit_and_a_burst(per_minute: float) -> None:
    """Who posts at every moment that is ready gets the whole limit, and not more than a burst beyond (P1)."""
    limit, now, posted = quiet(per_minute), NOON, 0
    while (now := max(now, limit.ready_at(now))) < NOON + MINUTE:
        count = limit.allowed(now)
        assert count >= 1, "what is ready is allowed"
        posted += count
        limit = replace(limit, next_at=limit.after(count, now))
    assert per_minute <= posted <= per_minute + MAX_BURST


@given(rates, st.integers(0, 10), st.floats(0, 5))
def test_ready_is_allowed_and_before_is_not(per_minute: float, posts: int, later: float) -> None:
    """The next post can start at the moment that `ready_at` returns, and not before."""
    limit = quiet(per_minute)
    limit = replace(limit, next_at=limit.after(posts, NOON))
    now = NOON + timedelta(seconds=later)
    ready = limit.ready_at(now)
    assert limit.allowed(ready) >= 1
    assert limit.allowed(ready - timedelta(seconds=1 / per_minute)) == 0 or ready <= NOON


def test_a_quiet_workspace_saves_no_more_than_a_burst() -> None:
    """An hour of silence allows a burst at once and no more (P1)."""
    later = NOON + 60 * MINUTE
    assert quiet().allowed(later) == MAX_BURST
    assert replace(quiet(), next_at=quiet().after(MAX_BURST, later)).allowed(later) == 0


def test_a_429_halves_the_limit_which_comes_back_slowly() -> None:
    """After a 429 half is allowed, then a tenth of the whole more each quiet minute, never more than the whole (P1)."""
    limit = throttled(quiet(300), NOON)
    rates_ = [limit.rate(NOON + minutes * MINUTE) for minutes in (-1, 0, 1, 3, 5, 60)]
    assert rates_ == [150, 150, 180, 240, 300, 300]


@given(rates, st.lists(st.floats(0, 600), min_size=1, max_size=20))
def test_however_often_slack_says_429_something_is_left(per_minute: float, waits: list[float]) -> None:
    """Each 429 halves what is allowed then, and never below 20 a minute or the whole where that is less (P1)."""
    limit, now = quiet(per_minute), NOON
    for wait in waits:
        now += timedelta(seconds=wait)
        before = limit.rate(now)
        limit = throttled(limit, now)
        assert limit.rate(now) == min(before, max(before / 2, MIN_PER_MINUTE))


@given(rates, st.floats(0.5, 3600), st.floats(0, 1, exclude_max=True))
def test_a_paused_workspace_posts_nothing_before_its_time(per_minute: float, pause: float, part: float) -> None:
    """Until the pause that Slack asked for has passed nothing may start, and soon after something may (P2)."""
    limit = throttled(quiet(per_minute), NOON, pause)
    end = NOON + timedelta(seconds=pause)
    assert limit.allowed(end - timedelta(seconds=max(0.001, pause * (1 - part)))) == 0
    assert limit.allowed(end + 9 * MINUTE / limit.halved(NOON)) >= 1


def test_after_the_pause_there_is_no_burst() -> None:
    """The first moment that is ready after a pause allows one post: what waited comes evenly (P2)."""
    limit, now = throttled(quiet(300), NOON, 30), NOON
    looks = 0
    while limit.allowed(now) == 0:
        now = limit.ready_at(now)
        looks += 1
    assert limit.allowed(now) == 1
    assert now >= NOON + timedelta(seconds=30)
    assert looks < 10, "the rate grows meanwhile, and yet a few looks suffice"
