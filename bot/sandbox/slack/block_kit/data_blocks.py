"""Slack's limits for charts and tables (Slack: data visualization block, data table block)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

DATA_BLOCKS = ("data_visualization", "data_table")
"""Blocks that Slack refuses in workspaces that don't have them yet."""

MAX_CHARTS = 2
"""In one message."""

MAX_TITLE, MAX_LABEL, MAX_SERIES, MAX_POINTS = 50, 20, 6, 20
MAX_ROWS, MAX_COLUMNS, MAX_PAGE_ROWS, MAX_TABLE_CHARS = 101, 20, 100, 20_000

Mistake = tuple[str, str]
"""Where in the block, and what is wrong there."""


def chart_mistakes(block: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield what Slack would refuse in a chart."""
    yield from _unknown_keys(block, "", {"type", "title", "chart", "block_id"})
    yield from _words(block.get("title"), ".title", MAX_TITLE)
    chart = block.get("chart")
    if not isinstance(chart, Mapping) or chart.get("type") not in ("pie", "bar", "line", "area"):
        yield ".chart", "must be a pie, bar, line or area"
    elif chart["type"] == "pie":
        yield from _pie(chart)
    else:
        yield from _plot(chart)


def table_mistakes(block: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield what Slack would refuse in a table."""
    allowed = {"type", "caption", "rows", "page_size", "row_header_column_index", "block_id"}
    yield from _unknown_keys(block, "", allowed)
    yield from _words(block.get("caption"), ".caption", 0)
    size, rows = block.get("page_size", 5), block.get("rows")
    if not isinstance(size, int) or not 1 <= size <= MAX_PAGE_ROWS:
        yield ".page_size", f"must be 1 to {MAX_PAGE_ROWS}"
    if not _is_list(rows, MAX_ROWS, 2) or not all(_is_list(row, MAX_COLUMNS) for row in rows):
        yield ".rows", f"must be 2 to {MAX_ROWS} rows of 1 to {MAX_COLUMNS} cells"
        return
    if len({len(row) for row in rows}) > 1:
        yield ".rows", "have different numbers of cells"
    cells = [(f".rows[{at}][{place}]", cell) for at, row in enumerate(rows) for place, cell in enumerate(row)]
    for where, cell in cells:
        yield from _cell(cell, where)
    if sum(len(str(cell.get("text", ""))) for _where, cell in cells if isinstance(cell, Mapping)) > MAX_TABLE_CHARS:
        yield ".rows", f"have more than {MAX_TABLE_CHARS} characters together"


MISTAKES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Mistake]]] = {
    "data_visualization": chart_mistakes,
    "data_table": table_mistakes,
}


def _pie(chart: Mapping[str, Any]) -> Iterator[Mistake]:
    yield from _unknown_keys(chart, ".chart", {"type", "segments"})
    segments = chart.get("segments")
    if not _is_list(segments, MAX_SERIES):
        yield ".chart.segments", f"must be 1 to {MAX_SERIES}"
        return
    for at, segment in enumerate(segments):
        yield from _point(segment, f".chart.segments[{at}]")
        if isinstance(segment, Mapping) and _is_number(segment.get("value")) and segment["value"] <= 0:
            yield f".chart.segments[{at}].value", "must be positive"


def _plot(chart: Mapping[str, Any]) -> Iterator[Mistake]:
    yield from _unknown_keys(chart, ".chart", {"type", "series", "axis_config"})
    axis, series = chart.get("axis_config"), chart.get("series")
    axis = axis if isinstance(axis, Mapping) else {}
    categories = axis.get("categories")
    if not _is_list(categories, MAX_POINTS) or not _is_list(series, MAX_SERIES):
        yield ".chart", f"needs 1 to {MAX_POINTS} categories and 1 to {MAX_SERIES} series"
        return
    for key in ("x_label", "y_label"):
        if key in axis:
            yield from _words(axis[key], f".chart.axis_config.{key}", MAX_TITLE)
    names = [one.get("name") if isinstance(one, Mapping) else None for one in series]
    if len(set(map(str, names))) < len(names):
        yield ".chart.series", "have the same name"
    for at, one in enumerate(series):
        where = f".chart.series[{at}]"
        data = one.get("data") if isinstance(one, Mapping) else None
        yield from _words(names[at], f"{where}.name", MAX_LABEL)
        if not _is_list(data, MAX_POINTS):
            yield f"{where}.data", f"must be 1 to {MAX_POINTS} points"
            continue
        for place, point in enumerate(data):
            yield from _point(point, f"{where}.data[{place}]")
        if [point.get("label") if isinstance(point, Mapping) else None for point in data] != list(categories):
            yield f"{where}.data", "must have the labels of the categories"


def _point(point: Any, where: str) -> Iterator[Mistake]:
    if not isinstance(point, Mapping):
        yield where, "must be an object"
        return
    yield from _unknown_keys(point, where, {"label", "value"})
    yield from _words(point.get("label"), f"{where}.label", MAX_LABEL)
    if not _is_number(point.get("value")):
        yield f"{where}.value", "must be a number"


def _cell(cell: Any, where: str) -> Iterator[Mistake]:
    kind = cell.get("type") if isinstance(cell, Mapping) else None
    if kind not in ("raw_text", "raw_number"):
        yield where, "must be raw_text or raw_number"
        return
    yield from _unknown_keys(cell, where, {"type", "text", *(("value",) if kind == "raw_number" else ())})
    yield from _words(cell.get("text"), f"{where}.text", 0)
    if kind == "raw_number" and not _is_number(cell.get("value")):
        yield f"{where}.value", "must be a number"


def _words(text: Any, where: str, most: int) -> Iterator[Mistake]:
    if not isinstance(text, str) or not text.strip():
        yield where, "must be a string that isn't empty"
    elif most and len(text) > most:
        yield where, f"has {len(text)} characters, more than {most}"


def _unknown_keys(part: Mapping[str, Any], where: str, allowed: set[str]) -> Iterator[Mistake]:
    yield from ((f"{where}.{key}", "is not known here") for key in part.keys() - allowed)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_list(value: Any, most: int, least: int = 1) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str) and least <= len(value) <= most
