"""What people fill in: forgiving checks in words, and what an update sends of it (rules M1 to M3)."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.forms.fields import Field, Kind
from bot.core.forms.form import NEEDED, Form, Mistakes, asked_of, is_needed, is_shown, read
from bot.core.forms.forms import (
    NEW_TEMPLATE,
    ConsoleForm,
    CreateForm,
    DeleteForm,
    PickForm,
    RoleForm,
    SubscribeForm,
    UpdateForm,
    filled,
    with_template,
)
from bot.core.forms.update_diff import Conflict, also_changed, changed, conflicts, initial

NEEDED_FIELDS = {"template_id": "9", "first_name": "Ana", "last_name": "Silva", "email": "ana@acme.example"}
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
PHONE = "A phone number has digits, spaces, brackets and perhaps a + in front, as in +351 210 555 010."
HTTPS = "This must be an address that begins with https://, as in https://example.com/clust."
LOST = "There is no “lost” here, only created, late, submitted, pending submission, approved."


class Toy(Form):
    """A form of two lines."""

    name: Annotated[str, Field("Name")]
    size: Annotated[int | None, Field("Size", Kind.NUMBER)] = None


def _mistake(name: str, typed: Any) -> str:
    with pytest.raises(Mistakes) as caught:
        read(UpdateForm, {name: typed})
    assert set(caught.value.fields) == {name}
    return caught.value.fields[name]


def _draft_or_mistakes(model: type[Form], typed: Any) -> tuple[Form | None, dict[str, str]]:
    try:
        return read(model, typed), {}
    except Mistakes as mistakes:
        return None, mistakes.fields


def test_a_field_is_one_line() -> None:
    """The type says what is kept and what is needed, the rest is how it is asked."""
    assert read(Toy, {"name": " Ana ", "size": "#12"}) == Toy(name="Ana", size=12)
    with pytest.raises(Mistakes) as caught:
        read(Toy, {"size": "twelve"})
    assert caught.value.fields == {"name": NEEDED, "size": "This must be a whole number, as in 123."}


def test_events_of_a_webhook_need_its_address() -> None:
    """For a new application; an update may be of one whose address is known, or not told."""
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**NEEDED_FIELDS, "webhook_events": ["late"]})
    assert caught.value.fields == {
        "webhook_events": "Clust calls a webhook on these: fill in its URL above, or choose none."
    }
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**NEEDED_FIELDS, "webhook_url": "http://x", "webhook_events": ["late"]})
    assert set(caught.value.fields) == {"webhook_url"}
    assert read(UpdateForm, {"webhook_events": ["late"]}).webhook_events == ("late",)


def test_create_asks_what_update_asks() -> None:
    """The same fields in the same order, after the account; create needs what the API needs, update nothing (M3)."""
    names = list(asked_of(UpdateForm))
    assert list(asked_of(CreateForm)) == ["connection", *names]
    assert names[:5] == ["template_id", "new_template", "first_name", "last_name", "email"]
    assert {name for name in names if is_needed(CreateForm, name)} == {*NEEDED_FIELDS, "new_template"}
    assert [name for name in names if is_needed(UpdateForm, name)] == ["new_template"]
    assert read(DeleteForm, {"anything": "else"}) == DeleteForm()


def test_a_create_sends_what_was_filled_in() -> None:
    """Nothing else, and all of it in its type."""
    typed = {
        **NEEDED_FIELDS,
        "phone": " +351 (21) 055 50 10 ",
        "title": "",
        "auto_emails": "0",
        "folder_id": "7",
        "custom": "one\r\ntwo",
        "webhook_url": "https://acme.example/hook",
        "webhook_events": ["approved", "late"],
    }
    assert filled(read(CreateForm, typed)) == {
        **NEEDED_FIELDS,
        "phone": "+351 (21) 055 50 10",
        "auto_emails": "0",
        "folder_id": 7,
        "custom": "one\ntwo",
        "webhook_url": "https://acme.example/hook",
        "webhook_events": ["late", "approved"],
    }


def test_a_new_template_needs_a_title_and_is_then_the_template() -> None:
    """Asked only where it was chosen; a title left over from an earlier choice is no title."""
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**NEEDED_FIELDS, "template_id": NEW_TEMPLATE})
    assert caught.value.fields == {"new_template": NEEDED}
    draft = read(CreateForm, {**NEEDED_FIELDS, "template_id": NEW_TEMPLATE, "new_template": "KYC"})
    assert draft.new_template == "KYC"
    assert filled(with_template(draft, "55")) == {**NEEDED_FIELDS, "template_id": "55"}
    assert read(CreateForm, {**NEEDED_FIELDS, "new_template": "KYC"}).new_template is None


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("email", " mailto:Ana@acme.example ", "Ana@acme.example"),
        ("email", "<o'brien@acme.co.uk>", "o'brien@acme.co.uk"),
        ("email", "“ana@acme.example”", "ana@acme.example"),
        ("phone", "tel:+351210555010", "+351210555010"),
        ("phone", "021\u2013055\u00a05010", "021-055 5010"),
        ("phone", "1" * 5, "1" * 5),
        ("phone", "1" * 20, "1" * 20),
        ("title", "  L\u2019Oréal  ", "L\u2019Oréal"),
        ("title", "a\x00b\ud800", "ab"),
        ("title", "\u200b", None),
        ("webhook_url", "<https://acme.example>", "https://acme.example"),
        ("auto_emails", "unset", None),
        ("folder_id", " # 12 ", 12),
    ],
)
def test_what_is_meant_is_understood(name: str, typed: str, kept: Any) -> None:
    """Spaces, links that Slack or a mail program made, typographic signs where a machine reads."""
    assert getattr(read(UpdateForm, {name: typed}), name) == kept


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("email", "ana", "This can't be an e-mail address: one looks like ana@example.com."),
        ("email", "ana@acme", "This can't be an e-mail address: one looks like ana@example.com."),
        ("email", "a b@acme.example", "This can't be an e-mail address: one looks like ana@example.com."),
        ("phone", "1234", "A phone number has 5 to 20 digits."),
        ("phone", "1" * 21, "A phone number has 5 to 20 digits."),
        ("phone", "call me", PHONE),
        ("webhook_url", "http://a.example", HTTPS),
        ("webhook_url", "https://[x", HTTPS),
        ("webhook_url", "https://acme.example:0/", HTTPS),
        ("folder_id", "1.5", "This must be a whole number, as in 123."),
        ("folder_id", "٣", "This must be a whole number, as in 123."),
        ("title", "x" * 256, "At most 255 characters, please: these are 256."),
        ("title", {"a": 1}, "This must be text."),
        ("auto_emails", "perhaps", "Please choose one of: Yes, No, Unchanged."),
        ("webhook_events", ["late", "lost"], LOST),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_words(name: str, typed: Any, sentence: str) -> None:
    """What is wrong, and what would be right."""
    assert _mistake(name, typed) == sentence


def test_a_method_is_one_of_five() -> None:
    """Also where a forged submission says otherwise."""
    assert read(ConsoleForm, {"path": "/dossiers"}).method == "GET"
    with pytest.raises(Mistakes) as caught:
        read(ConsoleForm, {"path": "/dossiers", "method": "TRACE"})
    assert set(caught.value.fields) == {"method"}


def test_m3_an_untouched_form_sends_nothing() -> None:
    """Whatever Clust told, typographic signs and numbers included."""
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
    """Also where only they changed a field; the same wish is no conflict, and neither is a key that is not told."""
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
    """A key that was not told when the form opened, and that this person did not touch, says nothing of a change."""
    opened = initial(VALUES)
    del opened["title"]
    assert conflicts(opened, initial(VALUES), {}) == ()


def test_m3_what_a_put_erased_is_found() -> None:
    """A field that we did not send, known before and after, and not the same."""
    after = {**VALUES, "title": "New", "folder_id": None, "auto_emails": "1", "webhook_events": ["created", "late"]}
    assert also_changed(VALUES, after, {"title"}) == {"folder_id": (7, None)}


anything = st.none() | st.text() | st.lists(st.text()) | st.integers() | st.floats() | st.booleans() | st.binary()


@given(
    st.sampled_from([CreateForm, UpdateForm, PickForm, ConsoleForm]),
    st.dictionaries(st.sampled_from(list(asked_of(UpdateForm))), anything),
)
def test_anything_is_a_draft_or_mistakes(model: type[Form], typed: dict[str, Any]) -> None:
    """And a draft is read from its own values again."""
    draft, mistakes = _draft_or_mistakes(model, typed)
    assert set(mistakes) <= set(model.model_fields)
    assert all(mistakes.values())
    assert draft is None or read(model, draft.model_dump(mode="json")) == draft


@given(st.dictionaries(st.sampled_from(list(asked_of(UpdateForm))), anything))
def test_whatever_clust_told_an_untouched_form_sends_nothing(values: dict[str, Any]) -> None:
    """Nothing is changed behind a person's back (rule M3)."""
    start = initial(values)
    assert changed(start, read(UpdateForm, start)) == {}


