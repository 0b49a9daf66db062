"""Regions of a property exclude each other exactly where nothing lies in both."""

from __future__ import annotations

import operator

from hypothesis import given
from hypothesis import strategies as st

from bot.core.filters.regions import compared, one_of

SIGNS = {"": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
comparisons = st.tuples(st.sampled_from(sorted(SIGNS)), st.integers(0, 4))


@given(comparisons, comparisons)
def test_comparisons_exclude_each_other_where_no_number_is_in_both(
    one: tuple[str, int], other: tuple[str, int]
) -> None:
    """Bounds that touch overlap only where both allow that number."""
    numbers = [number / 2 for number in range(-2, 12)]
    in_both = [number for number in numbers if all(SIGNS[sign](number, bound) for sign, bound in (one, other))]
    assert compared("progress", *one).excludes(compared("progress", *other)) is not bool(in_both)


def test_states_exclude_each_other_where_none_is_in_both() -> None:
    """And nothing is said about another property, or of states and numbers."""
    assert one_of("late", "yes").excludes(one_of("late", "no"))
    assert not one_of("late", "yes", "no").excludes(one_of("late", "no"))
    assert not one_of("late", "yes").excludes(one_of("assigned", "no"))
    assert not one_of("late", "yes").excludes(compared("late", "", 1))
    assert not compared("late", "", 1).excludes(one_of("late", "yes"))
    assert not compared("missing", "", 1).excludes(compared("progress", "", 2))
