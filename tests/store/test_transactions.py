"""The type of a transaction says what a function of the store does with it, so mypy finds a forgotten lock."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import bot
from tests.syntax_trees import tree_of

STORE = Path(bot.__file__).parent / "store"
OUTSIDE = ("engine", "migrations")
"""The engine makes the transactions."""

WITHOUT_LOCK: Mapping[str, str] = {
    "_remove": "one statement",
    "as_claims": "the rows were locked by the statement that claimed them",
    "_lapse": "each row is checked again by the statement that changes it",
    "_queue_one": "the first statement locks the account",
}
"""Functions that read and write in a transaction without a named lock, each with what protects it instead."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST, annotation: str) -> Iterator[Function]:
    """Yield the functions with an argument of a type."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            if any(each.annotation and ast.unparse(each.annotation) == annotation for each in arguments):
                yield node


def writes(function: Function) -> bool:
    """Return whether a function makes a statement that writes."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="insert" | "update" | "delete"), args=[], keywords=[]):
                return True
            case ast.Call(func=ast.Attribute(attr="upsert") | ast.Name(id="transition")):
                return True
    return False


def reads(function: Function) -> bool:
    """Return whether a function selects rows without locking them."""
    source = ast.unparse(function)
    return "sa.select(" in source and "with_for_update" not in source


def of_store(annotation: str) -> Iterator[Function]:
    """Yield the functions of the store with an argument of a type."""
    for path in sorted(STORE.rglob("*.py")):
        if not set(OUTSIDE) & set(path.relative_to(STORE).parts):
            yield from functions(tree_of(path), annotation)


def test_what_writes_takes_a_write_transaction() -> None:
    """A connection of `Database.read()` can't be given to it."""
    assert [each.name for each in of_store("AsyncConnection") if writes(each)] == []


def test_what_reads_and_then_writes_takes_a_locked_transaction() -> None:
    """Or row locks protect it, or there is a reason."""
    unlocked = {each.name for each in of_store("Transaction") if writes(each) and reads(each)}
    assert unlocked - WITHOUT_LOCK.keys() == set()


def test_the_list_has_no_reasons_left_over() -> None:
    """Each function in it writes without a named lock."""
    assert WITHOUT_LOCK.keys() - {each.name for each in of_store("Transaction") if writes(each)} == set()


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("async def f(tx: T) -> None: await tx.execute(cards.update().where(x).values(y=1))", 1),
        ("async def f(tx: T) -> None: await tx.execute(transition(State.SENT, x))", 1),
        ("async def f(tx: T) -> None: names.update({1: 2})", 0),
        ("async def f(tx: T) -> None: await tx.execute(sa.select(cards))", 0),
    ],
)
def test_a_write_is_seen(code: str, number: int) -> None:
    """A dictionary's update is none."""
    assert sum(map(writes, functions(ast.parse(code), "T"))) == number
