"""The table of limits: each row is met at its maximum, and one more is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.block_kit.limits import LIMITS
from bot.sandbox.slack.block_kit.validation import Fault, validate_message, validate_view


def plain(length: int) -> dict[str, Any]:
    """Return a plain text object of this length."""
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> dict[str, Any]:
    """Return a mrkdwn object of this length."""
    return {"type": "mrkdwn", "text": "x" * length}


def button(**more: Any) -> dict[str, Any]:
    """Return a button."""
    return {"type": "button", "text": plain(1), "action_id": "a", **more}


def options(number: int, **more: Any) -> list[dict[str, Any]]:
    """Return so many options."""
    return [{"text": plain(1), "value": str(at), **more} for at in range(number)]


def message(*blocks: Any, **more: Any) -> dict[str, Any]:
    """Return a message with these blocks."""
    return {"text": "t", "blocks": list(blocks), **more}


def section(accessory: dict[str, Any]) -> dict[str, Any]:
    """Return a message of one section with an element at its side."""
    return message({"type": "section", "text": mrkdwn(1), "accessory": accessory})


def actions(*elements: Any) -> dict[str, Any]:
    """Return a message of one row of elements."""
    return message({"type": "actions", "elements": list(elements)})


def modal(*blocks: Any, **more: Any) -> dict[str, Any]:
    """Return a modal with these blocks."""
    return {"type": "modal", "title": plain(5), "blocks": list(blocks), **more}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a modal with one input."""
    block = {"type": "input", "label": plain(5), "element": element, **more}
    return modal(block, submit=plain(4))


