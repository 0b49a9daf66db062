"""What a sweep changes, decided without I/O (rules R2, R5, B1, B4, B5, P4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.triggers import Snapshot
from bot.poller.decide import (
    MAX_FAILING,
    MAX_SINGLE_READS,
    RETRIED_READS,
    SingleReads,
    SweepResult,
    decide,
    failing_after,
    suspicion,
    to_read_singly,
    unknown_status,
)
from bot.store.clust.applications import CHANGED, VIEWED
from bot.store.clust.connections import Connection
from tests.conftest import NOON

RULES = StatusRules()
OPEN = "1_ongoing"


def row(key: str, **fields: Any) -> Application:
    """Return a row of the list."""
    return Application.model_validate({"id": key, "title": f"File {key}", "status": OPEN, **fields})


def sweep_of(*changed: Application, ids: tuple[str, ...] = (), is_full: bool = True) -> SweepResult:
    """Return a sweep that read these changed rows, and `ids` that are as they were."""
    result = SweepResult(NOON, NOON + timedelta(seconds=1), is_full=is_full, pages=1)
    result.changed = {one.id: (one, 1) for one in changed}
    result.ids = {*result.changed, *ids}
    return result


def connection_of(**columns: Any) -> Connection:
    """Return a connection that has a baseline."""
    values = {
        **dict.fromkeys(Connection.__slots__),
        "id": 1,
        "name": "default",
        "baseline_at": NOON - timedelta(days=1),
    }
    return Connection(**{**values, **columns})


@pytest.mark.parametrize(("kept", "is_full", "suspected"), [(2, True, False), (1, True, True), (1, False, False)])
def test_a_list_that_holds_less_than_half_is_suspected(kept: int, *, is_full: bool, suspected: bool) -> None:
    """B4: but the front of a sorted list holds what changed, and says nothing of the rest."""
    sweep = sweep_of(ids=tuple(str(number) for number in range(kept)), is_full=is_full)
    assert (suspicion(sweep, ["0", "1", "2", "3"]) is not None) is suspected


def test_single_reads_have_their_order() -> None:
    """R2, B5: what waited for news, then what is absent for the second time, then what people looked at."""
    order = to_read_singly(sweep_of(), {}, {"seen": VIEWED, "news": CHANGED}, {"first": 0, "second": 1}, RULES)
    assert order == ["news", "second", "seen"]


def test_failing_reads_keep_nothing_else_from_being_read() -> None:
    """P4: of more than fit, those that failed have a part of each cycle, the oldest failure first."""
    waiting = {str(number): CHANGED for number in range(100)}
    failing = [str(number) for number in range(99, 79, -1)]
    order = to_read_singly(sweep_of(), {}, waiting, {}, RULES, failing)
    assert len(order) == MAX_SINGLE_READS
    assert order[-RETRIED_READS:] == failing[:RETRIED_READS]
    assert not set(order[:-RETRIED_READS]) & set(failing)


def test_failures_are_remembered_in_their_order() -> None:
    """What was read, or is gone, is forgotten. What failed again goes to the end, and no more than so many are kept."""
    singles = SingleReads({"1": row("1")}, missing=["2"], failed=["3", "9"])
    assert list(failing_after(["1", "2", "3", "4"], singles)) == ["4", "3", "9"]
    many = [str(number) for number in range(2 * MAX_FAILING)]
    assert list(failing_after(many, SingleReads({}))) == many[-MAX_FAILING:]


def test_a_baseline_announces_nothing() -> None:
    """B1: whatever is late then was late before. The connection has its baseline from the sweep's start on."""
    result = decide(
        connection_of(baseline_at=None), sweep_of(row("1", is_late=True)), {}, SingleReads({}), {}, {}, {}, RULES
    )
    assert result.events == []
    assert result.connection["baseline_at"] == NOON
    assert [one.snapshot.application.id for one in result.seen] == ["1"]


def test_a_change_is_an_event() -> None:
    """C4: what became late since is announced once, and kept."""
    before = {"1": Snapshot(row("1", is_late=False), StatusClass.OPEN)}
    result = decide(connection_of(), sweep_of(row("1", is_late=True)), before, SingleReads({}), {"1": 0}, {}, {}, RULES)
    assert [(event.application.id, event.trigger) for event in result.events] == [("1", "late")]
    assert result.seen[0].snapshot.occurrences == {"late": 1}


@pytest.mark.parametrize(("is_full", "gone"), [(True, ["1"]), (False, [])])
def test_what_a_404_answers_is_gone(*, is_full: bool, gone: list[str]) -> None:
    """B5: but only where the whole list did not hold it, and what failed to be read stays absent."""
    before = {key: Snapshot(row(key), StatusClass.OPEN) for key in ("1", "2", "3")}
    sweep = sweep_of(ids=("3",), is_full=is_full)
    singles = SingleReads({}, missing=["1"], failed=["2"])
    fingerprints = dict.fromkeys(before, 0)
    result = decide(connection_of(), sweep, before, singles, fingerprints, {}, {"1": 1, "2": 1}, RULES)
    assert (result.gone, result.absent) == (gone, ["2"])


def test_a_suspension_ends_with_a_healthy_list() -> None:
    """B4: and stays, with its question, while the list is still another one. Most polls have none to end.

    A question that is left of an older suspension ends too: otherwise no one would be asked about the next one.
    """
    suspension = {"suspended": "Of 4 known applications the last list held 1.", "asked_at": NOON}
    fingerprints = dict.fromkeys("1234", 0)
    left = {"asked_at": NOON}
    for columns, ids, ends in (
        (suspension, "1234", True),
        (suspension, "1", False),
        (left, "1234", True),
        ({}, "1234", False),
    ):
        connection = connection_of(**columns)
        result = decide(connection, sweep_of(ids=tuple(ids)), {}, SingleReads({}), fingerprints, {}, {}, RULES)
        assert (result.suspension_end is not None) is ends


def test_what_only_a_look_asked_for_is_let_go() -> None:
    """A read that fails is not tried again where nothing but someone's look asked for it."""
    waiting: dict[str, str | None] = {"1": VIEWED, "2": CHANGED}
    result = decide(connection_of(), sweep_of(), {}, SingleReads({}, failed=["1", "2"]), {}, waiting, {}, RULES)
    assert list(result.let_go) == ["1"]


def test_a_status_that_no_rule_knows_is_counted() -> None:
    """C1: by its code, else by its label."""
    assert unknown_status(row("1"), RULES) is None
    assert unknown_status(row("1", status="7_signed"), RULES) == "7_signed"
    assert unknown_status(row("1", status=None, status_string="Signed"), RULES) == "Signed"


@pytest.mark.parametrize(
    ("earlier", "has_new_links"),
    [
        (None, True),
        (Snapshot(row("1", public_url="https://clust.invalid/c/1")), False),
        (Snapshot(row("1", public_url="https://clust.invalid/c/2")), True),
        (Snapshot(row("1", public_url="https://clust.invalid/c/1"), gone=True), True),
    ],
)
def test_links_are_new_where_others_are_stored(earlier: Snapshot | None, *, has_new_links: bool) -> None:
    """Or none: what is gone may have been erased."""
    sweep = sweep_of(row("1", title="Renamed", public_url="https://clust.invalid/c/1"))
    before = {"1": earlier} if earlier else {}
    (seen,) = decide(connection_of(), sweep, before, SingleReads({}), {"1": 7}, {}, {}, RULES).seen
    assert seen.has_new_links is has_new_links
