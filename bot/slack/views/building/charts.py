"""Charts and tables as Slack draws them (Slack: data visualization block, data table block), and a table as text.

Slack knows these blocks since 2026 and refuses them where they aren't available yet, so a message with them has a
fallback (`Message`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.language import in_digits
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block

MAX_TITLE, MAX_LABEL, MAX_AXIS = 50, 20, 50
"""Characters of a chart's title, of a label or a series' name, and of an axis' name."""

MAX_PAGE_ROWS = 10
"""Rows of a table that are shown at once. The reader turns pages."""

Cell = str | int | float


def pie(title: str, segments: Mapping[str, int]) -> Block | None:
    """Return a pie chart of up to six segments. None without a positive value."""
    values = [{"label": md.bare(label, MAX_LABEL), "value": value} for label, value in segments.items() if value > 0]
    return _chart(title, {"type": "pie", "segments": values}) if values else None


def bars(title: str, categories: Sequence[str], series: Mapping[str, Sequence[int]], axis: str) -> Block | None:
    """Return a bar chart: up to six series with a value for each of up to twenty categories. None if all are 0."""
    if not any(value for values in series.values() for value in values):
        return None
    labels = [md.bare(category, MAX_LABEL) for category in categories]
    chart = {
        "type": "bar",
        "series": [
            {
                "name": md.bare(name, MAX_LABEL),
                "data": [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)],
            }
            for name, values in series.items()
        ],
        "axis_config": {"categories": labels, "x_label": md.bare(axis, MAX_AXIS)},
    }
    return _chart(title, chart)


def table(caption: str, heading: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Block:
    """Return a table of up to 100 rows, which the reader can sort. Its first column names each row."""
    cells = [[_cell(cell) for cell in row] for row in (heading, *rows)]
    return {"type": "data_table", "caption": md.bare(caption, 150), "rows": cells, "page_size": MAX_PAGE_ROWS}


def text_table(heading: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return the same as text: columns one below the other, numbers to the right."""
    lines = [[_words(cell) for cell in row] for row in (heading, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def written(line: Sequence[str]) -> str:
        first, *others = zip(line, widths, strict=True)
        return "  ".join([first[0].ljust(first[1]), *(word.rjust(width) for word, width in others)]).rstrip()

    return md.code_block("\n".join(map(written, lines)))


def _chart(title: str, chart: Block) -> Block:
    return {"type": "data_visualization", "title": md.bare(title, MAX_TITLE), "chart": chart}


def _cell(cell: Cell) -> Block:
    if isinstance(cell, str):
        return {"type": "raw_text", "text": md.bare(cell, 200) or "-"}
    return {"type": "raw_number", "value": cell, "text": _words(cell)}


def _words(cell: Cell) -> str:
    if isinstance(cell, str):
        return md.bare(cell, 200) or "-"
    return in_digits(cell)
