"""Whether a process is ready (`/readyz`): one check for each thing that it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.staleness import INTERVALS, SHORTEST_OUTAGE

NO_ACCOUNT = "no Clust account is known yet"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. `detail` is a sentence for the operator."""

    name: str
    ok: bool
    detail: str


MAX_NAMED = 50
"""Accounts that the check of polls names one by one."""


def count_overdue(reads: Iterable[datetime | None], now: datetime, interval: timedelta) -> int:
    """Return how many accounts were not read completely for too long, by when each last was. None means never."""
    oldest = max(INTERVALS * interval, SHORTEST_OUTAGE)
    return sum(read_at is None or now - read_at > oldest for read_at in reads)


def polls_check(
    reads: Sequence[tuple[str, datetime | None]], now: datetime, interval: timedelta, *, polls: bool
) -> Check:
    """Check how old the data is. `reads` are the connections' names, with when each was last read completely.

    If this process does not poll (`polls` is false), the age is reported but never fails the check: commands are
    answered from stored data. With more than `MAX_NAMED` accounts the check fails when more than half are overdue:
    a few refused tokens don't make a process unready.
    """
    overdue = count_overdue((read_at for _, read_at in reads), now, interval)
    if len(reads) > MAX_NAMED:
        return Check("polls", not (polls and 2 * overdue > len(reads)), f"accounts: {len(reads)}, overdue: {overdue}")
    lines = [
        f"{name}: {'never read' if read_at is None else f'{(now - read_at).total_seconds():.0f} s old'}"
        for name, read_at in reads
    ]
    return Check("polls", not (polls and overdue), "; ".join(lines) or NO_ACCOUNT)
