"""The type of a transaction says what a function of the store does with it, so mypy finds a forgotten lock.

Each function is looked at alone. Not seen is what it writes through another function or because of rows that it got,
nor whether `with_for_update` locks all that it reads. Tests with several processes are for these.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import bot
from tests.syntax_trees import tree_of

STORE = Path(bot.__file__).parent / "store"

WITHOUT_LOCK: Mapping[str, str] = {
    "clust/applications.py:read_soon": "the statement that writes looks again",
    "clust/connections.py:worked": "the statements that write look again",
    "clust/hints.py:_queue_one": "the first statement locks the account",
    "clust/reports.py:keep_totals": "every process computes the same totals",
    "clust/retention.py:_remove": "it is one statement",
    "clust/retention.py:remove": "what is over stays over",
    "notifications/outbox_messages.py:as_claims": "the rows were locked by the statement that claimed them",
    "notifications/unclear_posts.py:_lapse": "the statement that writes looks again",
    "people/installations.py:consume_state": "the statement that writes looks again",
}
"""Functions that read and write in a transaction without a named lock, each with what protects it instead."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def writes(function: Function) -> bool:
    """Return whether a function makes a statement that writes."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="insert" | "update" | "delete"), args=[], keywords=[]):
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id="sa"), attr="insert" | "update" | "delete")):
                return True
            case ast.Call(func=ast.Attribute(attr="upsert") | ast.Name(id="transition")):
                return True
    return False


def reads(function: Function) -> bool:
    """Return whether a function selects rows, and locks none of them by `with_for_update`."""
    source = ast.unparse(function)
    return "sa.select(" in source and "with_for_update" not in source


def takes(function: Function, annotation: str) -> bool:
    """Return whether a function has an argument of a type."""
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return any(each.annotation and ast.unparse(each.annotation) == annotation for each in arguments)


def is_unlocked(function: Function) -> bool:
    """Return whether a function writes in a transaction, its caller's or its own, that holds no named lock."""
    source = ast.unparse(function)
    return takes(function, "Transaction") or ("_db.write()" in source and "_db.lock" not in source)


def of_store(condition: Callable[[Function], bool]) -> set[str]:
    """Return the functions of the store that meet a condition, without those of the engine."""
    paths = [path for path in STORE.rglob("*.py") if "engine" not in path.relative_to(STORE).parts]
    return {
        f"{path.relative_to(STORE)}:{node.name}"
        for path in paths
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function) and condition(node)
    }


def test_what_writes_takes_a_write_transaction() -> None:
    """A connection of `Database.read()` can't be given to it."""
    assert of_store(lambda each: takes(each, "AsyncConnection") and writes(each)) == set()


def test_what_reads_and_then_writes_holds_a_lock() -> None:
    """Its transaction is a `LockedTransaction`, or row locks protect it, or there is a reason."""
    unlocked = of_store(lambda each: is_unlocked(each) and writes(each) and reads(each))
    assert unlocked - WITHOUT_LOCK.keys() == set()


def test_the_list_has_no_reasons_left_over() -> None:
    """Each function in it writes without a named lock."""
    assert WITHOUT_LOCK.keys() - of_store(lambda each: is_unlocked(each) and writes(each)) == set()


@pytest.mark.parametrize(
    ("code", "is_write", "is_read"),
    [
        ("await tx.execute(cards.update().where(x).values(y=1))", True, False),
        ("await tx.execute(sa.insert(cards))", True, False),
        ("await tx.execute(sa.update(cards).where(x).values(y=1))", True, False),
        ("await tx.execute(sa.delete(cards).where(x))", True, False),
        ("await tx.execute(transition(State.SENT, x))", True, False),
        ("names.update({1: 2})", False, False),
        ("await tx.execute(sa.select(cards))", False, True),
        ("await tx.execute(sa.select(cards).with_for_update())", False, False),
    ],
)
def test_reads_and_writes_are_seen(code: str, *, is_write: bool, is_read: bool) -> None:
    """A dictionary's update is none."""
    (function,) = ast.parse(f"async def f(tx: Transaction) -> None:\n    {code}").body
    assert isinstance(function, Function)
    assert (is_unlocked(function), writes(function), reads(function)) == (True, is_write, is_read)
