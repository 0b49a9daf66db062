"""Limits of what people can make: the last one is allowed, the next one is refused with what to do."""

from __future__ import annotations

import pytest

from bot.core import quotas
from bot.core.errors import UsageError
from bot.core.quotas import Bound

BOUNDS = {name: value for name, value in vars(quotas).items() if isinstance(value, Bound)}


@pytest.mark.parametrize("bound", BOUNDS.values(), ids=BOUNDS)
def test_the_last_one_is_allowed_and_the_next_one_refused(bound: Bound) -> None:
    """The sentence names the number and what to do instead."""
    bound.check(bound.most - 1)
    with pytest.raises(UsageError) as caught:
        bound.check(bound.most)
    sentence = str(caught.value)
    assert str(bound.most) in sentence
    assert "{" not in sentence


def test_several_at_once_count_each() -> None:
    """Where two fit, three are refused as a whole, and the number has its comma."""
    bound = Bound(1000, "At most {limit:,}.")
    bound.check(998, more=2)
    with pytest.raises(UsageError, match=r"At most 1,000\."):
        bound.check(998, more=3)
