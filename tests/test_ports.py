"""E1: no one picks a port before it is listened on: between asking for a free one and taking it someone else may."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.bot_process import PROJECT

OPENS = ("create_server", "bind")
"""What takes a port."""

ASKS = ("getsockname", "unused_tcp_port", "unused_tcp_port_factory", "find_free_port", "free_port", "pick_unused_port")


def picked(source: str) -> Iterator[int]:
    """Yield the lines on which a port is asked for by a socket that is closed before anyone uses what it said.

    That is a function, or a block of `with`, which opens a socket on port 0 and returns, or assigns for later, a plain
    number of it.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in ASKS[1:]:
            yield node.lineno
        if isinstance(node, ast.With) and any(_opens(item.context_expr) for item in node.items):
            inner = [one for one in ast.walk(node) if isinstance(one, ast.Return) and _asks(one)]
            yield from (one.lineno for one in inner)
            if _asks(node) and not any(_goes_on(one) for one in node.body):
                yield node.lineno


def _goes_on(statement: ast.stmt) -> bool:
    """Return whether something is done while the socket is open, beyond asking it."""
    waits = any(isinstance(one, ast.Await | ast.Yield) for one in ast.walk(statement))
    return waits or not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _opens(expression: ast.expr) -> bool:
    return any(isinstance(one, ast.Call) and _name(one.func) in {*OPENS, "socket"} for one in ast.walk(expression))


def _asks(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Call) and _name(one.func) == "getsockname" for one in ast.walk(node))


def test_no_port_is_picked_first() -> None:
    """E1: neither in the bot, nor in its demo, its tests, benchmarks and faults."""
    files = [path for folder in ("bot", "tests") for path in (PROJECT / folder).rglob("*.py")]
    assert len(files) > 100
    picked_ports = []
    for path in files:
        source = path.read_text("utf-8")
        if any(name in source for name in ASKS):  # to parse every file takes a second
            picked_ports += [f"{path.relative_to(PROJECT)}:{line}" for line in picked(source)]
    assert picked_ports == []


@pytest.mark.parametrize(
    "source",
    [
        "def free():\n    with socket.create_server(('', 0)) as one:\n        return int(one.getsockname()[1])",
        "with socket.socket() as one:\n    one.bind(('', 0))\n    port = one.getsockname()[1]\nserve(port)",
        "port = unused_tcp_port()",
    ],
)
def test_the_habit_is_recognized(source: str) -> None:
    """E1: the ways in which a port was picked are found."""
    assert list(picked(source))
