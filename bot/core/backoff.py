"""Back-off: how long to wait after a failed attempt. No clock is read here."""

from __future__ import annotations

MAX_BACKOFF_SECONDS = 60.0
"""Seconds (rule R6)."""


def backoff(attempt: int, chance: float) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 1), with jitter: `chance` in [0, 1)."""
    full = min(MAX_BACKOFF_SECONDS, 2.0 ** min(attempt, 10))
    return full * (0.5 + 0.5 * chance)
