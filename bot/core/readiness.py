"""Whether a process does its job, for `/readyz`: one check for each thing that it can't do without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.staleness import INTERVALS, SHORTEST_OUTAGE

NO_ACCOUNT = "no Clust account is known yet"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `detail` is a sentence for the operator."""

    name: str
    ok: bool
    detail: str


def polls_check(
    reads: Iterable[tuple[str, datetime | None]], now: datetime, interval: timedelta, *, polls: bool
) -> Check:
    """Judge how old the data is: `reads` is each connection's name and when it was last read completely.

    Where the process does not poll (`polls` is false) the age is told and fails nothing: commands are answered from
    what was read before.
    """
    oldest = max(INTERVALS * interval, SHORTEST_OUTAGE)
    ages = {name: None if read_at is None else now - read_at for name, read_at in reads}
    stale = any(age is None or age > oldest for age in ages.values())
    lines = [
        f"{name}: {'never read' if age is None else f'{age.total_seconds():.0f} s old'}" for name, age in ages.items()
    ]
    return Check("polls", not (polls and stale), "; ".join(lines) or NO_ACCOUNT)
