"""States of deliveries change in one way, which follows the table. No state is spelled out in code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

import bot
from bot.core.notifications.states import TRANSITIONS, DeliveryKind, Hold, State, SubscriptionState
from bot.store import Store
from bot.store.engine.tables import deliveries
from bot.store.notifications.digests import Place, insert_posting
from bot.store.notifications.transitions import transition
from bot.store.people.audit import AuditOutcome
from bot.store.people.form_drafts import DraftState
from tests.conftest import Clock
from tests.syntax_trees import tree_of

PLACE = Place("T1", "C1", 1)
INSERTS = {"store/notifications/digests.py", "store/clust/polls.py"}
"""Modules that give new deliveries their first state."""
ROOT = Path(bot.__file__).parent
ENUMS = (State, Hold, DeliveryKind, SubscriptionState, DraftState, AuditOutcome)
COLUMNS = {"state", "hold", "kind", "outcome"}
WORDS = {word.value for enum in ENUMS for word in enum}
IN_SQL = re.compile(rf"'(?:{'|'.join(WORDS)})'")
IN_QUOTES = re.compile(rf"""(['"])(?:{"|".join(WORDS)})\1""")


async def test_a_delivery_goes_where_the_table_leads_and_nowhere_else(store: Store, clock: Clock) -> None:
    """Of every two states: where there is no transition nothing changes, neither the state nor what is set with it."""
    async with store.database.write() as tx:
        for before, after in product(State, State):
            number = await insert_posting(tx, PLACE, DeliveryKind.REMINDER, clock(), state=before)
            by_id = deliveries.c.id == number
            done = (await tx.execute(transition(after, by_id, reason="moved"))).rowcount
            row = (await tx.execute(sa.select(deliveries.c.state, deliveries.c.reason).where(by_id))).one()
            moves = after in TRANSITIONS[before]
            assert (done, *row) == ((1, after, "moved") if moves else (0, before, None))


async def test_only_what_is_meant_moves(store: Store, clock: Clock) -> None:
    """The conditions hold beside the table."""
    async with store.database.write() as tx:
        ids = [await insert_posting(tx, PLACE, DeliveryKind.REMINDER, clock()) for _ in range(3)]
        moving = transition(State.SKIPPED, deliveries.c.id != ids[0], deliveries.c.id != ids[1])
        moved = (await tx.execute(moving.returning(deliveries.c.id))).scalars().all()
    assert moved == ids[2:]


def test_no_state_is_spelled_out() -> None:
    """States, holds, kinds and outcomes are members of their enums wherever one is compared, looked for or set."""
    files = [
        path for path in ROOT.rglob("*.py") if "migrations" not in path.parts and IN_QUOTES.search(path.read_text())
    ]
    assert [f"{path}:{node.lineno}" for path in files for node in _raw(tree_of(path))] == []


@pytest.mark.parametrize(
    "code",
    [
        'row.state == "held"',
        't.c.hold.in_(["mute"])',
        'f(kind="flood")',
        '{"state": "sent"}',
        't.c.outcome == "refused"',
        """_partial("state = 'held' AND told_at IS NULL")""",
    ],
)
def test_a_state_that_is_spelled_out_is_seen(code: str) -> None:
    """In each of the forms that the code has."""
    assert len(list(_raw(ast.parse(code)))) == 1


def test_states_change_in_one_place() -> None:
    """No update sets a delivery's state by itself."""
    for path in (ROOT / "store").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        sets = [node for node in ast.walk(ast.parse(path.read_text())) if _sets_state(node)]
        assert not sets or name in INSERTS, name


def _raw(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the constants that stand for a state, a hold or a kind."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=[right, *_]) if _is_column(left):
                yield from _words(right)
            case ast.Call(func=ast.Attribute(value=column, attr="in_" | "not_in"), args=[words]) if _is_column(column):
                yield from _words(words)
            case ast.keyword(arg=name, value=value) if name in COLUMNS:
                yield from _words(value)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in COLUMNS:
                        yield from _words(value)
            case ast.Constant(value=str(text)) if IN_SQL.search(text):
                yield node


def _is_column(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in COLUMNS
    return False


def _words(node: ast.expr) -> Iterator[ast.expr]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and each.value in WORDS:
            yield each


def _sets_state(node: ast.AST) -> bool:
    """Return whether a state of a delivery is given as a value: `state=State.SENT`, `{"state": State.SENT}`."""
    match node:
        case ast.keyword(arg="state", value=value):
            return _is_state(value)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return any(
                isinstance(key, ast.Constant) and key.value == "state" and _is_state(value) for key, value in pairs
            )
    return False


def _is_state(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "State"