DIVIDER = {"type": "divider"}
CONFIRM = {"title": plain(1), "text": mrkdwn(1), "confirm": plain(1), "deny": plain(1)}


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: {"text": "x" * n}, 4000),
        (lambda n: message(*[DIVIDER] * n), 50),
        (lambda n: message({"type": "section", "text": mrkdwn(n)}), 3000),
        (lambda n: message({"type": "section", "fields": [mrkdwn(1)] * n}), 10),
        (lambda n: message({"type": "section", "fields": [mrkdwn(n)]}), 2000),
        (lambda n: message({"type": "header", "text": plain(n)}), 150),
        (lambda n: message({"type": "context", "elements": [mrkdwn(1)] * n}), 10),
        (lambda n: actions(*(button(action_id=str(at)) for at in range(n))), 25),
        (
            lambda n: message(
                *({"type": "section", "text": mrkdwn(1000)} for _ in range(11)), {"type": "section", "text": mrkdwn(n)}
            ),
            1000,
        ),
        (lambda n: message({**DIVIDER, "block_id": "x" * n}), 255),
        (lambda n: message({"type": "image", "image_url": "https://x.example", "alt_text": "x" * n}), 2000),
        (lambda n: actions(button(text=plain(n))), 75),
        (lambda n: actions(button(value="x" * n)), 2000),
        (lambda n: actions(button(url="https://" + "x" * (n - 8))), 3000),
        (lambda n: actions(button(action_id="x" * n)), 255),
        (lambda n: actions(button(confirm={**CONFIRM, "title": plain(n)})), 100),
        (lambda n: actions(button(confirm={**CONFIRM, "text": mrkdwn(n)})), 300),
        (lambda n: actions(button(confirm={**CONFIRM, "deny": plain(n)})), 30),
        (lambda n: section({"type": "overflow", "options": options(n)}), 5),
        (lambda n: section({"type": "checkboxes", "options": options(n)}), 10),
        (lambda n: section({"type": "radio_buttons", "options": options(n)}), 10),
        (lambda n: section({"type": "static_select", "options": options(n)}), 100),
        (lambda n: section({"type": "static_select", "options": options(1, text=plain(n))}), 75),
        (lambda n: section({"type": "static_select", "options": options(1, value="x" * n)}), 150),
        (lambda n: section({"type": "static_select", "options": options(1, description=plain(n))}), 75),
        (lambda n: section({"type": "static_select", "options": options(1), "placeholder": plain(n)}), 150),
    ],
)
def test_a_message_is_accepted_up_to_each_maximum(make: Any, most: int) -> None:
    """The maximum itself is fine, and one more is exactly one fault."""
    assert validate_message(make(most)) == []
    assert len(validate_message(make(most + 1))) == 1


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: modal(*[DIVIDER] * n), 100),
        (lambda n: modal(DIVIDER, title=plain(n)), 24),
        (lambda n: modal(DIVIDER, submit=plain(n)), 24),
        (lambda n: modal(DIVIDER, close=plain(n)), 24),
        (lambda n: modal(DIVIDER, private_metadata="x" * n), 3000),
        (lambda n: modal(DIVIDER, callback_id="x" * n), 255),
        (lambda n: field({"type": "plain_text_input"}, label=plain(n)), 2000),
        (lambda n: field({"type": "plain_text_input"}, hint=plain(n)), 2000),
        (lambda n: field({"type": "plain_text_input", "initial_value": "x" * n}), 3000),
        (lambda n: field({"type": "plain_text_input", "placeholder": plain(n)}), 150),
        (lambda n: {"type": "home", "blocks": [DIVIDER] * n}, 100),
    ],
)
def test_a_view_is_accepted_up_to_each_maximum(make: Any, most: int) -> None:
    """The maximum itself is fine, and one more is exactly one fault."""
    assert validate_view(make(most)) == []
    assert [fault.code for fault in validate_view(make(most + 1))] == ["invalid_arguments"]


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        ({}, Fault("no_text", "message.text", "is missing: a message needs it, with blocks too")),
        ({"blocks": [DIVIDER]}, Fault("no_text", "message.text", "is missing: a message needs it, with blocks too")),
        ({"text": "x" * 4001}, Fault("msg_too_long", "message.text", "has 4001 characters, more than 4000")),
        (message() | {"blocks": "[]"}, Fault("invalid_blocks_format", "message.blocks", "must be a list")),
        (
            message(*({"type": "section", "text": mrkdwn(2500)} for _ in range(5))),
            Fault("msg_blocks_too_long", "message.blocks", "hold more than 12000 characters together"),
        ),
        (message({"type": "secton"}), Fault("invalid_blocks", "message.blocks[0]", "")),
        (
            message({"type": "section", "text": mrkdwn(1), "acessory": {}}),
            Fault("invalid_blocks", "message.blocks[0].acessory", "is not known in section"),
        ),
        (message({"type": "section"}), Fault("invalid_blocks", "message.blocks[0]", "needs text or fields")),
        (message("text"), Fault("invalid_blocks", "message.blocks[0]", "must be an object")),
        (
            message({"type": "section", "text": {"type": "mrkdwn", "text": " "}}),
            Fault("invalid_blocks", "message.blocks[0].text.text", "is empty"),
        ),
        (
            message({"type": "header", "text": mrkdwn(1)}),
            Fault("invalid_blocks", "message.blocks[0].text", "can't be mrkdwn: plain_text"),
        ),
        (
            message({**DIVIDER, "block_id": "a"}, {**DIVIDER, "block_id": "a"}),
            Fault("invalid_blocks", "message.blocks", "block_id a stands more than once"),
        ),
        (
            actions(button(), button()),
            Fault("invalid_blocks", "message.blocks[0].elements", "action_id a stands more than once"),
        ),
        (actions(), Fault("invalid_blocks", "message.blocks[0].elements", "has 0 items, fewer than 1")),
        (actions(button(url="clust")), Fault("invalid_blocks", "message.blocks[0].elements[0].url", "must be a URL")),
        (
            actions(button(style="red")),
            Fault("invalid_blocks", "message.blocks[0].elements[0].style", "must be primary or danger"),
        ),
        (actions(button(value=7)), Fault("invalid_blocks", "message.blocks[0].elements[0].value", "must be a string")),
        (actions({"type": "plain_text_input"}), Fault("invalid_blocks", "message.blocks[0].elements[0]", "")),
        (
            section({"type": "static_select", "options": []}),
            Fault("invalid_blocks", "message.blocks[0].accessory.options", "has 0 items, fewer than 1"),
        ),
        (
            section({"type": "static_select"}),
            Fault("invalid_blocks", "message.blocks[0].accessory", "needs options or option_groups"),
        ),
        (
            section({"type": "overflow", "options": options(1)}),
            Fault("invalid_blocks", "message.blocks[0].accessory.options", "has 1 items, fewer than 2"),
        ),
        (
            section({"type": "static_select", "options": options(2), "initial_option": options(3)[2]}),
            Fault("invalid_blocks", "message.blocks[0].accessory.initial_option", "is not among the options"),
        ),
        (
            message({"type": "image", "image_url": "https://x.example"}),
            Fault("invalid_blocks", "message.blocks[0].alt_text", "is missing"),
        ),
        (
            message(metadata={"event_type": "x"}),
            Fault("invalid_metadata_format", "message.metadata.event_payload", "is missing"),
        ),
        (
            message(metadata={"event_type": "x", "event_payload": []}),
            Fault("invalid_metadata_format", "message.metadata.event_payload", "must be an object"),
        ),
    ],
)
def test_a_message_that_slack_refuses_has_its_error_code(payload: dict[str, Any], fault: Fault) -> None:
    """Each mistake is one fault, with Slack's code and the place."""
    [fault_reported] = validate_message(payload)
    assert (fault_reported.code, fault_reported.where) == (fault.code, fault.where)
    assert fault_reported.problem == fault.problem or not fault.problem


