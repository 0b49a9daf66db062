"""What `make bench` writes into the documentation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.bench.figures import BEGIN, END, REACH, Figure, Size

PAGE = f"# Speed\n\n{BEGIN}\n\nold speed\n\n{END}\n\n# Many\n\n{REACH}\n\nold crowd\n\n{END}\n\nAfterwards.\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page to write into, by benchmarks that measure nothing."""
    # Not by every process that collects this test: it imports all benchmarks.
    bench = import_module("tests.bench.__main__")

    async def figures(_size: Size, _folder: Path) -> AsyncIterator[Figure]:
        yield Figure("a crowd", 1.0, 2.0, "s", 3.0)

    async def speed(_size: Size, _folder: Path) -> AsyncIterator[Figure]:
        yield Figure("a poll", 1.0, 2.0, "s", 3.0)

    written = tmp_path / "page.md"
    written.write_text(PAGE)
    monkeypatch.setattr(bench, "PAGE", written)
    monkeypatch.setattr(bench, "BENCHMARKS", {"polling": speed, "workspaces": figures})
    return written


@pytest.mark.parametrize(
    ("words", "replaced"),
    [
        (["workspaces"], {"old crowd"}),
        (["workspaces", "--scale", "0.1"], {"old crowd"}),
        ([], {"old speed", "old crowd"}),
        (["polling"], set()),
        (["polling", "workspaces"], set()),
        (["--scale", "0.1"], {"old crowd"}),
    ],
)
def test_a_table_is_written_by_a_run_of_all_its_rows(
    page: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], replaced: set[str]
) -> None:
    """Many workspaces by themselves, at any scale, which it says, and the other table at its full size alone."""
    monkeypatch.setattr("sys.argv", ["bench", *words])
    asyncio.run(import_module("tests.bench.__main__").main())
    text = page.read_text()
    assert {old for old in ("old speed", "old crowd") if old not in text} == replaced
    assert ("| a poll |" in text.partition("# Many")[0]) is ("old speed" in replaced)
    assert ("| a crowd |" in text.partition("# Many")[2]) is ("old crowd" in replaced)
    if "old crowd" in replaced:
        assert f"The scale was {'0.1' if '0.1' in words else '1'} of 1,000 workspaces." in text
    assert text.endswith("Afterwards.\n")
