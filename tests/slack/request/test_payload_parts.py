"""Parts of payloads: what stands in the fields of a view, and a view that is sent back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.request.payload_parts import Entry, OpenView


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "email_text_input", "value": "a@b.example"}, "a@b.example"),
        ({"type": "number_input", "value": "12"}, "12"),
        ({"type": "static_select", "selected_option": None}, None),
        ({"type": "external_select", "selected_option": {"value": "9"}}, "9"),
        ({"type": "radio_buttons", "selected_option": {"value": "1"}}, "1"),
        ({"type": "multi_static_select", "selected_options": [{"value": "late"}]}, ["late"]),
        ({"type": "checkboxes", "selected_options": []}, []),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
    ],
)
def test_every_kind_of_element_is_read(entry: dict[str, Any], value: Any) -> None:
    """Every kind of element has a content, as Slack puts it into the state."""
    assert Entry.model_validate(entry).content == value


def test_a_view_is_sent_back_as_it_came() -> None:
    """A view is sent back without what Slack added, and without its account tag."""
    sent = {
        "type": "modal",
        "callback_id": "x",
        "private_metadata": "d1",
        "notify_on_close": True,
        "title": {"type": "plain_text", "text": "X"},
        "blocks": [{"type": "divider", "block_id": "b"}],
    }
    view = OpenView.model_validate({**sent, "id": "V1", "hash": "1.2", "private_metadata": "5~d1", "close": None})
    assert view.as_sent() == sent
    assert OpenView.model_validate({"id": "V1"}).entered == {}
