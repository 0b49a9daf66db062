"""Look-ups of unclear deliveries, page by page: rules T0 and T2."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.notifications.unclear_posts import LookUp, Period, PostsPage, is_overdue
from tests.conftest import NOON

LIMIT = timedelta(seconds=10)
PERIOD = Period.around(NOON, LIMIT)


def look_up(*tokens: str) -> LookUp:
    """Return a look-up that has just begun."""
    frozen = frozenset(tokens)
    return LookUp("1", "T1", "C1", None, PERIOD, frozen, "", {}, is_complete=False, tries=0, failures=0, fence=1)


@given(
    posts=st.lists(st.sampled_from(["", "a", "b", "foreign"]), max_size=60).filter(
        lambda posts: all(posts.count(token) <= 1 for token in ("a", "b"))
    ),
    pauses=st.lists(st.booleans()),
)
def test_it_reads_each_page_once_whatever_comes_between(posts: list[str], pauses: list[bool]) -> None:
    """T0: after as many pages as there are, everything that stands there is found, and a pause repeats no page."""
    current, left, read = look_up("a", "b"), list(pauses), []
    while not current.is_complete:
        if left and left.pop():
            current = current.failed()
            continue
        start = int(current.cursor or 0)
        read.append(start)
        page = {token: str(start) for token in posts[start : start + 15] if token}
        current = current.after(PostsPage(page, str(start + 15) if start + 15 < len(posts) else ""))
    assert read == list(range(0, 15 * len(read), 15))
    assert len(read) <= max(1, -(-len(posts) // 15))
    assert current.posts.keys() == {"a", "b"} & set(posts)


def test_the_period_of_an_attempt() -> None:
    """T2: from a minute before the attempt until a minute after its time limit."""
    assert Period(NOON - timedelta(minutes=1), NOON + timedelta(seconds=70)) == PERIOD


def test_attempts_far_apart_are_read_apart() -> None:
    """T2: what people wrote between two attempts is not read where there is much of it."""
    for minutes, near in ((0, True), (5, True), (12, True), (13, False), (600, False)):
        later = Period.around(NOON + timedelta(minutes=minutes), LIMIT)
        assert (PERIOD.is_near(later), later.is_near(PERIOD)) == (near, near)
    later = Period.around(NOON + timedelta(minutes=5), LIMIT)
    assert later.covering(PERIOD) == PERIOD.covering(later) == Period(PERIOD.oldest, later.latest)


def test_what_was_found_stays_when_a_cursor_is_forgotten() -> None:
    """T0: Slack's `invalid_cursor` costs the pages again, and not what stood on them."""
    begun = look_up("a", "b").after(PostsPage({"a": "1.0"}, "next")).again()
    assert (begun.cursor, begun.posts, begun.is_complete) == ("", {"a": "1.0"}, False)
    assert begun.after(PostsPage({"b": "2.0"}, "next")).is_complete


def test_people_hear_of_a_look_up_after_three_calls_or_ten_minutes() -> None:
    """A2: also of one that never had its turn."""
    assert [is_overdue(tries, NOON, NOON) for tries in (0, 2, 3)] == [False, False, True]
    assert is_overdue(0, NOON, NOON + timedelta(minutes=10))
