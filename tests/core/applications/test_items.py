"""The items of an application: what is read of them, whatever Clust returns, and which of them are missing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.applications.items import MAX_ITEMS, MAX_NAME, ItemState
from bot.core.applications.model import Application, read_tolerantly


def read(items: Any, **keys: Any) -> Application:
    """Read an application with these items."""
    return read_tolerantly(Application, {"id": 1, "dossier_items": items, **keys})


def states(items: Any) -> list[ItemState | None]:
    """Return the states of these items."""
    return [item.state for item in read(items).items or ()]


def test_an_item_is_read_by_any_of_its_names() -> None:
    """The keys are guesses: a title may be a name, a status a label, and null beside the other counts as absent."""
    passport, form = (
        read(
            [
                {"title": "Passport", "status": "Missing", "type": "file_upload", "is_mandatory": 1},
                {"title": None, "name": " Form \n A ", "status_string": "Approved", "is_mandatory": False},
            ]
        ).items
        or ()
    )
    assert (passport.name, passport.kind, passport.state, passport.is_missing) == (
        *("Passport", "file_upload"),
        *(ItemState.MISSING, True),
    )
    assert (form.name, form.state, form.is_mandatory) == ("Form A", ItemState.APPROVED, False)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Missing", ItemState.MISSING),
        ("0_missing", ItemState.MISSING),
        ("Pending Review", ItemState.PENDING_REVIEW),
        ("1_pending_review", ItemState.PENDING_REVIEW),
        ("COMPLETED", ItemState.COMPLETED),
        ("3-approved", ItemState.APPROVED),
        ("not_missing", None),
        ("8_quarantined", None),
        ("", None),
        (None, None),
        (["Missing"], None),
    ],
)
def test_a_status_is_looked_up_whole(status: Any, state: ItemState | None) -> None:
    """An item whose status no one knows has no state, and is never called missing."""
    assert states([{"name": "Passport", "status": status}]) == [state]


@pytest.mark.parametrize("items", [None, "Passport", 7, True])
def test_what_is_no_list_is_unknown(items: Any) -> None:
    """An answer without a list of items says nothing of them."""
    assert read(items).items is None


def test_what_is_no_item_is_left_out() -> None:
    """Rows that are no objects are passed over. An object of rows by their ids is a list as well."""
    assert len(read([None, 1, "x", [], {"name": 3}]).items or ()) == 1
    assert len(read({"5": {"name": "Passport"}, "6": {}}).items or ()) == 2


def test_neither_many_items_nor_long_names_are_kept_whole() -> None:
    """Of 400 items the first 300 are kept, and of a name so much that no one misses the rest."""
    items = read([{"name": "x" * 300, "status": "Missing"}] * 400).items or ()
    assert (len(items), len(items[0].name)) == (MAX_ITEMS, MAX_NAME)


def test_items_that_are_kept_are_read_again_as_they_were() -> None:
    """Items of a single read are stored as JSON, and are equal when read back."""
    application = read([{"title": "Passport", "status_string": "Missing", "is_mandatory": True}, {}])
    assert Application.model_validate_json(application.model_dump_json(exclude_none=True)) == application


@pytest.mark.parametrize(
    ("keys", "done"),
    [
        ({"items": [{"status": "Missing"}, {"status": "Approved"}, {"status": "Pending Review"}]}, (2, 3)),
        ({"items": [{"status": "Missing", "is_mandatory": False}, {"status": "?"}]}, (0, 1)),
        ({"items": [], "count_missing_items": 1, "count_eligible_items": 4}, (3, 4)),
        ({"items": None, "count_missing_items": 5, "count_eligible_items": 4}, (0, 4)),
        ({"items": None, "count_missing_items": 1}, None),
    ],
)
def test_how_many_items_are_done(keys: dict[str, Any], done: tuple[int, int] | None) -> None:
    """What is optional doesn't count, and where no items are listed Clust's own counts do."""
    items = keys.pop("items")
    assert read(items, **keys).items_done == done


@pytest.mark.parametrize(
    ("row", "stays"),
    [
        ({"title": "Other"}, True),
        ({"is_late": True}, True),
        ({"progress_percentage": 50}, True),
        ({"progress_percentage": 75}, False),
        ({"updated_at": "2026-03-02T12:00:00Z"}, False),
        ({"status": "3_submitted"}, False),
    ],
)
def test_items_do_not_outlive_a_change(row: dict[str, Any], stays: bool) -> None:
    """R1: a list row that changed carries no items, and those from before may be outdated."""
    before = read([{"name": "Passport"}], progress_percentage=50, status="1", updated_at="2026-03-01T12:00:00Z")
    after = before.merged(read_tolerantly(Application, {"id": 1, **row}))
    assert (after.items is not None) is stays


def test_a_single_read_brings_other_items() -> None:
    """R1: items that come with a change are those that count."""
    before = read([{"name": "Passport", "status": "Missing"}], progress_percentage=50)
    after = before.merged(read([{"name": "Passport", "status": "Approved"}], progress_percentage=100), is_single=True)
    assert [item.state for item in after.items or ()] == [ItemState.APPROVED]
