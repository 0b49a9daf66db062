"""A profile holds the form of an account's answers, and nothing of anyone, wherever it may have been."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.profiles.allowed_names import MIN_ROWS
from bot.core.profiles.profile import Profile, ProfiledStatus, read_profile
from bot.core.profiles.recording import RecordedAnswers, error_form, paging_shape, profile_of, value_type
from tests.conftest import NOON

PERSONAL = ("marie", "dupont", "0612345678", "secret", "rue de", "1980-02-29")


def row(number: int, **more: Any) -> dict[str, Any]:
    """Return a row of a list, with personal values in all that it has."""
    return {
        "id": number,
        "title": "Marie Dupont",
        "status": "1_ongoing",
        "status_string": "Ongoing",
        "contact": {"firstname": "Marie", "lastname": "Dupont", "email": "marie@dupont.example"},
        "created_at": "1980-02-29",
        "updated_at": (NOON - timedelta(minutes=number)).isoformat(),
        **more,
    }


def planted(number: int) -> dict[str, Any]:
    """Return a row whose keys and codes are personal too."""
    personal = {"Marie Dupont": 1, "marie@dupont.example": {"marie dupont": 2}, "0612345678": "0612345678"}
    return row(
        number,
        **personal,
        custom={**personal, f"marie-{number}": "x"},
        dossier_items=[{"title": "Marie Dupont", "Marie Dupont": "x", "12, rue de la Paix": "x"}],
        status="0612345678_approved" if number % 2 else "Chez Marie",
        status_string="Chez Marie Dupont",
    ) | ({"marie": 1, "dupont_status": 2} if number < MIN_ROWS else {})


def test_nothing_of_anybody_is_in_a_profile() -> None:
    """Values, keys, codes, labels, headers, members of a list and errors: all of them have a person in them."""
    personal = {"message": "Marie Dupont", "marie": {"Dupont": ["secret"]}, "errors": {"marie": ["0612345678"]}}
    answers = RecordedAnswers(
        rows=[planted(number) for number in range(1, 30)],
        singles=[planted(number) for number in range(1, 9)],
        members={"marie": 1, "meta": {"total": 29, "marie": "Dupont"}, "links": {"next": "https://marie.example"}},
        headers={"content-type", "x-marie", "x-secret-dupont"},
        errors={
            "no_application": error_form(404, b"", personal),
            "no_route": error_form(500, b"<h1>Marie Dupont</h1>", None),
        },
    )
    profile = profile_of(answers)
    text = profile.as_text().casefold()
    assert [one for one in PERSONAL if one in text] == []
    assert (profile.other_statuses, profile.other_status_rows, profile.statuses) == (2, 29, ())
    assert profile.other_row_keys >= 5
    assert profile.headers == ("content-type",)
    assert profile.other_headers == 2
    assert profile.list.other_members == 2
    assert read_profile(profile.as_text()) == profile


def test_a_key_inside_one_that_is_not_named_is_not_named_either() -> None:
    """The account's own words, inside an object that has someone's name, are only counted."""
    made = [row(number, **{"Marie Dupont": {"kyc_level": 1}}) for number in range(20)]
    profile = profile_of(RecordedAnswers(rows=made))
    assert profile.other_row_keys == 2


def test_what_single_reads_show_of_is_named_in_lists_too() -> None:
    """A key is the same word wherever it is."""
    singles = [row(number, kyc_level=None) for number in range(MIN_ROWS)]
    profile = profile_of(RecordedAnswers(rows=[row(1, kyc_level=3)], singles=singles))
    assert profile.row_keys["kyc_level"] == {"number": 1}


def test_a_status_without_a_code_is_known_by_its_label() -> None:
    """And one without either is one of its own."""
    rows = [
        row(1, status=None, status_string="Approved"),
        row(2, status=None, status_string=None),
        row(3, status=3, status_string="Chez Marie"),
    ]
    profile = profile_of(RecordedAnswers(rows=rows))
    assert set(profile.statuses) == {ProfiledStatus(label="Approved", count=1), ProfiledStatus(count=1)}
    assert (profile.other_statuses, profile.other_status_rows) == (1, 1)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "number"),
        (1.5, "decimal"),
        (" ", "empty"),
        ("0042", "digits"),
        ("2026-03-02T12:00:00+00:00", "date"),
        ("02/03/2026", "text"),
        ([], "list"),
        ({}, "object"),
    ],
)
def test_values_are_written_as_their_type(value: object, kind: str) -> None:
    """Of a value its type alone is written."""
    assert value_type(value) == kind


@pytest.mark.parametrize(
    ("members", "shape"),
    [
        ({}, "none"),
        ({"meta": {"total": 1}, "links": {"next": None}}, "full"),
        ({"meta": {"total": 1}, "links": []}, "meta"),
        ({"pagination": {"total": 1}}, "meta"),
        ({"meta": {"current_page": 1}}, "simple_meta"),
        ({"meta": {"next_cursor": None}}, "cursor_meta"),
        ({"next_cursor": None}, "cursor"),
        ({"total": "1", "current_page": 1}, "flat"),
        ({"current_page": 1}, "simple"),
        ({"meta": "text"}, "none"),
    ],
)
def test_paging_is_the_nearest_shape(members: dict[str, Any], shape: str) -> None:
    """What a list says of its pages, as the stand-in can say it too."""
    assert paging_shape(members) == shape


def test_counts_as_text_and_the_order_are_seen() -> None:
    """Both change what a poll must do."""
    answers = RecordedAnswers(rows=[row(number) for number in range(4)], members={"meta": {"total": "4"}})
    profile = profile_of(answers)
    assert profile.list.counts_as_text
    assert profile.list.order == "changed"
    answers.rows.reverse()
    assert profile_of(answers).list.order == "oldest"
    answers.rows = answers.rows[:2]
    assert profile_of(answers).list.order is None


def test_errors_are_their_form() -> None:
    """An error's text is left out, whatever it is."""
    assert error_form(404, b" ", None).body == "empty"
    assert error_form(404, b"Marie", None).body == "other"
    assert error_form(404, b"[]", []).body == "json"
    assert error_form(404, b"{}", {"message": "Marie"}).keys == {"message": {"text": 1}}


def test_a_profile_of_nothing() -> None:
    """An account without applications has a profile as well."""
    assert profile_of(RecordedAnswers(is_complete=True)) == Profile(list=profile_of(RecordedAnswers()).list)
