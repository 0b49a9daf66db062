"""Slack's rate limits as the bot keeps them: of a channel, a workspace and a method. No clock is read here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

CHANNEL_GAP = timedelta(seconds=1)
"""Between two posts in one channel (rule P1 and Slack's "Rate limits": chat.postMessage)."""

MAX_BURST = 10
"""Posts a workspace may have at once when it was quiet, because more would exceed its limit in the first minute."""

MIN_PER_MINUTE = 20.0
"""However often Slack says 429, a workspace keeps this much."""

RESTORED_PER_MINUTE = 0.1
"""The part of the full limit that comes back with each quiet minute after a 429."""

_OF_A_TIER = 0.8
"""The part of a method's tier that the bot takes by itself: with a burst it stays within it."""

METHODS_PER_MINUTE = {
    method: _OF_A_TIER * tier
    for tier, methods in {
        50: (
            "chat.update",
            "conversations.history",
            "conversations.info",
            "conversations.open",
            "conversations.replies",
        ),
        20: ("users.conversations",),
        100: ("users.info", "views.publish"),
    }.items()
    for method in methods
}
"""How often the bot calls each method by itself (rule P1 and Slack's "Rate limits": tiers 2 to 4 give 20, 50, 100)."""

_ROUNDING_SECONDS = 0.0005
"""Seconds: moments are kept in microseconds, and their sums round."""


@dataclass(frozen=True, slots=True)
class Gcra:
    """A rate limit (GCRA): at most `per_minute` posts, spread evenly, with a small burst (rule P1).

    `next_at` is when the next post would be due if all were spread evenly. `throttled_at` is when Slack last answered
    429.
    """

    full_per_minute: float
    next_at: datetime
    per_minute: float | None = None
    throttled_at: datetime | None = None

    def rate(self, now: datetime) -> float:
        """Return the posts allowed per minute now: halved by a 429, then slowly restored."""
        if self.per_minute is None or self.throttled_at is None:
            return self.full_per_minute
        quiet = max(0.0, (now - self.throttled_at).total_seconds() / 60)
        return min(self.full_per_minute, self.per_minute + self.full_per_minute * RESTORED_PER_MINUTE * quiet)

    def allowed(self, now: datetime) -> int:
        """Return how many posts may start now."""
        gap = 60 / self.rate(now)
        ahead = (self.next_at - now).total_seconds()
        return max(0, min(MAX_BURST, math.floor((MAX_BURST - 1) - (ahead - _ROUNDING_SECONDS) / gap) + 1))

    def after(self, posts: int, now: datetime) -> datetime:
        """Return the new `next_at` after `posts` have started."""
        return max(self.next_at, now) + timedelta(seconds=posts * 60 / self.rate(now))

    def ready_at(self, now: datetime) -> datetime:
        """Return when the next post may start."""
        return self.next_at - timedelta(seconds=(MAX_BURST - 1) * 60 / self.rate(now))

    def halved(self, now: datetime) -> float:
        """Return the new `per_minute` after a 429."""
        rate = self.rate(now)
        return min(rate, max(MIN_PER_MINUTE, rate / 2))

    def resting(self, until: datetime, now: datetime) -> datetime:
        """Return a `next_at` before which nothing may start, at the present rate."""
        return until + timedelta(seconds=(MAX_BURST - 1) * 60 / self.rate(now))

    def paused(self, until: datetime, now: datetime) -> datetime:
        """Return a `next_at` before which nothing may be posted, once the rate is halved."""
        return until + timedelta(seconds=(MAX_BURST - 1) * 60 / self.halved(now))
