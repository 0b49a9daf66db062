"""Actions are carried to another account as text, and what can't be read is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.quotas import SAVED_ACTIONS
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import SavedAction
from bot.core.saved_actions.transfer import MAX_LENGTH, exported, imported
from tests.core.saved_actions.test_saving_form import CLOSE, REMIND


def test_what_is_exported_is_imported_as_it_was() -> None:
    """Names, calls with placeholders, classes, roles and switches."""
    assert imported(exported([CLOSE, REMIND])) == [CLOSE, REMIND]


def test_an_import_of_ten_thousand_is_refused() -> None:
    """With the sentence of the bound, before any of them is read."""
    with pytest.raises(UsageError, match=f"{SAVED_ACTIONS.most}"):
        imported(json.dumps({"actions": [{"name": "A"}] * 10_000}))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "isn't valid JSON"),
        ("[" * 100_000, "isn't valid JSON"),
        ("[]", "no list of actions"),
        ('{"actions": []}', "no list of actions"),
        ('{"actions": [1]}', "Action 1: It isn't a JSON object"),
        ('{"actions": [{"name": "A", "path": "/../a"}]}', "Action 1: path"),
        ('{"actions": [{"name": "A", "path": "/a", "headers": "Authorization: x"}]}', "looks like a credential"),
        ('{"actions": [{"path": "/a"}]}', "Action 1: name"),
        (" " * (MAX_LENGTH + 1), "too long"),
    ],
)
def test_what_cannot_be_imported(text: str, why: str) -> None:
    """The sentence says which action and why."""
    with pytest.raises(UsageError, match=why):
        imported(text)


@given(st.text())
def test_no_text_is_more_than_refused(text: str) -> None:
    """Whatever is pasted, it is read or refused with a sentence."""
    try:
        imported(text)
        imported(json.dumps({"actions": [{"name": text, "path": text, "body": text, "headers": text}]}))
    except UsageError:
        pass


def test_an_export_names_no_credential() -> None:
    """There is none to carry: no action can have one."""
    action = SavedAction("A", RequestTemplate.parse("POST", "/a", headers="X-Reference: 1"))
    assert "uthorization" not in exported([action])
