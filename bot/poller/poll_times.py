"""When each account is polled: not all at the same moment. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b


def next_poll_at(connection_id: int, after: datetime, interval: timedelta) -> datetime:
    """Return when an account is polled next: at its own moment of each interval, from a hash of its id.

    This spreads the accounts evenly, also after a start.
    """
    digest = blake2b(str(connection_id).encode(), digest_size=8).digest()
    offset = interval * (int.from_bytes(digest) / 2**64)
    origin = datetime.fromtimestamp(0, UTC) + offset
    return origin + interval * ((after - origin) // interval + 1)
