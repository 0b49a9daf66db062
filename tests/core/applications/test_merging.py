"""What stays of an application when more is read of it, and what is replaced (rule R1)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.model import Application, Recipient, read_tolerantly

ANA = {"id": 1, "firstname": "Ana", "lastname": "Bell", "full_name": "Ana Bell", "phone": "+351 1"}
BOB = {"id": 2, "firstname": "Bob", "lastname": "Stone", "email": "bob@example.com", "phone": None}


def read(**keys: Any) -> Application:
    """Read an application with these keys."""
    return read_tolerantly(Application, {"id": 1, **keys})


def contact(*looks: dict[str, Any], is_single: bool = False) -> Recipient:
    """Return the recipient after one look after the other."""
    application = read()
    for look in looks:
        application = application.merged(read(contact=look), is_single=is_single)
    assert application.recipient
    return application.recipient


@pytest.mark.parametrize("is_single", [False, True])
def test_another_person_replaces_the_contact(is_single: bool) -> None:
    """A7: a contact that is someone else replaces the old one, in a list row and in a single read."""
    bob = contact(ANA, BOB, is_single=is_single)
    assert (bob.name, bob.email, bob.phone) == ("Bob Stone", "bob@example.com", None)


@pytest.mark.parametrize(
    ("before", "after", "is_other"),
    [
        ({"id": 1}, {"id": 2}, True),
        ({"id": 1}, {"id": "1"}, False),
        ({"id": 1, "email": "a@x.com"}, {"id": 1, "email": "b@x.com"}, False),
        ({"id": 1, "email": "a@x.com"}, {"id": 2, "email": "a@x.com"}, True),
        ({"id": 1, "email": "a@x.com"}, {"id": None, "email": "b@x.com"}, True),
        ({"id": 1, "email": "a@x.com"}, {"email": "A@X.com "}, False),
        ({"email": "a@x.com"}, {"id": 2, "email": "b@x.com"}, True),
        ({"email": "a@x.com"}, {"id": 2, "email": "a@x.com"}, False),
        ({"id": "", "email": "a@x.com"}, {"id": [], "email": "b@x.com"}, True),
        ({"email": "a@x.com"}, {"email": None}, False),
        ({"email": "a@x.com"}, {"id": 2}, False),
        ({"id": 1}, {"email": "b@x.com"}, False),
    ],
)
def test_when_a_contact_is_another_person(before: dict[str, Any], after: dict[str, Any], is_other: bool) -> None:
    """A7: people differ by id, and by email where one of them has no id. What is not known differs from nothing."""
    assert (contact({**before, "phone": "1"}, after).phone is None) is is_other


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (ANA, {"id": 1, "lastname": "Stone"}, "Ana Stone"),
        (ANA, {"lastname": "Stone", "full_name": None}, "Ana Stone"),
        (ANA, {"full_name": "Bob Stone"}, "Bob Stone"),
        ({"full_name": "Ana Bell"}, {"firstname": "Bob", "lastname": "Stone"}, "Bob Stone"),
        ({"full_name": "Ana Bell"}, {"firstname": "Ana"}, "Ana Bell"),
        ({"full_name": "Dr. Ana Bell"}, {"firstname": "Ana", "lastname": "Bell"}, "Dr. Ana Bell"),
        ({"firstname": "Ana", "lastname": "Bell"}, {"full_name": "Bob Stone", "firstname": "Bob"}, "Bob Stone"),
    ],
)
def test_a_full_name_follows_its_parts(before: dict[str, Any], after: dict[str, Any], name: str) -> None:
    """R1: a full name does not outlive a changed first or last name, but one that is only learned changes nothing."""
    assert contact(before, after).name == name


def test_parts_of_a_name_follow_the_whole() -> None:
    """R1: a first and a last name do not outlive another full name, known before or not."""
    for before in (ANA, {"firstname": "Ana", "lastname": "Bell"}):
        bob = contact(before, {"full_name": "Bob Stone"}, {"full_name": ""})
        assert (bob.firstname, bob.lastname) == (None, None)


names = st.none() | st.sampled_from(["Ana", "Bob", "Bell", "Stone"])
people = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | st.sampled_from([1, "1", 2, "2"]),
        "firstname": names,
        "lastname": names,
        "full_name": st.none() | st.sampled_from(["Ana Bell", "Bob Stone", "Ana Stone"]),
        "email": st.none() | st.sampled_from(["ana@x.com", "ANA@x.com", "bob@x.com"]),
        "phone": st.none() | st.sampled_from(["1", "2"]),
    },
)


others = st.sampled_from([{"id": 3}, {"id": "3", "email": "eve@x.com"}, {"id": None, "email": "eve@x.com"}])


@given(st.lists(people, max_size=5), people, people, others, st.booleans())
def test_nothing_of_the_previous_contact_is_kept(
    looks: list[dict[str, Any]], before: dict[str, Any], last: dict[str, Any], other: dict[str, Any], is_single: bool
) -> None:
    """A7: if the recipient has another ID or email address, nothing of the previous recipient is kept."""
    looks = [*looks, {**before, "id": 1, "email": "ana@x.com"}]
    last = {**last, **other}
    assert contact(*looks, last, is_single=is_single) == contact(last)


@given(st.lists(people, min_size=1, max_size=6), people)
def test_a_name_never_contradicts_what_was_read_last(looks: list[dict[str, Any]], last: dict[str, Any]) -> None:
    """R1: whatever names were known before, the name shown holds each that was read last."""
    name = contact(*looks, last).name or ""
    if last.get("full_name"):
        assert name == last["full_name"]
    else:
        assert all(part in name for part in (last.get("firstname"), last.get("lastname")) if part)


@given(st.lists(people, min_size=1, max_size=6), people)
def test_reading_the_same_again_changes_nothing(looks: list[dict[str, Any]], last: dict[str, Any]) -> None:
    """R1: an unchanged row changes nothing."""
    assert contact(*looks, last, last) == contact(*looks, last)


KYC = {"id": 5, "title": "KYC", "is_live": True}


@pytest.mark.parametrize(
    ("before", "after", "template"),
    [
        ({"template": KYC}, {"template": {"id": 9}}, (None, "9", None)),
        ({"template": KYC, "template_id": 5}, {"template_id": 9}, (None, None, "9")),
        ({"template": KYC}, {"template_id": "9", "template": None}, (None, None, "9")),
        ({"template": {"title": "KYC"}, "template_id": 5}, {"template_id": 9}, (None, None, "9")),
        ({"template": KYC, "template_id": 5}, {"template": {"title": "New"}, "template_id": 9}, ("New", None, "9")),
        ({"template_id": 5}, {"template": {"id": 9, "title": "New"}}, ("New", "9", None)),
        ({"template": KYC}, {"template": {"id": "5", "title": "KYC 2"}}, ("KYC 2", "5", None)),
        ({"template": KYC}, {"template_id": 5}, ("KYC", "5", "5")),
        ({"template": KYC}, {"template": {"title": "KYC 2"}}, ("KYC 2", "5", None)),
    ],
)
def test_another_template_replaces_the_old_one(
    before: dict[str, Any], after: dict[str, Any], template: tuple[str | None, str | None, str | None]
) -> None:
    """A7: a template with another id, in either of its two places, leaves nothing of the one before."""
    merged = read(**before).merged(read(**after))
    one = merged.template
    assert (one and one.title, one and one.id, merged.template_id) == template


def test_a_null_empties_in_a_single_read_alone() -> None:
    """R1: a null in a list row is unknown, one in a single read is an emptied value, at any depth."""
    before = read(title="Acme", external_id="A", contact={"id": 1, "email": "a@x.com", "phone": "1"})
    after = read(title=None, contact={"id": 1, "phone": None, "phone_number": None})
    assert before.merged(after) == before
    emptied = before.merged(after, is_single=True)
    assert emptied.recipient
    assert (emptied.title, emptied.external_id) == (None, "A")
    assert (emptied.recipient.email, emptied.recipient.phone) == ("a@x.com", None)
    assert before.merged(read(contact=None), is_single=True).recipient is None


def test_a_null_beside_the_other_name_of_a_field_empties_nothing() -> None:
    """R1: a field has one value, whichever of its two names carries it."""
    assert read(progress_percentage=None, progress=50).progress == 50
    person = contact({"phone": "1"}, {"phone": None, "phone_number": "2"}, is_single=True)
    assert person.phone == "2"


def test_a_null_does_not_end_lateness() -> None:
    """C4: null is neither yes nor no, so that what lists call late is not announced again and again."""
    assert read(is_late=True).merged(read(is_late=None), is_single=True).is_late is True
