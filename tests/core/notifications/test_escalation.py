"""Who is notified about the bot's own operation: rule W4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.core.notifications.escalation import MAX_FAILURES, Progress, next_people

PEOPLE = tuple("abcdefgh")
people = st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True)


def escalate(
    own: Sequence[str], steps: Sequence[Sequence[str]], failing: Mapping[str, int | None]
) -> tuple[list[str], Progress]:
    """Notify until no one is left. Returns who was asked, in order, and the progress at the end.

    `failing` says how often each person can't be reached at first (None: never).
    """
    notified: list[str] = []
    progress = Progress()
    while left := next_people(own, steps, progress):
        user_id = left[0]
        notified.append(user_id)
        times = failing.get(user_id, 0)
        if times is None:
            progress = progress.with_failure(user_id, for_good=True)
        elif notified.count(user_id) <= times:
            progress = progress.with_failure(user_id, for_good=False)
        else:
            progress = progress.with_reached(user_id)
    return notified, progress


@given(
    own=people,
    steps=st.lists(people, max_size=4),
    failing=st.dictionaries(st.sampled_from(PEOPLE), st.none() | st.integers(0, MAX_FAILURES + 1)),
)
def test_someone_is_notified_if_anyone_can_be_reached(
    own: list[str], steps: list[list[str]], failing: dict[str, int | None]
) -> None:
    """A4, W4: no one is notified twice, and a step is taken only if no one before it could be reached."""
    notified, progress = escalate(own, steps, failing)
    everybody = {user_id for step in (own, *steps) for user_id in step}
    can = {one for one in everybody if (times := failing.get(one, 0)) is not None and times < MAX_FAILURES}
    assert progress.reached <= can
    assert bool(progress.reached) == bool(can)
    assert all(notified.count(user_id) <= MAX_FAILURES for user_id in everybody)
    filled = [step for step in steps if step]
    first = {*own, *(filled[0] if filled else ())}
    assert can & first <= progress.reached
    for number, step in enumerate(filled):
        before = {*own, *(one for earlier in filled[:number] for one in earlier)}
        if number and can & before:
            assert not (set(notified) & set(step)) - before


def test_owners_are_notified_together_with_the_first_step() -> None:
    """W4: the owner of a held subscription is notified, and so are admins."""
    assert escalate("m", ["ab", "c"], {})[0] == ["m", "a", "b"]
    assert escalate("m", ["", "c"], {})[0] == ["m", "c"]
    assert escalate("m", ["ab", "c"], {"a": None, "b": None})[0] == ["m", "a", "b"]
    assert escalate("m", ["ab", "c"], {"m": None, "a": None, "b": None})[0] == ["m", "a", "b", "c"]


def test_a_passing_failure_is_tried_again_before_the_next_step() -> None:
    """A4: no one is skipped because Slack is down for a moment, but a person is if Slack stays silent about them."""
    assert escalate("", ["a", "b"], {"a": 2})[0] == ["a"] * 3
    assert escalate("", ["a", "b"], {"a": MAX_FAILURES})[0] == [*("a" * MAX_FAILURES), "b"]
