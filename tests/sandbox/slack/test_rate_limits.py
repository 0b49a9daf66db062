"""How fast the sandbox's Slack lets itself be asked."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.rate_limits import TIER_3, SlackRateLimits, TooFast


class Clock:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A moment."""
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> SlackRateLimits:
    """Nothing counted yet."""
    return SlackRateLimits(clock)


def test_a_message_a_second_in_a_channel(limits: SlackRateLimits, clock: Clock) -> None:
    """A channel takes a message a second, give or take what the way to the server varies. Others don't wait."""
    limits.admit_post("C1")
    clock.now += 0.9
    with pytest.raises(TooFast) as refused:
        limits.admit_post("C1")
    assert refused.value.retry_after == 1
    limits.admit_post("C2")
    clock.now += 0.06
    limits.admit_post("C1")


def test_the_share_of_a_workspace(limits: SlackRateLimits, clock: Clock) -> None:
    """A workspace takes so many messages in any 60 seconds. What was refused doesn't count."""
    limits.posts_a_minute = 3
    for number in range(3):
        limits.admit_post(f"C{number}")
        clock.now += 10
    with pytest.raises(TooFast) as refused:
        limits.admit_post("C9")
    assert refused.value.retry_after == 30
    clock.now += 30
    limits.admit_post("C9")


def test_a_methods_tier(limits: SlackRateLimits, clock: Clock) -> None:
    """A method takes what its tier says in any minute, in one go if need be, and other methods are counted apart."""
    for _ in range(TIER_3):
        limits.admit("chat.update", TIER_3)
    with pytest.raises(TooFast) as refused:
        limits.admit("chat.update", TIER_3)
    assert refused.value.retry_after == 60
    limits.admit("conversations.info", TIER_3)
    clock.now += 60
    limits.admit("chat.update", TIER_3)


def test_a_pause(limits: SlackRateLimits, clock: Clock) -> None:
    """A channel or a method can be made to refuse for a while, and says how long."""
    limits.pause("C1", 7.5)
    with pytest.raises(TooFast) as refused:
        limits.admit_post("C1")
    assert refused.value.retry_after == 8
    clock.now += 7.5
    limits.admit_post("C1")
