"""What a benchmark found: one row of the table, its floor beside it, and how both are measured by turns."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
"""Where the tables stand."""

BEGIN, END = "<!-- bench: written by make bench -->", "<!-- /bench -->"
"""Around what is written into docs/benchmarks.md."""

REACH = "<!-- bench: written by make bench ARGS=workspaces -->"
"""Before the table of many workspaces there, which has a size of its own."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what was measured, its floor (None: the reach is no ratio), and the reach.

    `at_least`: the ratio should be no smaller than the reach. Otherwise, no larger.
    """

    subject: str
    measured: float
    floor: float | None
    unit: str
    reach: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """How many times the floor it is, or what was measured, where there is none."""
        return self.measured if self.floor is None else self.measured / self.floor

    @property
    def is_reached(self) -> bool:
        """Whether the ratio is within the reach."""
        return self.ratio >= self.reach if self.at_least else self.ratio <= self.reach

    def cells(self) -> list[str]:
        """Return the row as the table shows it."""
        cells = [
            f"{_short(self.measured)} {self.unit}",
            "" if self.floor is None else f"{_short(self.floor)} {self.unit}",
            "" if self.floor is None else f"{self.ratio:.2f}",
            f"{'≥' if self.at_least else '≤'} {self.reach:g} {self.unit if self.floor is None else ''}",
        ]
        return [self.subject, *(cell.strip() for cell in cells), "yes" if self.is_reached else "no"]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: a part of the full number of applications and notifications, and how many turns."""

    scale: float = 1.0
    rounds: int = 5

    def of(self, full: int) -> int:
        """Return so much of a full number, at least one page."""
        return max(100, int(full * self.scale))


def _short(number: float) -> str:
    """Return a number with three digits that count."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Return the rows as a Markdown table, with the machine that they are from."""
    head = ["what", "measured", "floor", "ratio", "reach", "reached"]
    lines = [head, ["---"] * len(head), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{machine()}\n"


def machine() -> str:
    """Return one sentence about where this runs, and how busy it is with other things."""
    load = os.getloadavg()[0]
    return (
        f"Measured on {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}, load average"
        f" of {load:.1f} at the end: the benchmarks, and whatever else ran. Ratios carry over to other machines, times"
        " do not."
    )


def write_into(page: Path, text: str, marker: str = BEGIN) -> None:
    """Put the table between its markers. Raises ValueError where they are missing."""
    before, begin, rest = page.read_text().partition(marker)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} has no place for the table, between {marker} and {END}.")
    page.write_text(f"{before}{marker}\n\n{text}\n{END}{after}")


async def by_turns(
    floor: Callable[[], Awaitable[object]], measured: Callable[[], Awaitable[object]], rounds: int
) -> tuple[float, float]:
    """Run both once to warm up, then A B A B, and return the medians of their seconds."""
    timings: list[list[float]] = [[], []]
    for turn in range(rounds + 1):
        for kept, run in zip(timings, (floor, measured), strict=True):
            began = time.perf_counter()
            await run()
            if turn:
                kept.append(time.perf_counter() - began)
    return statistics.median(timings[0]), statistics.median(timings[1])


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which so much of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
