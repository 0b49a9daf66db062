"""What a caller can't see from a signature stands in the docstring: here, the errors that a function raises."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.syntax_trees import tree_of

ROOT = Path(__file__).parents[1]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(scope: ast.Module | ast.ClassDef) -> Iterator[Function]:
    """Yield the functions and methods that others call."""
    for node in scope.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node)


def raises(node: ast.AST) -> bool:
    """Return whether a body raises an error of its own: not one that it caught, and not in a function within it."""
    return any(
        (isinstance(inner, ast.Raise) and inner.exc is not None)
        or (not isinstance(inner, Function | ast.ClassDef | ast.Lambda) and raises(inner))
        for inner in ast.iter_child_nodes(node)
    )


def silent(tree: ast.Module) -> Iterator[str]:
    """Yield the functions that raise, and do not say so, unless the module says it of each of them."""
    if "each raises " in (ast.get_docstring(tree) or "").lower():
        return
    for function in public_functions(tree):
        if raises(function) and "raise" not in (ast.get_docstring(function) or "").lower():
            yield f"{function.lineno}: {function.name}"


def test_a_function_says_what_it_raises() -> None:
    """A caller knows what to expect without reading its body."""
    raising = [path for path in sorted(ROOT.glob("bot/**/*.py")) if b"raise " in path.read_bytes()]
    by_path = {path: [*silent(tree_of(path))] for path in raising}
    assert {str(path.relative_to(ROOT)): names for path, names in by_path.items() if names} == {}


def test_a_silent_function_is_seen() -> None:
    """A public one, with an error of its own. What it passes on, and what others do within it, is not meant."""
    source = """
def f(): raise ValueError
async def g():
    if True: raise ValueError
class A:
    def h(self): raise ValueError
    def _i(self): raise ValueError
def j():
    try: ...
    except ValueError: raise
def k():
    def l(): raise ValueError
def m():
    'Raise ValueError.'
    raise ValueError
"""
    assert [*silent(ast.parse(source))] == ["2: f", "3: g", "6: h"]
