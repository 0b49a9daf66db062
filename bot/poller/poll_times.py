"""When each account is polled: not all at the same moment, and not for a while after some failures. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from bot.clust import MAX_PAUSE, MAX_SILENT_PAUSE_SECONDS
from bot.core.errors import ClustBusy, ClustError, ClustUnauthorized


def next_poll_at(connection_id: int, after: datetime, interval: timedelta) -> datetime:
    """Return when an account is polled next: at its own moment of each interval, from a hash of its id.

    This spreads the accounts evenly, also after a start.
    """
    digest = blake2b(str(connection_id).encode(), digest_size=8).digest()
    offset = interval * (int.from_bytes(digest) / 2**64)
    origin = datetime.fromtimestamp(0, UTC) + offset
    return origin + interval * ((after - origin) // interval + 1)


def pause_after(error: ClustError) -> timedelta | None:
    """Return how long polls pause after a failure before the next try, or None for mere back-off (rule R3)."""
    if isinstance(error, ClustUnauthorized):
        return MAX_PAUSE
    if isinstance(error, ClustBusy) and (error.retry_after or 0) > MAX_SILENT_PAUSE_SECONDS:
        return timedelta(seconds=min(error.retry_after or 0, MAX_PAUSE.total_seconds()))
    return None
