"""Charts and tables within Slack's limits, and a table as text."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack.block_kit.validation import validate_message
from bot.slack.views.building.charts import bars, pie, table, text_table


def faults(*blocks: Any) -> list[Any]:
    """Return what Slack would refuse."""
    return validate_message({"text": "x", "blocks": blocks})


def test_a_pie_leaves_out_what_is_nothing() -> None:
    """Slack takes positive values alone, and without any there is no chart."""
    block = pie("Status", {"Open": 3, "Closed": 0})
    assert block
    assert block["chart"]["segments"] == [{"label": "Open", "value": 3}]
    assert faults(block) == []
    assert pie("Status", {"Open": 0}) is None


def test_bars_have_the_labels_of_their_categories() -> None:
    """A value of each series for each category, and without any there is no chart."""
    block = bars("Weeks", ["Nov 2", "Nov 9"], {"Created": [1, 0], "Approved": [0, 0]}, "Week of")
    assert faults(block) == []
    assert bars("Weeks", ["Nov 2"], {"Created": [0]}, "Week of") is None


def test_a_table_is_cells() -> None:
    """Words and numbers. What is empty is a dash, for Slack takes no empty text."""
    block = table("By week", ["Week", "Created"], [["Nov 2", 1200], ["", 0.5]])
    assert faults(block) == []
    assert [cell["text"] for row in block["rows"] for cell in row] == ["Week", "Created", "Nov 2", "1,200", "-", "0.5"]


def test_a_table_as_text_is_aligned() -> None:
    """Columns stand one below the other, numbers to the right."""
    assert text_table(["Week", "Created"], [["Nov 2", 1200], ["Nov 9", 3]]) == (
        "```\nWeek   Created\nNov 2    1,200\nNov 9        3\n```"
    )


@given(st.text(), st.dictionaries(st.text(min_size=1), st.integers(0, 10**9), max_size=6))
def test_any_words_make_blocks_that_slack_takes(title: str, values: dict[str, int]) -> None:
    """Titles and labels are cut and never empty."""
    blocks = [
        pie(title or "x", values),
        table(title, ["Name", "Number"], [next(iter(values.items()))] if values else [["", 0]]),
    ]
    assert [fault for fault in faults(*(block for block in blocks if block)) if "char" in fault.problem] == []
