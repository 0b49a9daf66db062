"""Clust's answers as values: reading, merging, comparing, naming (rule R1)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.applications.items import ChecklistItem
from bot.core.applications.model import (
    Application,
    Recipient,
    StatusClass,
    Template,
    fingerprint,
    read_tolerantly,
)

EVERYTHING: dict[str, Any] = {
    "id": 123,
    "title": "KYC · Acme",
    "status": "1_ongoing",
    "status_string": "Ongoing",
    "is_late": False,
    "progress_percentage": 49.5,
    "count_missing_items": 3,
    "count_eligible_items": 6,
    "contact": {
        "firstname": "Ana",
        "lastname": "Souza",
        "full_name": "Ana Souza",
        "email": "ana@example.com",
        "phone": "+351 1",
    },
    "template": {"id": 7, "title": "KYC company"},
    "template_id": 7,
    "external_id": "A-17",
    "public_url": "https://clust.invalid/c/1",
    "secured_list_url": "https://clust.invalid/app/dossiers/123",
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z",
    "dossier_items": [{"title": "Passport", "status": "Missing", "type": "file_upload", "is_mandatory": True}],
}
"""Every key that is read."""


def read(**keys: Any) -> Application:
    """Read an application that has an id and these keys."""
    return read_tolerantly(Application, {"id": 1, **keys})


def test_every_key_is_read() -> None:
    """All that the API is known to tell of an application arrives in its field."""
    application = Application.model_validate({**EVERYTHING, "unheard_of": {"a": 1}})
    assert application == Application(
        id="123",
        title="KYC · Acme",
        status="1_ongoing",
        status_string="Ongoing",
        is_late=False,
        progress=49.5,
        missing=3,
        eligible=6,
        recipient=Recipient(
            firstname="Ana", lastname="Souza", full_name="Ana Souza", email="ana@example.com", phone="+351 1"
        ),
        template=Template(id="7", title="KYC company"),
        template_id="7",
        external_id="A-17",
        public_url="https://clust.invalid/c/1",
        secured_list_url="https://clust.invalid/app/dossiers/123",
        created_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
        updated_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        items=(ChecklistItem("Passport", "Missing", kind="file_upload", is_mandatory=True),),
    )


def test_only_an_id_is_needed() -> None:
    """An application with only an ID is valid, and everything else about it is unknown (R1)."""
    application = read_tolerantly(Application, {"id": 1})
    assert application.model_dump(exclude_none=True) == {"id": "1"}


@pytest.mark.parametrize("raw", [{}, {"id": None}, {"id": ""}, {"id": " "}, {"id": True}, {"id": 1.5}, {"id": [1]}])
def test_without_an_id_it_is_none(raw: dict[str, Any]) -> None:
    """An id is the one thing that can't be done without, whatever else can't be read."""
    with pytest.raises(ValidationError):
        read_tolerantly(Application, {**raw, "title": ["x"]})


@pytest.mark.parametrize(
    ("given_id", "text"), [(7, "7"), ("7", "7"), (" 7 ", "7"), ("a-7", "a-7"), (10**30, "1" + "0" * 30)]
)
def test_numbers_and_strings_are_one_id(given_id: object, text: str) -> None:
    """An id means the same as a number and as a string, for applications, templates and references."""
    application = read_tolerantly(
        Application, {"id": given_id, "template_id": given_id, "external_id": given_id, "template": {"id": given_id}}
    )
    assert application.template
    ids = {application.id, application.template_id, application.external_id, application.template.id}
    assert ids == {text}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T12:00:00Z", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T12:00:00.000000Z", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T14:00:00+02:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T12:00:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02 12:00:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("02/03/2026", None),
        ("soon", None),
        ("", None),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_dates_with_and_without_a_zone(text: str, moment: datetime | None) -> None:
    """A date without a zone is read as UTC, every moment is kept in UTC, and one that is none is unknown."""
    application = read(updated_at=text)
    assert application.updated_at == moment
    assert application.updated_at is None or application.updated_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("contact", "phone"),
    [
        ({"phone": "1"}, "1"),
        ({"phone_number": "2"}, "2"),
        ({"phone": "1", "phone_number": "2"}, "1"),
        ({"phone": None, "phone_number": "2"}, "2"),
        ({"phone": ["1"], "phone_number": "2"}, "2"),
        ({}, None),
    ],
)
def test_a_phone_number_has_two_names(contact: dict[str, Any], phone: str | None) -> None:
    """`phone` and `phone_number` are the same, and a null or unreadable one does not hide the other."""
    recipient = read(contact=contact).recipient
    assert recipient
    assert recipient.phone == phone


@pytest.mark.parametrize(
    "key",
    [
        "title",
        "status",
        "status_string",
        "is_late",
        "progress_percentage",
        "count_missing_items",
        "count_eligible_items",
        "contact",
        "template",
        "template_id",
        "external_id",
        "public_url",
        "secured_list_url",
        "created_at",
        "updated_at",
    ],
)
@pytest.mark.parametrize("value", [["x"], {"deep": ["x"]}])
def test_an_unreadable_value_is_left_out_alone(key: str, value: Any) -> None:
    """A value that can't be understood counts as absent, and every other one is read (R1)."""
    rest = {name: each for name, each in EVERYTHING.items() if name != key}
    if isinstance(value, dict) and key in {"contact", "template"}:
        rest[key] = {}  # an object of unknown keys is an empty one
    assert read_tolerantly(Application, {**EVERYTHING, key: value}) == read_tolerantly(Application, rest)


