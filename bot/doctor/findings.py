"""The doctor's findings: a level, a subject, a text and a remedy."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from bot.core.language import _, ngettext

WIDTH = 100


class Level(IntEnum):
    """The severity. The worst one is the exit code."""

    OK = 0
    WARNING = 1
    FAULT = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `remedy` is what to do, or empty."""

    level: Level
    about: str
    text: str
    remedy: str = ""


def ok(about: str, text: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(Level.OK, about, text)


def warning(about: str, text: str, remedy: str) -> Finding:
    """Return a finding about something that works only in part."""
    return Finding(Level.WARNING, about, text, remedy)


def fault(about: str, text: str, remedy: str) -> Finding:
    """Return a finding about something that stops the bot from working."""
    return Finding(Level.FAULT, about, text, remedy)


def as_lines(finding: Finding) -> Iterator[str]:
    """Yield a finding as lines for a terminal, wrapped at WIDTH."""
    head, indent = f"{finding.level.name.lower():<9}{finding.about}: ", " " * 9
    yield from textwrap.wrap(f"{head}{finding.text}", WIDTH, subsequent_indent=indent)
    if finding.remedy:
        yield from textwrap.wrap(finding.remedy, WIDTH, initial_indent=f"{indent}→ ", subsequent_indent=f"{indent}  ")


def summary(findings: Iterable[Finding]) -> str:
    """Return how many findings of each level there are."""
    counts = Counter(finding.level for finding in findings)
    parts = (
        _("{count} ok", count=counts[Level.OK]),
        ngettext("{count} warning", "{count} warnings", counts[Level.WARNING]),
        ngettext("{count} fault", "{count} faults", counts[Level.FAULT]),
    )
    return ", ".join(parts)


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 0 without problems, 1 with warnings, 2 with faults."""
    return max((finding.level for finding in findings), default=Level.OK)
