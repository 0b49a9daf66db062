"""What people fill in: forgiving checks in words, and what an update sends of it (rules M1 to M3)."""

from __future__ import annotations

import pytest

from bot.core.forms.application_forms import NEW_TEMPLATE, CreateForm, UpdateForm, filled, with_template
from bot.core.forms.validation import NEEDED, Mistakes, asked_of, is_needed, read

NEEDED_FIELDS = {"template_id": "9", "first_name": "Ana", "last_name": "Silva", "email": "ana@acme.example"}


def test_events_of_a_webhook_need_its_address() -> None:
    """This holds for a new application. On update, the address may be known or not sent by Clust."""
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**NEEDED_FIELDS, "webhook_events": ["late"]})
    assert caught.value.fields == {
        "webhook_events": "These events need a webhook URL. Fill it in above, or choose no events."
    }
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**NEEDED_FIELDS, "webhook_url": "http://x", "webhook_events": ["late"]})
    assert set(caught.value.fields) == {"webhook_url"}
    assert read(UpdateForm, {"webhook_events": ["late"]}).webhook_events == ("late",)


def test_clust_calls_one_address_alone() -> None:
    """The bot or another one: its events need no address beside it, and an address beside it is a mistake."""
    chosen = {**NEEDED_FIELDS, "webhook_to_bot": "1", "webhook_events": ["late"]}
    assert "webhook_to_bot" not in filled(read(CreateForm, chosen))
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**chosen, "webhook_url": "https://example.com/clust"})
    assert set(caught.value.fields) == {"webhook_url"}


def test_create_asks_what_update_asks() -> None:
    """The same fields in the same order, after the account. Create needs what the API needs, update nothing (M3)."""
    names = list(asked_of(UpdateForm))
    assert list(asked_of(CreateForm)) == ["connection", *names, "webhook_to_bot"]
    assert names[:5] == ["template_id", "new_template", "first_name", "last_name", "email"]
    assert {name for name in names if is_needed(CreateForm, name)} == {*NEEDED_FIELDS, "new_template"}
    assert [name for name in names if is_needed(UpdateForm, name)] == ["new_template"]


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
    """Asked only where it was chosen, and a title left over from an earlier choice is no title."""
    with pytest.raises(Mistakes) as caught:
        read(CreateForm, {**NEEDED_FIELDS, "template_id": NEW_TEMPLATE})
    assert caught.value.fields == {"new_template": NEEDED}
    draft = read(CreateForm, {**NEEDED_FIELDS, "template_id": NEW_TEMPLATE, "new_template": "KYC"})
    assert draft.new_template == "KYC"
    assert filled(with_template(draft, "55")) == {**NEEDED_FIELDS, "template_id": "55"}
    assert read(CreateForm, {**NEEDED_FIELDS, "new_template": "KYC"}).new_template is None