def test_several_unreadable_values_are_left_out_at_every_depth() -> None:
    """Inside contact and template too only the unreadable values go. What was passed in stays as it was."""
    raw = {
        **EVERYTHING,
        "is_late": "perhaps",
        "contact": {"firstname": "Ana", "lastname": 7, "email": ["x"]},
        "template": {"id": {}, "title": "KYC company"},
        "progress_percentage": "most",
    }
    before = {**raw, "contact": dict(raw["contact"]), "template": dict(raw["template"])}
    application = read_tolerantly(Application, raw)
    assert application.recipient == Recipient(firstname="Ana")
    assert application.template == Template(title="KYC company")
    assert (application.is_late, application.progress, application.title) == (None, None, "KYC · Acme")
    assert raw == before


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "NaN", "-inf"])
def test_progress_is_a_number(number: object) -> None:
    """What is no number is unknown, or no comparison with it would ever be right."""
    assert read(progress_percentage=number).progress is None


@given(
    st.dictionaries(
        st.sampled_from([*EVERYTHING]) | st.text(max_size=3),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*EVERYTHING, "email"]), inner),
            max_leaves=5,
        ),
    )
)
def test_nothing_else_is_ever_an_error(raw: dict[str, Any]) -> None:
    """Any application with an ID can be read, and is equal after it was stored and read back."""
    application = read_tolerantly(Application, {**raw, "id": 1})
    kept = Application.model_validate_json(application.model_dump_json(exclude_none=True))
    assert kept == application
    assert fingerprint(kept) == fingerprint(application)


CHANGED: dict[str, Any] = {
    "title": "Other",
    "status": "2_other",
    "status_string": "Other",
    "is_late": True,
    "progress": 50,
    "missing": 2,
    "eligible": 7,
    "recipient": Recipient(full_name="Other"),
    "template": Template(id="8"),
    "template_id": "8",
    "external_id": "B",
    "public_url": "https://clust.invalid/c/2",
    "secured_list_url": "https://clust.invalid/app/dossiers/124",
    "created_at": datetime(2026, 3, 1, 11, tzinfo=UTC),
    "updated_at": datetime(2026, 3, 2, 13, tzinfo=UTC),
    "items": (ChecklistItem("Tax notice"),),
    "id": "124",
}


def test_a_fingerprint_changes_with_every_field() -> None:
    """No field can change, or become unknown, without the fingerprint."""
    application = Application.model_validate(EVERYTHING)
    assert CHANGED.keys() == Application.model_fields.keys()
    changed = [application.model_copy(update={name: value}) for name, value in CHANGED.items()]
    unknown = [application.model_copy(update={name: None}) for name in CHANGED if name != "id"]
    inner = [
        application.model_copy(update={"recipient": application.recipient.model_copy(update={name: "other"})})
        for name in Recipient.model_fields
        if application.recipient
    ]
    marks = [fingerprint(each) for each in (application, *changed, *unknown, *inner)]
    assert len(set(marks)) == len(marks) == 1 + 17 + 16 + 6


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """It is a fixed number of 64 bits: it is kept in the database, where another process compares it."""
    assert fingerprint(Application(id="1", title="é")) == 6653290743864519748
    again = dict(reversed(EVERYTHING.items()))
    assert fingerprint(Application.model_validate(again)) == fingerprint(Application.model_validate(EVERYTHING))


def test_merging_keeps_what_is_known() -> None:
    """A list row that carries fewer keys than a single read takes nothing away, at any depth (R1)."""
    single = Application.model_validate(EVERYTHING)
    row = read_tolerantly(
        Application, {"id": 123, "is_late": True, "contact": {"phone": "+351 2"}, "template": None, "title": None}
    )
    merged = single.merged(row)
    assert single.recipient
    expected = {"is_late": True, "recipient": single.recipient.model_copy(update={"phone": "+351 2"})}
    assert merged == single.model_copy(update=expected)
    assert single.merged(Application(id="123")) == single
    assert Application(id="123").merged(single) == single


@pytest.mark.parametrize(
    ("application", "name", "template_name"),
    [
        (Application(id="7"), "Application 7", None),
        (Application(id="7", title="", recipient=Recipient(lastname="Souza")), "Souza", None),
        (
            Application(id="7", recipient=Recipient(firstname="Ana", lastname="Souza"), template_id="3"),
            "Ana Souza",
            "3",
        ),
        (Application(id="7", recipient=Recipient(), template=Template(id="4"), template_id="3"), "Application 7", "4"),
        (Application(id="7", title="KYC", template=Template(id="4", title="T"), template_id="3"), "KYC", "T"),
    ],
)
def test_every_application_has_a_name(application: Application, name: str, template_name: str | None) -> None:
    """An application is named by its title, else its recipient, else its number. So is its template."""
    assert (application.name, application.template_name) == (name, template_name)


def test_status_classes_are_ordered() -> None:
    """The classes stand in the order in which an application rises, each with the word people type (C1)."""
    assert [each.word for each in sorted(StatusClass)] == ["open", "pending", "submitted", "approved", "closed"]
