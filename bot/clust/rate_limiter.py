"""The rate limiter of one connection: people's calls first (rule R3).

People's calls never wait. The poll keeps to 70 % of what Clust's rate-limit headers allow, and pauses after 429,
but for no more than 15 minutes, and no longer than until a call succeeds.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import Enum

from bot.clust.protocol import RateLimit
from bot.core.account_notes import asked_to_wait, share_of_limit
from bot.core.errors import ClustBusy
from bot.core.language import ngettext

WINDOW_SECONDS = 60.0
"""Seconds that a limit counts for, as in Laravel. The API's own window is unknown."""

ROUNDING_SECONDS = 1e-6
"""Seconds: after exactly the wait that was asked for, a sum of floats may fall short of the window's end."""

POLL_SHARE = 0.7
"""The part of the allowed requests that the poll may use."""

MAX_SILENT_PAUSE_SECONDS = 90.0
"""Seconds. A longer pause fails the poll, so that people and other processes learn of it."""

DEFAULT_PAUSE_SECONDS = 30.0
"""After a 429 without `Retry-After`."""

MAX_PAUSE = timedelta(minutes=15)
"""Between two polls, whatever a 429 asks for, and after a 401."""

LOOK_EVERY_SECONDS = 5.0
"""How often a waiting poll checks whether the pause has ended early."""


class Priority(Enum):
    """Who waits for the call: a person, or the poll."""

    PERSON = "person"
    POLL = "poll"


class RateLimiter:
    """Decides when the poll may make its next call. `seconds` is a monotonic clock."""

    def __init__(
        self,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._seconds, self._sleep = seconds, sleep
        self._limit: RateLimit | None = None
        self._made: deque[float] = deque()
        self._paused_until = self._throttled_at = -math.inf
        self._is_long = False

    @property
    def now(self) -> float:
        """The present moment, in seconds of the limiter's own clock."""
        return self._seconds()

    async def acquire(self, priority: Priority) -> None:
        """Wait until a call of this priority may be made. Raises ClustBusy where Clust asked for too long a pause."""
        if priority is Priority.PERSON:
            return
        while (wait := self._wait()) > 0:
            if wait > MAX_SILENT_PAUSE_SECONDS:
                raise ClustBusy(
                    ngettext(
                        "It asked me to wait {count} second.", "It asked me to wait {count:,} seconds.", math.ceil(wait)
                    ),
                    wait,
                )
            await self._sleep(min(wait, LOOK_EVERY_SECONDS))
        self.count(priority)

    def count(self, priority: Priority) -> None:
        """Count a retry, which is sent without waiting again."""
        if priority is Priority.POLL:
            self._made.append(self._seconds())

    def record_limit(self, limit: RateLimit | None) -> None:
        """Record the limit that the headers of an answer gave, if any."""
        self._limit = limit or self._limit

    def record_429(self, retry_after: float | None) -> None:
        """Pause the poll after a 429, for the seconds of its `Retry-After`, at most MAX_PAUSE."""
        pause = DEFAULT_PAUSE_SECONDS if retry_after is None else min(max(0.0, retry_after), MAX_PAUSE.total_seconds())
        self._throttled_at = self._seconds()
        self._paused_until = max(self._paused_until, self._throttled_at + pause)
        self._is_long = self._paused_until - self._throttled_at > MAX_SILENT_PAUSE_SECONDS

    def record_success(self, began: float) -> None:
        """End the pause where a call that started at `began` (seconds of `now`), after the last 429, succeeded."""
        if began > self._throttled_at:
            self._paused_until = -math.inf

    def probe(self) -> None:
        """Allow the poll a call after a long pause: it has ended, or a call of another process succeeded."""
        if self._is_long:
            self._paused_until, self._is_long = -math.inf, False

    def note(self) -> str | None:
        """Return how the poll is slowed down, as a note about the account, or None when it is not."""
        if self._paused_until > self._seconds():
            return asked_to_wait()
        return None if self._limit is None else share_of_limit(self._limit.limit, self._share(self._limit))

    def _wait(self) -> float:
        """Return the seconds until the poll may go on, 0 when it may now."""
        now = self._seconds()
        while self._made and self._made[0] + WINDOW_SECONDS <= now + ROUNDING_SECONDS:
            self._made.popleft()
        paused = self._paused_until - now
        if self._limit is None:
            return paused
        kept_for_people = self._limit.limit - self._share(self._limit)
        full = len(self._made) >= self._share(self._limit) or self._limit.remaining <= kept_for_people
        return max(paused, self._made[0] + WINDOW_SECONDS - now if full and self._made else 0.0)

    @staticmethod
    def _share(limit: RateLimit) -> int:
        return max(1, int(limit.limit * POLL_SHARE))
