"""How old the data may get before people are notified: Clust is unreachable, or no one polls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST_OUTAGE = timedelta(minutes=5)
MAX_POLL_INTERVAL = timedelta(minutes=30)
"""A poll that takes longer than this stands still, even where its process says that it is alive."""

INTERVALS, INTERVALS_ALIVE = 3, 10
"""Polls that may fail to come: where no one holds the lease, and where someone does."""

OVERDUE_MARGIN = timedelta(seconds=30)
"""For a poll to take its time, before the next one counts as overdue."""


def is_overdue(last_read_at: datetime | None, interval: timedelta, now: datetime) -> bool:
    """Return whether a poll that should have come is later than another interval: its process may be dead.

    People who ask see that long before admins are notified that no one polls. What was never read isn't overdue.
    """
    return last_read_at is not None and now - last_read_at > 2 * interval + OVERDUE_MARGIN


@dataclass(frozen=True, slots=True)
class ReadingState:
    """The state of polling: since when it fails, when the last poll ended, until when the lease is held.

    A failed poll ends too. `interval` is the time between two polls.
    """

    interval: timedelta
    failing_since: datetime | None = None
    last_poll_at: datetime | None = None
    lease_until: datetime | None = None

    def is_outage(self, now: datetime) -> bool:
        """Return whether Clust has been unreachable for so long that admins must be notified."""
        return self.failing_since is not None and now - self.failing_since >= max(
            SHORTEST_OUTAGE, INTERVALS * self.interval
        )

    def is_stalled(self, now: datetime, since: datetime) -> bool:
        """Return whether no one polls any more. `since` is when watching began."""
        still = now - max(self.last_poll_at or since, since)
        if self.lease_until is not None and self.lease_until > now:
            return still >= max(MAX_POLL_INTERVAL, INTERVALS_ALIVE * self.interval)
        return still >= max(SHORTEST_OUTAGE, INTERVALS * self.interval)
