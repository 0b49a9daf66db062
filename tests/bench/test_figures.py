"""The table of the benchmarks: what a row says, and where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.figures import BEGIN, END, PAGE, REACH, Figure, by_turns, percentile, table, write_into


@pytest.mark.parametrize(
    ("figure", "cells"),
    [
        (Figure("poll", 1.2, 1.0, "s", 1.25), ["poll", "1.2 s", "1 s", "1.20", "≤ 1.25", "yes"]),
        (Figure("poll", 1300, 1000, "ms", 1.25), ["poll", "1,300 ms", "1,000 ms", "1.30", "≤ 1.25", "no"]),
        (
            Figure("rate", 900, 1000, "a second", 1, at_least=True),
            ["rate", "900 a second", "1,000 a second", "0.90", "≥ 1", "no"],
        ),
        (Figure("memory", 149, None, "MB", 150), ["memory", "149 MB", "", "", "≤ 150 MB", "yes"]),
        (Figure("requests", 1, None, "", 3), ["requests", "1", "", "", "≤ 3", "yes"]),
    ],
)
def test_a_row_says_what_was_reached(figure: Figure, cells: list[str]) -> None:
    """The ratio is judged, or what was measured where there is no floor, in the direction that is meant."""
    assert figure.cells() == cells


def test_the_table_replaces_the_last_one(tmp_path: Path) -> None:
    """What stands between the markers is replaced, and nothing else."""
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        write_into(page, table([Figure("poll", 1.2, 1.0, "s", 1.25)]))
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n\n| what |")
    assert text.endswith(f"{END}\nafter\n")
    assert text.count("| poll | 1.2 s | 1 s | 1.20 |") == 1
    assert "old" not in text


def test_the_page_has_a_place_for_the_table(tmp_path: Path) -> None:
    """The real one does, and a text without the markers is refused and left alone."""
    assert [PAGE.read_text().count(marker) for marker in (BEGIN, REACH, END)] == [1, 1, 2]
    other = tmp_path / "benchmarks.md"
    other.write_text("no place")
    with pytest.raises(ValueError, match="no place for the table"):
        write_into(other, "")
    assert other.read_text() == "no place"


async def test_floor_and_measured_take_turns() -> None:
    """One turn to warm up, then A B A B."""
    order: list[str] = []

    async def floor() -> None:
        order.append("A")

    async def measured() -> None:
        order.append("B")

    await by_turns(floor, measured, 2)
    assert "".join(order) == "ABABAB"


@pytest.mark.parametrize(("part", "value"), [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)])
def test_a_percentile(part: float, value: int) -> None:
    """The value below which so much of all lies."""
    assert percentile(range(100, 0, -1), part) == value
