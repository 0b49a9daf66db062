"""A list read row by row means what the whole JSON means, and is no JSON where that is none."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clust.json_rows import JsonRows, read_listing, value_at

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "id", "m"]), inner),
    max_leaves=8,
)
spaces = st.sampled_from(["", " ", "\n\t", " \r\n "])


def read_row(text: str, at: int) -> tuple[tuple[Any] | None, int]:
    """Read any value but null, which makes no row."""
    value, end = value_at(text, at)
    return None if value is None else (value,), end


def whole(text: str) -> JsonRows[tuple[Any]]:
    """Return what the listing of a text is, by reading all of it at once."""
    value = json.loads(text)
    members = value if isinstance(value, dict) else {}
    rows = value if isinstance(value, list) else members.pop("data", None)
    if isinstance(rows, dict) and isinstance(rows.get("data"), list | dict):
        members |= {name: inner for name, inner in rows.items() if name != "data"}
        rows = rows["data"]
    if isinstance(rows, dict) and all(isinstance(row, dict) and name == row.get("id") for name, row in rows.items()):
        rows = [*rows.values()]
    if not isinstance(rows, list):
        return JsonRows(members=members)
    return JsonRows([(row,) for row in rows if row is not None], rows.count(None), members)


@given(values | st.lists(values).map(lambda rows: {"data": rows, "meta": {"total": 5}}), spaces, spaces, spaces)
@example({"data": []}, "", "", "")
@example([], " ", "", " ")
@example({}, " ", "", " ")
@example({"meta": {"data": [1]}, "data": [2]}, "", " ", "")
@example({"meta": 1, "data": {"meta": 2, "data": []}, "links": 3}, "", "", "")
@example({"data": {"meta": 2, "links": 4, "data": []}, "meta": 1}, "", "", "")
def test_any_json_means_what_it_means_as_a_whole(value: Any, before: str, between: str, after: str) -> None:
    """Rows stand bare or in `data`, wherever that is among the members, with any space around them."""
    text = before + json.dumps(value, separators=(f"{between},{after}", f"{after}:{between}")) + after
    assert read_listing(text, read_row) == whole(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [1], "data": [2, null]}',
        '{"data": [1], "data": []}',
        '{"data": [1], "data": 5}',
        '{"data": 5, "data": [1]}',
        '{"meta": 1, "meta": 2}',
    ],
)
def test_of_two_members_with_one_name_the_last_counts(text: str) -> None:
    """As everywhere that JSON is read."""
    listing, expected = read_listing(text, read_row), whole(text)
    assert (listing.rows, listing.members) == (expected.rows, expected.members)


@given(st.lists(st.sampled_from('[]{},:" 1') | st.just('"data"') | st.just('{"data": [')).map("".join))
@example('{"data": [1, 2], }')
@example('{"data": [1, 2,]}')
@example('{"data": [1 2]}')
@example('{"data": [1}')
@example('{"data": [1], 5: 1}')
@example('{"data" [1]}')
@example('{"data": [1]} x')
@example('{"data": [1]')
@example('{"data"')
@example("[1")
@example("[,1]")
@example("")
def test_what_is_no_json_is_none(text: str) -> None:
    """It fails exactly where reading all of it at once does."""
    try:
        expected = whole(text)
    except ValueError:
        with pytest.raises(json.JSONDecodeError):
            read_listing(text, read_row)
    else:
        assert read_listing(text, read_row) == expected
