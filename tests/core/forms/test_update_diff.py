"""What an update changes: what is sent, what is in conflict, and what several spellings of one value are (rule M3)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.forms.forms import UpdateForm
from bot.core.forms.update_diff import Conflict, also_changed, changed, conflicts, initial


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"auto_emails": True}, {"auto_emails": "1"}),
        ({"auto_emails": False}, {"auto_emails": "0"}),
        ({"folder_id": "12"}, {"folder_id": 12}),
        ({"title": None}, {"title": ""}),
        ({"webhook_events": ["late", "created"]}, {"webhook_events": ("created", "late")}),
    ],
)
def test_another_spelling_changes_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A yes that Clust tells as true, digits as text or number, an empty text, events in another order are the same."""
    assert also_changed(before, after, ()) == {}
    assert also_changed(before, dict.fromkeys(after, "else"), ()).keys() == after.keys()


def test_what_is_sent() -> None:
    """M3: what was filled in or cleared; not what is as it was, and yes or no only where it was chosen."""
    start = initial({"title": "Acme", "phone": "+351 210 555 010", "auto_emails": True, "first_name": "Ana"})
    form = UpdateForm(title="Birch", phone=None, first_name="Ana", auto_emails=None, external_id="A-1")
    assert changed(start, form) == {
        "title": ("Acme", "Birch"),
        "phone": ("+351 210 555 010", None),
        "external_id": (None, "A-1"),
    }


def test_what_the_form_could_not_give_back_is_left_out() -> None:
    """M3: such a field starts empty, as one that Clust did not return does."""
    assert initial({"email": "no address", "title": "Acme", "other": 1}) == {"title": "Acme"}


@pytest.mark.parametrize(
    ("now", "sent", "expected"),
    [
        ({"title": "Acme"}, {"title": ("Acme", "Birch")}, ()),
        (
            {"title": "Cedar"},
            {"title": ("Acme", "Birch")},
            (Conflict("title", "Acme", "Cedar", "Birch", touched=True),),
        ),
        ({"title": "Birch"}, {"title": ("Acme", "Birch")}, ()),
        ({"title": "Cedar"}, {}, (Conflict("title", "Acme", "Cedar", "Acme", touched=False),)),
        ({}, {"title": ("Acme", "Birch")}, ()),
    ],
)
def test_what_is_in_conflict(now: dict[str, Any], sent: dict[str, Any], expected: tuple[Conflict, ...]) -> None:
    """M3: what others changed since the form was opened and is not what this person wants too."""
    assert conflicts({"title": "Acme"}, now, sent) == expected
