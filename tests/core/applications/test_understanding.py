"""First contact: what an account tells, and whether its notifications are held."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.applications.model import Application, StatusClass, read_tolerantly
from bot.core.applications.status_rules import StatusRules
from bot.core.applications.understanding import (
    MAX_STATUSES,
    ContactState,
    Fact,
    Understanding,
    contact_after_baseline,
    understanding_of,
)

COMPLETE = {"status": "1_ongoing", "status_string": "Ongoing", "is_late": False, "updated_at": "2026-03-02T12:00:00Z"}


def understood(*rows: dict[str, Any], rules: str = "") -> Understanding:
    """Return what is understood of applications."""
    made = [Application.model_validate({"id": number, **row}) for number, row in enumerate(rows, 1)]
    return understanding_of(made, StatusRules.parse(rules))


def test_statuses_are_counted_with_their_class_unknown_ones_first() -> None:
    """Each status code once, with its most common label."""
    understanding = understood(
        COMPLETE, COMPLETE, {**COMPLETE, "status_string": "Ongoing (2 of 3)"}, {"status": "6_on_hold"}
    )
    assert [(one.code, one.label, one.count, one.status_class) for one in understanding.statuses] == [
        ("6_on_hold", None, 1, None),
        ("1_ongoing", "Ongoing", 3, StatusClass.OPEN),
    ]
    assert [one.key for one in understanding.unknown] == ["6_on_hold"]
    assert not understanding.is_complete


def test_a_status_without_a_code_is_known_by_its_label() -> None:
    """And an application without any status has an unknown one."""
    understanding = understood({"status_string": "Approved"}, {"status_string": "Chez nous"}, {})
    assert {one.key: one.status_class for one in understanding.statuses} == {
        "Approved": StatusClass.APPROVED,
        "Chez nous": None,
        "": None,
    }


@pytest.mark.parametrize("lacks", ["is_late", "updated_at"])
def test_without_lateness_or_a_date_it_is_incomplete(lacks: str) -> None:
    """Either is what events or ages are made of."""
    assert understood(COMPLETE).is_complete
    assert not understood({name: value for name, value in COMPLETE.items() if name != lacks}).is_complete


def test_a_date_that_cant_be_read_is_none() -> None:
    """A date in another form is as good as no date."""
    row = read_tolerantly(Application, {**COMPLETE, "id": "1", "updated_at": "02/03/2026"})
    assert not understanding_of([row], StatusRules()).is_complete


def test_fields_that_applications_have_are_counted() -> None:
    """Progress, items and dates, of how many applications."""
    understanding = understood(
        {**COMPLETE, "progress_percentage": 50},
        {"count_missing_items": 1, "count_eligible_items": 2},
        {"created_at": "2026-03-02"},
    )
    assert {fact: understanding.count(fact) for fact in Fact} == {
        Fact.LATENESS: 1,
        Fact.PROGRESS: 1,
        Fact.DATES: 2,
        Fact.ITEMS: 1,
    }


def test_an_empty_account_leaves_nothing_open() -> None:
    """What it will tell is seen when it has applications."""
    assert understood().is_complete
    assert understood().count(Fact.DATES) == 0


def test_a_rule_of_an_admin_completes_it() -> None:
    """Once all codes have a class nothing is unknown."""
    assert understood({**COMPLETE, "status": "6_on_hold"}, rules="6_on_hold=open").is_complete


def test_so_many_codes_are_counted() -> None:
    """A hostile account doesn't make the message endless."""
    understanding = understood(*({**COMPLETE, "status": f"{number}_step"} for number in range(MAX_STATUSES + 3)))
    assert (len(understanding.statuses), understanding.more_statuses) == (MAX_STATUSES, 3)


@pytest.mark.parametrize(
    ("state", "row", "after"),
    [
        ("form", COMPLETE, ContactState.LOOK),
        ("form", {"status": "x"}, ContactState.HELD),
        ("settings", {"status": "x"}, ContactState.LOOK),
        (None, {"status": "x"}, None),
        ("look", {"status": "x"}, None),
        ("a later version's", {"status": "x"}, None),
    ],
)
def test_only_what_was_connected_by_the_form_is_held(
    state: str | None, row: dict[str, Any], after: ContactState | None
) -> None:
    """An account of the settings, and an old one, never."""
    assert contact_after_baseline(state, understood(row)) is after
