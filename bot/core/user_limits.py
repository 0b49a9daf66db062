"""How much one person may ask of the bot within a minute, so that a script leaves it for others."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MINUTE_SECONDS = 60.0


@dataclass(slots=True)
class Allowance:
    """What one person did within the last minute; `most` is how often that may be.

    Moments are seconds of any clock that never goes back.
    """

    most: int
    moments: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Count one more act and return 0; or return the seconds until one is possible, which counts nothing."""
        while self.moments and self.moments[0] <= now - MINUTE_SECONDS:
            self.moments.popleft()
        if len(self.moments) < self.most:
            self.moments.append(now)
            return 0.0
        return self.moments[0] + MINUTE_SECONDS - now

    def is_idle(self, now: float) -> bool:
        """Tell whether nothing of it counts any more."""
        return not self.moments or self.moments[-1] <= now - MINUTE_SECONDS
