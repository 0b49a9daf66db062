"""Whether a process is ready (`/readyz`): one check for each thing that it depends on."""

from __future__ import annotations

from collections.abc import Iterable
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


def polls_check(
    reads: Iterable[tuple[str, datetime | None]], now: datetime, interval: timedelta, *, polls: bool
) -> Check:
    """Check how old the data is. `reads` are the connections' names, with when each was last read completely.

    If this process does not poll (`polls` is false), the age is reported but never fails the check: commands are
    answered from stored data.
    """
    oldest = max(INTERVALS * interval, SHORTEST_OUTAGE)
    ages = {name: None if read_at is None else now - read_at for name, read_at in reads}
    stale = any(age is None or age > oldest for age in ages.values())
    lines = [
        f"{name}: {'never read' if age is None else f'{age.total_seconds():.0f} s old'}" for name, age in ages.items()
    ]
    return Check("polls", not (polls and stale), "; ".join(lines) or NO_ACCOUNT)
