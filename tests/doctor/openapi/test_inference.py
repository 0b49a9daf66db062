"""Schemas from examples, where a description has nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doctor.openapi.description import describe
from bot.doctor.openapi.inference import MAX_DEPTH, example_of, says_nothing, schema_of

EXAMPLE = {"data": [{"id": 1, "title": "Acme", "is_late": False, "progress": 1.5, "contact": {"email": None}}], "x": []}
PATHS = {
    "data": "array",
    "data[]": "object",
    "data[].id": "integer",
    "data[].title": "string",
    "data[].is_late": "boolean",
    "data[].progress": "number",
    "data[].contact": "object",
    "data[].contact.email": "",
    "x": "array",
    "x[]": "",
}


@pytest.mark.parametrize(
    "response",
    [
        {"content": {"application/json": {"example": EXAMPLE}}},
        {"content": {"application/json": {"schema": {"type": "object"}, "example": json.dumps(EXAMPLE)}}},
        {"content": {"application/json": {"schema": {"type": "object", "example": EXAMPLE}}}},
        {"content": {"application/json": {"examples": {"one": {"value": EXAMPLE}, "two": {"value": 3}}}}},
        {"examples": {"application/json": EXAMPLE}},
    ],
)
def test_fields_of_an_example(response: dict[str, Any]) -> None:
    """Wherever the example stands, in OpenAPI 2 or 3, its fields and their types are those of the response."""
    tree = {"paths": {"/a": {"get": {"responses": {"200": response}}}}}
    returned = describe(tree).operations[0].returned
    assert {path: row.type for path, row in returned.items()} == PATHS


def test_a_schema_comes_before_its_example() -> None:
    """An example is asked only where the schema leaves open what there is."""
    content = {"schema": {"properties": {"a": {}}}, "example": {"b": 1}}
    tree = {"paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": content}}}}}}}
    assert set(describe(tree).operations[0].returned) == {"a"}
    assert says_nothing({"type": "object"})
    assert not says_nothing({"$ref": "#/x"})


@pytest.mark.parametrize("content", [{}, {"examples": []}, {"examples": {"a": 3}}, {"schema": 3}])
def test_no_example(content: dict[str, Any]) -> None:
    """Where there is none, none is made up."""
    assert example_of(content) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_example_has_a_schema(example: Any) -> None:
    """Whatever an example is, it ends, and a text that only begins like JSON is a text."""
    schema_of(example)
    assert example_of({"example": "{no"}) == "{no"
    deep: Any = 1
    for _level in range(50):
        deep = [deep]
    assert json.dumps(schema_of(deep)).count("items") == MAX_DEPTH
