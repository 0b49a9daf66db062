"""The account that a message or window is about travels with its buttons, and nothing else sees it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.views.building import ids
from bot.slack.views.building.account_tags import tagged, tagged_view, untagged
from bot.slack.views.building.blocks import actions, button, message, option, overflow, section, select

MENU = overflow(ids.MORE, [option("Assign to me", "take 1"), option("Why?", "why 1")])
PICK = select("Details of…", ids.DETAILS, [option("Acme", "1")])
MESSAGE = message(section("Acme", button("Details", ids.DETAILS, "1")), actions(MENU, PICK))


@given(st.text(max_size=200), st.none() | st.integers(0, 999_999_999))
def test_a_value_comes_back_as_it_was(value: str, account: int | None) -> None:
    """Whatever a button carries, with a tag or from a message of an older bot without one."""
    sent = value if account is None else f"{account}~{value}"
    if account is not None or not value[:1].isdigit():
        assert untagged(sent) == (account, value)


def test_every_button_and_choice_is_stamped() -> None:
    """Buttons, menus and selects carry the account, but texts and ids stay as they are."""
    text = json.dumps(tagged(MESSAGE, 5).blocks)
    assert [value in text for value in ('"5~1"', '"5~take 1"', '"5~why 1"')] == [True, True, True]
    assert json.loads(text.replace("5~", "")) == json.loads(json.dumps(MESSAGE.blocks))
    assert tagged(MESSAGE, None) is MESSAGE


def test_fields_of_a_form_keep_their_values() -> None:
    """A template's id is a template's id: of a form the metadata carries the account."""
    field: dict[str, Any] = {
        "type": "input",
        "element": {"type": "static_select", "action_id": ids.VALUE, "options": [option("KYC", "7")]},
    }
    view = {"type": "modal", "private_metadata": "d1", "blocks": [field]}
    assert tagged_view(view, 5) == {**view, "private_metadata": "5~d1"}
    assert tagged_view(view, None) == view
