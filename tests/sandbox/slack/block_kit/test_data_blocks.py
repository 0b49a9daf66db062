"""What Slack takes as a chart and as a table, and what it refuses."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from bot.sandbox.slack.block_kit.validation import data_blocks_refused, validate_message, validate_view

PIE: Any = {
    "type": "data_visualization",
    "title": "Applications",
    "chart": {"type": "pie", "segments": [{"label": "Open", "value": 3}]},
}
BARS: Any = {
    "type": "data_visualization",
    "title": "By week",
    "chart": {
        "type": "bar",
        "series": [{"name": "Created", "data": [{"label": "Nov 2", "value": 0}, {"label": "Nov 9", "value": 2.5}]}],
        "axis_config": {"categories": ["Nov 2", "Nov 9"], "x_label": "Week"},
    },
}
TABLE: Any = {
    "type": "data_table",
    "caption": "By week",
    "page_size": 10,
    "rows": [
        [{"type": "raw_text", "text": "Week"}, {"type": "raw_text", "text": "Created"}],
        [{"type": "raw_text", "text": "Nov 2"}, {"type": "raw_number", "value": 3, "text": "3"}],
    ],
}


def changed(block: Any, path: str, value: Any) -> Any:
    """Return a block with another value at a path. `...` removes it."""
    copy = deepcopy(block)
    *outer, last = path.split(".")
    part: Any = copy
    for name in outer:
        part = part[int(name) if name.isdecimal() else name]
    if value is ...:
        del part[last]
    else:
        part[int(last) if last.isdecimal() else last] = value
    return copy


def test_charts_and_a_table_are_accepted() -> None:
    """Two charts and a table in one message."""
    assert validate_message({"text": "x", "blocks": [PIE, BARS, TABLE]}) == []


@pytest.mark.parametrize(
    ("block", "path", "value", "where"),
    [
        (PIE, "title", "x" * 51, ".title"),
        (PIE, "title", " ", ".title"),
        (PIE, "odd", 1, ".odd"),
        (PIE, "chart", ..., ".chart"),
        (PIE, "chart.type", "radar", ".chart"),
        (PIE, "chart.segments", [], ".chart.segments"),
        (PIE, "chart.segments", [{"label": str(number), "value": 1} for number in range(7)], ".chart.segments"),
        (PIE, "chart.segments.0", "x", ".chart.segments[0]"),
        (PIE, "chart.segments.0.value", 0, ".chart.segments[0].value"),
        (PIE, "chart.segments.0.value", "3", ".chart.segments[0].value"),
        (PIE, "chart.segments.0.label", "x" * 21, ".chart.segments[0].label"),
        (BARS, "chart.series", [], ".chart"),
        (BARS, "chart.axis_config", ..., ".chart"),
        (BARS, "chart.axis_config.categories", ["x"] * 21, ".chart"),
        (BARS, "chart.axis_config.x_label", "", ".chart.axis_config.x_label"),
        (BARS, "chart.series.0.name", "x" * 21, ".chart.series[0].name"),
        (BARS, "chart.series.0.data", [], ".chart.series[0].data"),
        (BARS, "chart.series.0.data.0.label", "Nov 3", ".chart.series[0].data"),
        (BARS, "chart.series", [BARS["chart"]["series"][0]] * 2, ".chart.series"),
        (TABLE, "caption", ..., ".caption"),
        (TABLE, "page_size", 0, ".page_size"),
        (TABLE, "rows", TABLE["rows"][:1], ".rows"),
        (TABLE, "rows", TABLE["rows"] * 51, ".rows"),
        (TABLE, "rows.1", TABLE["rows"][1] * 11, ".rows"),
        (TABLE, "rows.1", TABLE["rows"][1][:1], ".rows"),
        (TABLE, "rows.1.0.text", "", ".rows[1][0].text"),
        (TABLE, "rows.1.0.value", 1, ".rows[1][0].value"),
        (TABLE, "rows.1.0.type", "button", ".rows[1][0]"),
        (TABLE, "rows.1.1.value", True, ".rows[1][1].value"),
        (TABLE, "rows.1.0.text", "x" * 20_001, ".rows"),
    ],
)
def test_what_slack_refuses_of_them(block: Any, path: str, value: Any, where: str) -> None:
    """One thing is wrong, and it is said where."""
    faults = validate_message({"text": "x", "blocks": [changed(block, path, value)]})
    assert f"message.blocks[0]{where}" in {fault.where for fault in faults}


def test_a_message_has_at_most_two_charts() -> None:
    """Slack refuses the third."""
    (fault,) = validate_message({"text": "x", "blocks": [PIE, BARS, PIE]})
    assert (fault.code, fault.where) == ("invalid_blocks", "message.blocks")


def test_where_they_are_not_available_they_are_refused() -> None:
    """With the error code that Slack has for blocks that it doesn't know. Others stay as they are."""
    faults = data_blocks_refused({"blocks": [PIE, {"type": "divider"}, TABLE]})
    assert [(fault.code, fault.where) for fault in faults] == [
        ("invalid_blocks", "message.blocks[0]"),
        ("invalid_blocks", "message.blocks[2]"),
    ]
    assert data_blocks_refused({"text": "x"}) == []


def test_they_stand_in_messages_alone() -> None:
    """A window with a chart is refused."""
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [PIE]}
    assert [fault.where for fault in validate_view(view)] == ["view.blocks[0]"]
