"""What each kind of field takes, and the sentence for what it does not."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from bot.core.forms.action_forms import MAX_AT_ONCE, ActOnManyForm, AskDateForm
from bot.core.forms.admin_forms import RoleForm
from bot.core.forms.application_forms import UpdateForm
from bot.core.forms.subscription_forms import SubscribeForm
from bot.core.forms.validation import Form, Mistakes, read

PHONE = "Enter a phone number such as +351 210 555 010. It can only contain digits, spaces, ( ) . / - and a leading +."


HTTPS = "Enter an address that starts with https://, such as https://example.com/clust."


LOST = "“lost” isn't an option. Choose from created, late, submitted, pending submission, approved."


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
        ("email", "ana", "Enter an email address, such as ana@example.com."),
        ("email", "ana@acme", "Enter an email address, such as ana@example.com."),
        ("email", "a b@acme.example", "Enter an email address, such as ana@example.com."),
        ("phone", "1234", "Enter a phone number with 5 to 20 digits."),
        ("phone", "1" * 21, "Enter a phone number with 5 to 20 digits."),
        ("phone", "call me", PHONE),
        ("webhook_url", "http://a.example", HTTPS),
        ("webhook_url", "https://[x", HTTPS),
        ("webhook_url", "https://acme.example:0/", HTTPS),
        ("folder_id", "1.5", "Enter a whole number, such as 123."),
        ("folder_id", "٣", "Enter a whole number, such as 123."),
        ("title", "x" * 256, "Use at most 255 characters. You entered 256."),
        ("title", {"a": 1}, "Enter some text."),
        ("auto_emails", "perhaps", "Choose one of: Yes, No, Unchanged."),
        ("webhook_events", ["late", "lost"], LOST),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(name: str, typed: Any, sentence: str) -> None:
    """What is wrong, and what would be right."""
    assert _mistake(name, typed) == sentence


@pytest.mark.parametrize(
    ("model", "field", "typed", "kept"),
    [
        (RoleForm, "person", "U123", "U123"),
        (RoleForm, "person", "", None),
        (RoleForm, "person", "<@U123>", "Choose a person"),
        (SubscribeForm, "quiet_from", "20:30", time(20, 30)),
        (SubscribeForm, "quiet_from", "", None),
        (SubscribeForm, "quiet_from", "25:00", "time of day"),
        (SubscribeForm, "weekends", "quiet", "quiet"),
        (SubscribeForm, "weekends", "never", "Choose one of"),
        (SubscribeForm, "events", ["late", "lost"], "“lost” isn't an option"),
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


def test_a_date_is_read() -> None:
    """As Slack's picker sends it, and anything else is asked for again."""
    assert read(AskDateForm, {"date": "2026-12-01"}).date == date(2026, 12, 1)
    for typed in ("tomorrow", "2026-02-30"):
        assert _draft_or_mistakes(AskDateForm, {"date": typed}) == (None, {"date": "Choose a date."})
    assert _draft_or_mistakes(AskDateForm, {"date": ""})[1].keys() == {"date"}


def test_some_of_many_are_chosen() -> None:
    """Each once, at least one, and no more than are done at a time."""
    assert read(ActOnManyForm, {"applications": ["7", "8", "7"], "action": "1"}).applications == ("7", "8")
    too_many = [str(number) for number in range(MAX_AT_ONCE + 1)]
    for typed, sentence in (
        ([], "Choose at least one."),
        ("7", "Choose at least one."),
        (too_many, "Choose at most 20."),
    ):
        _, mistakes = _draft_or_mistakes(ActOnManyForm, {"applications": typed, "action": "1"})
        assert mistakes == {"applications": sentence}
