"""Slack's rate limits: messages per channel, messages per workspace, and each method's tier.

From Slack's "Rate limits": `chat.postMessage` takes about one message a second for a channel and several hundred a
minute for a workspace, and every other method has a tier, counted by itself. A refused call costs nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
"""Calls of one method allowed in any minute."""

SPECIAL = 600
"""Methods without a tier: hundreds a minute."""

TOLERANCE_SECONDS = 0.05
"""Seconds that two messages may be nearer than a second: the way to the server is not always equally long."""


class TooFast(Exception):
    """HTTP 429. `retry_after` is in whole seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds} s")
        self.retry_after = max(1, math.ceil(seconds))


@dataclass(slots=True)
class Window:
    """At most `most` in any `seconds`."""

    most: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Return the seconds from `now` until the next call is allowed, or 0."""
        while self._times and now - self._times[0] >= self.seconds:
            self._times.popleft()
        return self._times[len(self._times) - self.most] + self.seconds - now if len(self._times) >= self.most else 0

    def count(self, now: float) -> None:
        """Count one call."""
        self._times.append(now)


class SlackRateLimits:
    """Counts calls and refuses those above the limits. `clock` returns seconds.

    `posts_a_minute` is the workspace's share and `between_messages` the seconds between two messages in a channel. Both
    may be changed before the first message.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.posts_a_minute = 320
        self.between_messages = 1.0
        self._clock = clock
        self._windows: dict[str, Window] = {}
        self._paused: dict[str, float] = {}

    def pause(self, name: str, seconds: float) -> None:
        """Refuse a channel's messages, or a method's calls, for so many seconds. 0 ends it."""
        self._paused[name] = self._clock() + seconds

    def admit(self, method: str, tier: int) -> None:
        """Count a call of a method that has `tier` calls a minute. Raises TooFast."""
        self._admit([(method, Window(tier, 60))])

    def admit_post(self, channel_id: str) -> None:
        """Count a message in a channel, against the limits of the channel and the workspace. Raises TooFast."""
        channel = Window(1, max(self.between_messages - TOLERANCE_SECONDS, 0))
        self._admit([(channel_id, channel), ("workspace", Window(self.posts_a_minute, 60))])

    def _admit(self, limits: list[tuple[str, Window]]) -> None:
        now = self._clock()
        windows = [self._windows.setdefault(name, window) for name, window in limits]
        for window, (_, limit) in zip(windows, limits, strict=True):
            window.most = limit.most
        paused = max(self._paused.get(name, now) - now for name, _ in limits)
        wait = max(paused, *(window.wait(now) for window in windows))
        if wait > 0:
            raise TooFast(wait)
        for window in windows:
            window.count(now)
