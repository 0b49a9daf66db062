"""One budget for each connection: people's calls first (rule R3).

People are never held back here. The poll keeps to 70 % of what Clust's rate-limit headers allow, and pauses after 429,
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
from bot.core.errors import ClustBusy

WINDOW = 60.0
"""Seconds that a limit counts for (Laravel's habit; the API's own is unknown)."""

ROUNDING = 1e-6
"""Seconds: after exactly the wait that was asked for, a sum of floats may fall short of the window's end."""

SHARE = 0.7
"""Of what is allowed, for the poll."""

LONGEST_PAUSE = 90.0
"""Seconds that a poll waits in silence; a longer pause fails it, so that people and other processes know of it."""

PAUSE = 30.0
"""Seconds after a 429 that names none."""

MAX_PAUSE = timedelta(minutes=15)
"""Between two tries of the poll, whatever a 429 asks for, and after a 401."""

LOOK_EVERY_SECONDS = 5.0
"""Within a pause, for whether it has ended."""


class Priority(Enum):
    """Whose call it is."""

    PERSON = "person"
    POLL = "poll"


class RateLimiter:
    """When the poll may make its next call. Time is `seconds`, a clock that never goes back."""

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
        """The present moment, in seconds of the budget's own clock."""
        return self._seconds()

    async def turn(self, priority: Priority) -> None:
        """Wait until a call of this priority may be made. Raises ClustBusy where Clust asked for too long a pause."""
        if priority is Priority.PERSON:
            return
        while (wait := self._wait()) > 0:
            if wait > LONGEST_PAUSE:
                raise ClustBusy(f"It asked to wait {math.ceil(wait)} seconds.", wait)
            await self._sleep(min(wait, LOOK_EVERY_SECONDS))
        self.count(priority)

    def count(self, priority: Priority) -> None:
        """Count a call that is made without a turn of its own, because it repeats one."""
        if priority is Priority.POLL:
            self._made.append(self._seconds())

    def heard(self, limit: RateLimit | None) -> None:
        """Take in what the headers of an answer said."""
        self._limit = limit or self._limit

    def throttled(self, retry_after: float | None) -> None:
        """Take in a 429, and the seconds that it asks for."""
        pause = PAUSE if retry_after is None else min(max(0.0, retry_after), MAX_PAUSE.total_seconds())
        self._throttled_at = self._seconds()
        self._paused_until = max(self._paused_until, self._throttled_at + pause)
        self._is_long = self._paused_until - self._throttled_at > LONGEST_PAUSE

    def worked(self, began: float) -> None:
        """Take in that a call succeeded which `began` at that moment: later than the last 429, it ends the pause."""
        if began > self._throttled_at:
            self._paused_until = -math.inf

    def probe(self) -> None:
        """Let the poll try now, though Clust asked for a long pause: that is over, or a call succeeded elsewhere."""
        if self._is_long:
            self._paused_until, self._is_long = -math.inf, False

    def describe(self) -> str | None:
        """Return how the poll is slowed down, for people; None when it is not."""
        if self._paused_until > self._seconds():
            return "Clust asked polling to wait (429); it goes on by itself."
        if self._limit is None:
            return None
        return f"Clust allows {self._limit.limit} requests a minute; polling keeps to {self._share(self._limit)}."

    def _wait(self) -> float:
        """Return the seconds until the poll may go on, 0 when it may now."""
        now = self._seconds()
        while self._made and self._made[0] + WINDOW <= now + ROUNDING:
            self._made.popleft()
        paused = self._paused_until - now
        if self._limit is None:
            return paused
        kept_for_people = self._limit.limit - self._share(self._limit)
        full = len(self._made) >= self._share(self._limit) or self._limit.remaining <= kept_for_people
        return max(paused, self._made[0] + WINDOW - now if full and self._made else 0.0)

    @staticmethod
    def _share(limit: RateLimit) -> int:
        return max(1, int(limit.limit * SHARE))
