"""Columns of an export, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.export import COLUMNS, cell_separator, columns_for, heading, neutralized, row
from bot.core.applications.model import Application, Recipient, StatusClass, Template
from bot.core.applications.triggers import Snapshot
from bot.core.forms.application_forms import CreateForm
from bot.core.forms.validation import asked_of
from bot.core.language import ENGLISH, Language, speaking

ACME = Snapshot(
    Application(
        id="7",
        title='Acme, "the" one\nof two',
        status="1_sub",
        status_string="Submitted",
        is_late=True,
        progress=40.0,
        missing=3,
        eligible=5,
        recipient=Recipient(firstname="Ana", lastname="Bell", email="ana@example.com", phone="+351 210 555 010"),
        template=Template(id="3", title="KYC"),
        external_id="C-1",
        public_url="https://clust.example/secret",
        secured_list_url="https://clust.example/7",
        created_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
        updated_at=datetime(9999, 12, 31, tzinfo=UTC),
    ),
    StatusClass.SUBMITTED,
    assignee="U1",
)


SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula. The last four are the full-width ones."""


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_that_begins_a_formula_is_neutralized(sign: str) -> None:
    """A spreadsheet shows the text and computes nothing, also where a semicolon separates cells."""
    assert neutralized(f"{sign}1+1") == f"'{sign}1+1"
    assert neutralized(f"Acme;{sign}1") == f"Acme;'{sign}1"


@pytest.mark.parametrize("sign", ["\t", "\r", "\n"])
def test_a_tab_or_a_line_break_at_the_beginning_is_neutralized(sign: str) -> None:
    """Some spreadsheets drop it and look at what follows."""
    assert neutralized(f"{sign}Acme") == f"'{sign}Acme"
    assert neutralized(f"Acme{sign}=1") == f"Acme{sign}'=1"


def test_spaces_before_a_formula_hide_nothing() -> None:
    """Nor do characters that no one sees."""
    assert neutralized("  =1") == "'  =1"
    assert neutralized("\ufeff@SUM(1)") == "'\ufeff@SUM(1)"
    assert neutralized("one\n-2") == "one\n'-2"


@pytest.mark.parametrize("text", ["", "Acme", "a-b", "1 + 1 = 2", "ana@example.com", "x; y"])
def test_other_texts_stay(text: str) -> None:
    """What is no formula is exported as it is."""
    assert neutralized(text) == text


@given(st.text())
def test_nothing_begins_with_a_sign(text: str) -> None:
    """Whatever a title is, its cell is read back as text that begins no formula, and only apostrophes were added."""
    cell = neutralized(text)
    assert not cell.strip().startswith(SIGNS)
    assert not cell.startswith(("\t", "\r", "\n"))
    assert cell.replace("'", "") == text.replace("'", "")


def test_a_row_is_read_back_as_it_was_written() -> None:
    """Commas, quotes and line breaks stay in their cell. Numbers are numbers, moments ISO 8601 in UTC."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heading(COLUMNS))
    writer.writerow(row(COLUMNS, ACME))
    text.seek(0)
    (cells,) = csv.DictReader(text)
    assert cells == {
        "Application": "7",
        "Title": 'Acme, "the" one\nof two',
        "Template": "KYC",
        "First name": "Ana",
        "Last name": "Bell",
        "Recipient": "Ana Bell",
        "Email": "ana@example.com",
        "Phone number": "'+351 210 555 010",
        "External ID": "C-1",
        "Status": "Submitted",
        "Status class": "Submitted",
        "Late": "yes",
        "Progress (%)": "40",
        "Missing items": "3",
        "Items": "5",
        "Assigned to": "U1",
        "Created": "2026-11-01T09:30:00Z",
        "Updated": "9999-12-31T00:00:00Z",
        "Clust link": "https://clust.example/7",
    }


def test_what_is_unknown_is_empty() -> None:
    """Nothing is invented: an application of which only the number is known has empty cells."""
    assert [*row(COLUMNS, Snapshot(Application(id="8")))] == ["8", *[None] * (len(COLUMNS) - 1)]


def test_finished_work_is_not_late() -> None:
    """As in lists: Clust's flag on an approved application says nothing anymore."""
    approved = Snapshot(Application(id="9", is_late=True, progress=99.5), StatusClass.APPROVED)
    cells = dict(zip(heading(COLUMNS), row(COLUMNS, approved), strict=True))
    assert (cells["Late"], cells["Progress (%)"]) == ("no", 99.5)


def test_columns_are_named_as_in_the_forms() -> None:
    """A reader who knows the form knows the columns."""
    fields = asked_of(CreateForm)
    names = {"template_id", "first_name", "last_name", "email", "phone", "title", "external_id"}
    assert {fields[name].label for name in names} <= {column.name for column in COLUMNS}


def test_contacts_and_the_clients_link_are_left_out() -> None:
    """Without the right, there is neither email nor phone, and the client's link is in no export."""
    names = heading(columns_for(may_see_contacts=False))
    assert len(names) == len(COLUMNS) - 2
    assert {"Email", "Phone number"} == set(heading(columns_for(may_see_contacts=True))) - set(names)
    assert "https://clust.example/secret" not in [*row(COLUMNS, ACME)]


@pytest.mark.parametrize(("language", "separator"), [(ENGLISH, ","), (Language("fr", formats="fr"), ";")])
def test_cells_are_separated_by_what_stands_in_no_number(language: Language, separator: str) -> None:
    """A comma begins the decimals in French."""
    with speaking(language):
        assert cell_separator() == separator