@pytest.mark.parametrize(
    ("model", "field", "typed", "kept"),
    [
        (RoleForm, "person", "U123", "U123"),
        (RoleForm, "person", "", None),
        (RoleForm, "person", "<@U123>", "choose a person"),
        (SubscribeForm, "quiet_from", "20:30", time(20, 30)),
        (SubscribeForm, "quiet_from", "", None),
        (SubscribeForm, "quiet_from", "25:00", "time of the day"),
        (SubscribeForm, "weekends", "quiet", "quiet"),
        (SubscribeForm, "weekends", "never", "Please choose one of"),
        (SubscribeForm, "events", ["late", "lost"], "There is no “lost” here"),
    ],
)
def test_each_kind_of_field_says_what_it_takes(model: type[Form], field: str, typed: Any, kept: Any) -> None:
    """What was chosen is kept, nothing is None, and anything else a sentence below the field."""
    needed = {"role": "viewer", "channel": "C1"}
    draft, mistakes = _draft_or_mistakes(model, {**needed, field: typed})
    if draft:
        assert getattr(draft, field) == kept
    else:
        assert mistakes.keys() == {field}
        assert kept in mistakes[field]


def test_a_field_that_depends_on_another_is_asked_and_needed_beside_it() -> None:
    """The time of a daily summary is asked where it is daily, and then it must be filled in; a limit never must."""
    asked = asked_of(SubscribeForm)
    assert [is_shown(asked["daily_at"], {"schedule": word}) for word in ("daily", "hourly")] == [True, False]
    assert is_shown(asked["limit"], {})
    assert [is_needed(SubscribeForm, name) for name in ("daily_at", "channel", "limit")] == [True, True, False]
