"""What the pure rooms must not do, and import-linter doesn't see: they wait for nothing, and read no clock."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.syntax_trees import tree_of

ROOT = Path(__file__).parents[1]
CORE, VIEWS = ROOT / "bot" / "core", ROOT / "bot" / "slack" / "views"

CLOCKS = frozenset({"now", "utcnow", "today"})
"""What `datetime` and `date` say of this moment."""

MAY_IMPORT = {CORE: ("bot.core", "babel", "pydantic"), VIEWS: ("bot.core", "bot.slack.views", "babel")}
"""What a room may import besides the standard library. The core declares what its forms keep with pydantic."""

OUTSIDE = frozenset(
    {"asyncio", "concurrent", "http.client", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket"}
    | {"sqlite3", "subprocess", "tempfile", "threading", "time", "urllib.request"}
)
"""What the standard library has for waiting, clocks, chance and everything outside of the process."""


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield each module that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def is_within(module: str, packages: Iterable[str]) -> bool:
    """Return whether a module is one of the packages, or in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def impurities(tree: ast.Module, allowed: tuple[str, ...]) -> Iterator[str]:
    """Yield what a function from values to values has no use for, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"{node.lineno}: waits"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                yield f"{node.lineno}: {name}()"
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                yield f"{node.lineno}: {name}()"
    for module in imported(tree):
        is_standard = module.split(".")[0] in sys.stdlib_module_names and not is_within(module, OUTSIDE)
        if not (is_standard or is_within(module, allowed)):
            yield f"imports {module}"


@pytest.mark.parametrize("room", [CORE, VIEWS], ids=["core", "views"])
def test_a_pure_room_is_pure(room: Path) -> None:
    """No await, no clock and no I/O, and nothing is imported that could do these."""
    impure_by_path = {
        str(path.relative_to(ROOT)): [*impurities(tree_of(path), MAY_IMPORT[room])] for path in room.rglob("*.py")
    }
    assert {path: impure for path, impure in impure_by_path.items() if impure} == {}


@pytest.mark.parametrize(
    "source",
    [
        "async def f(): ...",
        "datetime.now(UTC)",
        "date.today()",
        "open('a')",
        "import time",
        "from os.path import join",
        "import httpx",
        "from bot.store import Store",
        "from . import x",
    ],
)
def test_what_is_impure_is_seen(source: str) -> None:
    """The test above sees what it is there for."""
    assert [*impurities(ast.parse(source), MAY_IMPORT[CORE])]
