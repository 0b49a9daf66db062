"""How a finding is shown in a terminal, and what the exit code is."""

from __future__ import annotations

from bot.doctor import Finding, Level, as_lines, summary


def test_a_line_has_its_level_first_and_the_remedy_below() -> None:
    """As a terminal shows it, wrapped where it is long."""
    finding = Finding(Level.FAULT, "clock", "It is wrong. " * 12, "Mend it.")
    first, *more = as_lines(finding)
    assert first.startswith("fault    clock: It is wrong.")
    assert more[-1] == "         → Mend it."
    assert all(len(line) <= 100 for line in (first, *more))
    assert summary([finding, finding]) == "0 ok, 0 warnings, 2 faults"
