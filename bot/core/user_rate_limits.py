"""Limits how much one person can ask of the bot per minute, so that a script can't starve the others."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MINUTE_SECONDS = 60.0


@dataclass(slots=True)
class Allowance:
    """What one person did in the last minute. `most` is the limit.

    Moments are seconds of a monotonic clock.
    """

    most: int
    moments: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Count one act and return 0.

        Over the limit, return the seconds until the next act is possible and count nothing.
        """
        while self.moments and self.moments[0] <= now - MINUTE_SECONDS:
            self.moments.popleft()
        if len(self.moments) < self.most:
            self.moments.append(now)
            return 0.0
        return self.moments[0] + MINUTE_SECONDS - now

    def is_idle(self, now: float) -> bool:
        """Return whether nothing was done in the last minute."""
        return not self.moments or self.moments[-1] <= now - MINUTE_SECONDS
