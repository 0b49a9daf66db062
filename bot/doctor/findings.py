"""What the doctor says: a level, what it is about, what was found, and what to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

WIDTH = 100


class Level(IntEnum):
    """How bad it is; the worst one is the exit code."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `remedy` is what to do, empty where nothing is to be done."""

    level: Level
    about: str
    text: str
    remedy: str = ""


def ok(about: str, text: str) -> Finding:
    """Return what is as it should be."""
    return Finding(Level.OK, about, text)


def warning(about: str, text: str, remedy: str) -> Finding:
    """Return what works in part, or not as well as it could."""
    return Finding(Level.WARNING, about, text, remedy)


def fault(about: str, text: str, remedy: str) -> Finding:
    """Return what keeps the bot from its work."""
    return Finding(Level.FAULT, about, text, remedy)


def as_lines(finding: Finding) -> Iterator[str]:
    """Give a finding as lines for a terminal."""
    head, indent = f"{finding.level.name.lower():<9}{finding.about}: ", " " * 9
    yield from textwrap.wrap(f"{head}{finding.text}", WIDTH, subsequent_indent=indent)
    if finding.remedy:
        yield from textwrap.wrap(finding.remedy, WIDTH, initial_indent=f"{indent}→ ", subsequent_indent=f"{indent}  ")


def summary(findings: Iterable[Finding]) -> str:
    """Return how many findings of each level there are."""
    counts = Counter(finding.level for finding in findings)
    return ", ".join(f"{counts[level]} {level.name.lower()}" for level in Level)


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 0 where all is well, 1 with warnings, 2 with faults."""
    return max((finding.level for finding in findings), default=Level.OK)