@pytest.mark.parametrize(
    ("view", "where"),
    [
        ({"type": "message"}, "view.type"),
        ({"type": "modal", "blocks": [DIVIDER]}, "view.title"),
        (modal(DIVIDER, titel="x"), "view.titel"),
        (modal(), "view.blocks"),
        (modal({"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}), "view.submit"),
        (field({"type": "button", "text": plain(1)}), "view.blocks[0].element"),
        (field({"type": "number_input"}), "view.blocks[0].element.is_decimal_allowed"),
        (field({"type": "plain_text_input", "multiline": "yes"}), "view.blocks[0].element.multiline"),
        (field({"type": "external_select", "min_query_length": "one"}), "view.blocks[0].element.min_query_length"),
        (field({"type": "external_select", "min_query_length": 101}), "view.blocks[0].element.min_query_length"),
        (field({"type": "multi_users_select", "initial_users": "U1"}), "view.blocks[0].element.initial_users"),
    ],
)
def test_a_view_that_slack_refuses_says_where(view: dict[str, Any], where: str) -> None:
    """Each mistake is one fault at its place."""
    assert [fault.where for fault in validate_view(view)] == [where]


def test_a_view_has_at_most_250_kb() -> None:
    """Bytes count, not characters."""
    view = modal(*({"type": "section", "text": {"type": "mrkdwn", "text": "é" * 3000}} for _ in range(42)))
    assert [fault.code for fault in validate_view(view)] == ["view_too_large"]


def test_rich_text_is_known() -> None:
    """A list of words with a style passes, but a word without its url does not."""
    words: list[dict[str, Any]] = [
        {"type": "text", "text": "a", "style": {"bold": True}},
        {"type": "link", "url": "https://x.example"},
    ]
    lists = {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [{"type": "rich_text_section", "elements": words}],
    }
    assert validate_message(message({"type": "rich_text", "elements": [lists]})) == []
    del words[1]["url"]
    assert len(validate_message(message({"type": "rich_text", "elements": [lists]}))) == 1


def test_no_row_stands_twice() -> None:
    """Each key of each kind has one row in the table."""
    rows = [(row.where, row.key) for row in LIMITS]
    assert len(rows) == len(set(rows))
