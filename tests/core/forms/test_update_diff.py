"""What an update changes: what is sent, what is in conflict, and what several spellings of one value are (rule M3)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.update_diff import Conflict, also_changed, changed, conflicts, initial
from bot.core.forms.validation import asked_of, read


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
    """Yes as true, digits as text or number, an empty text, and events in another order are no changes."""
    assert also_changed(before, after, ()) == {}
    assert also_changed(before, dict.fromkeys(after, "else"), ()).keys() == after.keys()


def test_what_is_sent() -> None:
    """M3: what was filled in or cleared, but not what is as it was, and yes or no only where it was chosen."""
    start = initial({"title": "Acme", "phone": "+351 210 555 010", "auto_emails": True, "first_name": "Ana"})
    form = UpdateForm(title="Birch", phone=None, first_name="Ana", auto_emails=None, external_id="A-1")
    assert changed(start, form) == {
        "title": ("Acme", "Birch"),
        "phone": ("+351 210 555 010", None),
        "external_id": (None, "A-1"),
    }


def test_what_the_form_could_not_give_back_is_left_out() -> None:
    """M3: a field like that starts empty, as one that Clust did not return does."""
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


VALUES = {
    "template_id": 9,
    "first_name": "Ana",
    "last_name": "Silva",
    "email": "ana@acme.example",
    "title": "L\u2019Oréal",
    "external_id": None,
    "auto_emails": 1,
    "folder_id": 7,
    "webhook_events": ["late", "created"],
}


def test_m3_an_untouched_form_sends_nothing() -> None:
    """This holds for any answer of Clust, with typographic characters and numbers too."""
    start = initial(VALUES)
    assert start["folder_id"] == 7
    assert changed(start, read(UpdateForm, start)) == {}


def test_m3_only_what_changed_is_sent() -> None:
    """A cleared value as cleared, an unknown one only when it is filled, yes or no unchanged not at all."""
    start = initial(VALUES)
    typed = {**start, "title": None, "folder_id": "8", "auto_emails": "unset", "phone": "12345", "webhook_events": []}
    assert changed(start, read(UpdateForm, typed)) == {
        "phone": (None, "12345"),
        "title": ("L\u2019Oréal", None),
        "folder_id": (7, 8),
        "webhook_events": (["created", "late"], []),
    }


def test_m3_a_value_that_the_form_could_not_give_back_stays() -> None:
    """It starts empty, as an unknown one does."""
    start = initial({"title": "x" * 300, "email": "nobody", "webhook_events": ["odd"], "custom": {"a": 1}})
    assert start == {}
    assert changed(start, read(UpdateForm, {})) == {}


def test_a_conflict_shows_mine_and_theirs() -> None:
    """A field that only they changed is a conflict. The same value on both sides isn't, nor is a missing key."""
    opened = initial(VALUES)
    now = initial({**VALUES, "title": "Theirs", "first_name": "Eva", "folder_id": 8, "phone": "99999"})
    del now["external_id"]
    changes = changed(opened, read(UpdateForm, {**opened, "title": "Mine", "folder_id": "8", "phone": "12345"}))
    assert conflicts(opened, now, changes) == (
        Conflict("first_name", "Ana", "Eva", "Ana", touched=False),
        Conflict("phone", None, "99999", "12345", touched=True),
        Conflict("title", "L\u2019Oréal", "Theirs", "Mine", touched=True),
    )
    assert conflicts(opened, opened, changes) == ()


def test_what_the_form_did_not_know_is_no_conflict() -> None:
    """A key that was missing when the form opened, and that this person didn't change, is no conflict."""
    opened = initial(VALUES)
    del opened["title"]
    assert conflicts(opened, initial(VALUES), {}) == ()


def test_m3_what_a_put_erased_is_found() -> None:
    """A field that we did not send, known before and after, and not the same."""
    after = {**VALUES, "title": "New", "folder_id": None, "auto_emails": "1", "webhook_events": ["created", "late"]}
    assert also_changed(VALUES, after, {"title"}) == {"folder_id": (7, None)}


anything = st.none() | st.text() | st.lists(st.text()) | st.integers() | st.floats() | st.booleans() | st.binary()


@given(st.dictionaries(st.sampled_from(list(asked_of(UpdateForm))), anything))
def test_an_untouched_form_sends_nothing_whatever_clust_returned(values: dict[str, Any]) -> None:
    """Nothing is changed behind a person's back (rule M3)."""
    start = initial(values)
    assert changed(start, read(UpdateForm, start)) == {}
