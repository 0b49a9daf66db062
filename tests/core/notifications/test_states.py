"""The life of a delivery: what it may become, as a table."""

from __future__ import annotations

from itertools import product

import pytest

from bot.core.notifications.states import OVER, TRANSITIONS, UNDER_WAY, UNSENT, State, may_become


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("held", "pending", True),
        ("held", "gathered", True),
        ("held", "sending", False),
        ("pending", "sending", True),
        ("pending", "held", True),
        ("pending", "sent", False),
        ("sending", "sent", True),
        ("sending", "unclear", True),
        ("sending", "gathered", False),
        ("unclear", "sent", True),
        ("unclear", "pending", True),
        ("unclear", "held", False),
        ("gathered", "sent", True),
        ("gathered", "pending", False),
        ("sent", "pending", False),
        ("skipped", "pending", False),
        ("failed", "pending", False),
    ],
)
def test_what_a_delivery_may_become(before: str, after: str, may: bool) -> None:
    """Nothing is posted without a claim, what may have been posted is looked up first, and an end is an end."""
    assert may_become(before, after) is may


def test_every_state_leads_to_an_end_and_each_stays_as_it_is() -> None:
    """From wherever a delivery is, it can come to one of the three ends."""
    reached = set(OVER)
    for _ in State:
        reached |= {
            before for before, after in product(State, State) if after in reached and after in TRANSITIONS[before]
        }
    assert reached == set(State)
    assert all(may_become(one, one) for one in State)


def test_the_states_by_what_is_left_to_do() -> None:
    """Three are ends, the others not. Of the others, what is held waits for something beside the outbox."""
    assert set(OVER) == {"sent", "skipped", "failed"}
    assert set(UNSENT) == {"held", "pending", "sending", "unclear", "gathered"}
    assert set(UNDER_WAY) == set(UNSENT) - {"held", "gathered"}
