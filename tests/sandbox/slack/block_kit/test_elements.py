"""The interactive elements of Block Kit, and their values."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.block_kit.elements import Impossible, empty_fields, find, state_values, with_ids

OPTIONS = [{"text": {"type": "plain_text", "text": word}, "value": word.lower()} for word in ("Late", "Created")]


def field(kind: str, **keys: Any) -> list[dict[str, Any]]:
    """Return an input block with one element."""
    element = {"type": kind, "action_id": "value", **keys}
    return [{"type": "input", "block_id": "field", "label": {"type": "plain_text", "text": "x"}, "element": element}]


@pytest.mark.parametrize(
    ("kind", "keys", "entered", "value"),
    [
        ("plain_text_input", {}, "x", {"value": "x"}),
        ("plain_text_input", {}, "", {"value": None}),
        ("url_text_input", {}, "https://a.b", {"value": "https://a.b"}),
        ("number_input", {"is_decimal_allowed": False}, "12", {"value": "12"}),
        ("number_input", {"is_decimal_allowed": True}, "1.5", {"value": "1.5"}),
        ("radio_buttons", {"options": OPTIONS}, "late", {"selected_option": OPTIONS[0]}),
        ("static_select", {"options": OPTIONS}, "Created", {"selected_option": OPTIONS[1]}),
        ("static_select", {"option_groups": [{"options": OPTIONS}]}, OPTIONS[1], {"selected_option": OPTIONS[1]}),
        ("static_select", {"options": OPTIONS}, None, {"selected_option": None}),
        ("checkboxes", {"options": OPTIONS}, ["late", "created"], {"selected_options": OPTIONS}),
        ("multi_external_select", {}, OPTIONS, {"selected_options": OPTIONS}),
        ("users_select", {}, "U1", {"selected_user": "U1"}),
        ("multi_conversations_select", {}, ["C1", "C2"], {"selected_conversations": ["C1", "C2"]}),
        ("datepicker", {}, "2026-01-02", {"selected_date": "2026-01-02"}),
    ],
)
def test_values(kind: str, keys: dict[str, Any], entered: Any, value: dict[str, Any]) -> None:
    """Each element has its value under its own key, by block ID or by action ID within the block."""
    blocks = field(kind, **keys)
    expected = {"field": {"value": {"type": kind, **value}}}
    assert state_values(blocks, {"field": entered}) == expected
    assert state_values(blocks, {"field": {"value": entered}}) == expected


@pytest.mark.parametrize(
    ("kind", "keys", "value"),
    [
        ("plain_text_input", {"initial_value": "x"}, {"value": "x"}),
        ("checkboxes", {"options": OPTIONS, "initial_options": OPTIONS[:1]}, {"selected_options": OPTIONS[:1]}),
        ("external_select", {"initial_option": OPTIONS[0]}, {"selected_option": OPTIONS[0]}),
        ("channels_select", {"initial_channel": "C1"}, {"selected_channel": "C1"}),
        ("multi_users_select", {}, {"selected_users": []}),
    ],
)
def test_initial_values(kind: str, keys: dict[str, Any], value: dict[str, Any]) -> None:
    """An untouched element has its initial value."""
    assert state_values(field(kind, **keys), {})["field"]["value"] == {"type": kind, **value}


@pytest.mark.parametrize(
    ("kind", "keys", "entered"),
    [
        ("plain_text_input", {"max_length": 2}, "xyz"),
        ("plain_text_input", {"min_length": 2}, "x"),
        ("url_text_input", {}, "acme"),
        ("number_input", {"is_decimal_allowed": False}, "1.5"),
        ("external_select", {}, "late"),
        ("multi_static_select", {"options": OPTIONS, "max_selected_items": 1}, ["late", "created"]),
    ],
)
def test_impossible_values(kind: str, keys: dict[str, Any], entered: Any) -> None:
    """What Slack's client would not take raises, and names the field."""
    with pytest.raises(Impossible, match=r"^field: "):
        state_values(field(kind, **keys), {"field": entered})


def test_fields_to_be_filled() -> None:
    """A field is empty when nothing was entered, unless it is optional."""
    needed, optional = field("checkboxes", options=OPTIONS), field("plain_text_input")
    optional[0] |= {"block_id": "other", "optional": True}
    blocks = needed + optional
    assert empty_fields(blocks, state_values(blocks, {})) == ["field"]
    assert empty_fields(blocks, state_values(blocks, {"field": ["late"]})) == []


def test_ids_are_filled_in() -> None:
    """Blocks and elements without ids get some, all different. Those that have one keep it."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    blocks = with_ids([{"type": "actions", "elements": [button, {**button, "action_id": "go"}]}, {"type": "divider"}])
    first, second = (element["action_id"] for element in blocks[0]["elements"])
    assert (second, len({blocks[0]["block_id"], blocks[1]["block_id"], first, second})) == ("go", 4)
    assert find(blocks, "Go")[1]["action_id"] == first
    assert find(blocks, 1)[1]["action_id"] == "go"
