"""What is read of a description: OpenAPI 2 and 3, references, and whatever else stands in its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doctor.openapi import description as description_module
from bot.doctor.openapi.description import BEARER, MAX_DEPTH, ApiDescription, DescribedField, describe, line_of


def described(*, paths: Any = None, **more: Any) -> ApiDescription:
    """Describe a tree with these paths."""
    return describe({"openapi": "3.0.0", "paths": paths or {}, **more})


def returning(schema: Any, **more: Any) -> dict[str, DescribedField]:
    """Return the fields of a response with this schema."""
    content = {"application/json": {"schema": schema}}
    whole = described(paths={"/a": {"get": {"responses": {"200": {"content": content}}}}}, **more)
    return dict(whole.operations[0].returned)


def test_an_operation_of_version_3() -> None:
    """Parameters of the path and of the operation, bodies of JSON before others, and the first error response."""
    text = {"schema": {"type": "string"}}
    whole = described(
        info={"title": "Clust\nAPI"},
        servers=[{"url": "https://{host}/api", "variables": {"host": {"default": "x.invalid"}}}, {"url": 3}, 4],
        webhooks={"application.late": {}},
        paths={
            "/a/{id}": {
                "parameters": [{"name": "p", "in": "query", "schema": {"type": "integer"}}],
                "patch": {
                    "operationId": "patchA",
                    "parameters": [{"name": "id", "in": "path"}, {"name": "q", "in": "query"}],
                    "requestBody": {
                        "content": {
                            "text/plain": text,
                            "application/hal+json": {
                                "schema": {"required": ["b"], "properties": {"b": {"type": ["null", "string"]}}}
                            },
                        }
                    },
                    "responses": {
                        "200": {"content": {"text/plain": text}},
                        "201": {"content": {"application/json": {"schema": {"properties": {"c": {}}}}}},
                        "422": {"content": {"application/json": {"schema": {"properties": {"errors": {}}}}}},
                    },
                },
            },
            "no path": {"get": {"summary": "x"}},
        },
    )
    (operation,) = whole.operations
    assert (whole.title, whole.servers, whole.webhooks) == (
        "Clust API",
        ("https://x.invalid/api",),
        ("application.late",),
    )
    assert (operation.place, operation.name) == ("PATCH /a/{id}", "patchA")
    assert set(operation.parameters) == {"p", "q"}
    assert operation.sent == {"b": DescribedField("string", is_required=True)}
    assert (set(operation.returned), set(operation.failures)) == ({"c"}, {"errors"})


def test_an_operation_of_version_2() -> None:
    """Bodies and forms are parameters there, and schemas stand in responses themselves."""
    whole = describe(
        {
            "swagger": "2.0",
            "host": "x.invalid",
            "basePath": "/api",
            "schemes": ["http"],
            "paths": {
                "/a": {
                    "post": {
                        "parameters": [
                            {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/A"}},
                            {"name": "note", "in": "formData", "type": "string", "required": True},
                            {"name": "page", "in": "query", "type": "integer"},
                        ],
                        "responses": {"default": {"schema": {"$ref": "#/definitions/A"}}},
                    }
                }
            },
            "definitions": {"A": {"type": "object", "properties": {"id": {"type": "integer"}}}},
        }
    )
    (operation,) = whole.operations
    assert whole.servers == ("http://x.invalid/api",)
    assert operation.sent == {"id": DescribedField("integer"), "note": DescribedField("string", is_required=True)}
    assert operation.parameters["page"].type == "integer"
    assert operation.returned == operation.failures == {"id": DescribedField("integer")}
    assert describe({"paths": {}, "basePath": "/api"}).servers == ("/api",)


@pytest.mark.parametrize(
    ("scheme", "token"),
    [
        ({"type": "http", "scheme": "bearer"}, BEARER),
        ({"type": "apiKey", "in": "header", "name": "Authorization"}, BEARER),
        ({"type": "oauth2"}, BEARER),
        ({"type": "apiKey", "in": "query", "name": "api_token"}, "query api_token"),
        ({"type": "http", "scheme": "Basic"}, "Authorization: Basic"),
        ({"type": "basic"}, "Authorization: Basic"),
    ],
)
def test_how_a_token_is_sent(scheme: dict[str, str], token: str) -> None:
    """Both versions of OpenAPI say how a token is sent."""
    assert described(components={"securitySchemes": {"a": scheme}}).tokens == (token,)
    assert described(securityDefinitions={"a": scheme}).tokens == (token,)


def test_fields_have_paths() -> None:
    """Objects, lists and parts of a schema are one map of paths. The first that says a type counts."""
    schema = {
        "allOf": [{"properties": {"a": {}}}, {"oneOf": [{"properties": {"a": {"type": "string"}}}]}],
        "properties": {
            "rows": {"type": "array", "items": {"properties": {"b": {"const": 3}, "odd name!": {}}}},
            "c": {"allOf": [{}]},
        },
    }
    fields = returning(schema)
    assert set(fields) == {"a", "rows", "rows[]", "rows[].b", "c"}
    assert (fields["a"].type, fields["c"].type, fields["rows[].b"].values) == ("string", "object", ("3",))


def test_references() -> None:
    """Those within the description are followed, those to other files named, and circles end."""
    schemas: dict[str, Any] = {
        "A": {"properties": {"id": {"type": "string"}, "parent": {"$ref": "#/x/A"}, "b": {"$ref": "#/x/B~1b%20c"}}},
        "B/b c": {"type": "integer"},
        "C": {"$ref": "#/x/D"},
        "D": {"$ref": "#/x/C"},
    }
    assert set(returning({"$ref": "#/x/A"}, x=schemas)) == {"id", "b"}
    assert returning({"$ref": "#/no/where"}) == {}
    paths = {
        "/a": {"$ref": "other.yaml#/a"},
        "/b": {"get": {"responses": {"200": {"schema": {"$ref": "#/x/C"}}}, "requestBody": {"$ref": "http://x/y"}}},
    }
    whole = described(paths=paths, x=schemas)
    assert whole.external == ("http://x/y", "other.yaml#/a")
    assert whole.circular in (("#/x/C",), ("#/x/D",))


def test_a_schema_is_read_so_deep_and_no_deeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither depth nor breadth of schemas keeps a reader busy."""
    deep: dict[str, Any] = {}
    for _level in range(50):
        deep = {"properties": {"a": deep}}
    assert max(path.count("a") for path in returning(deep)) == MAX_DEPTH
    monkeypatch.setattr(description_module, "MAX_FIELDS", 5)
    assert len(returning({"properties": {f"f{number}": {} for number in range(100)}})) == 5
    monkeypatch.setattr(description_module, "MAX_OPERATIONS", 2)
    whole = described(paths={f"/{number}": {"get": {"summary": "x"}} for number in range(9)})
    assert (len(whole.operations), whole.is_partial) == (2, True)


def test_a_schema_of_many_operations_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What many operations refer to takes no more time than what one does. What is too much is named."""
    schema = {"content": {"application/json": {"schema": {"$ref": "#/x/A"}}}}
    paths = {f"/{number}": {"get": {"responses": {"200": schema}}} for number in range(20)}
    monkeypatch.setattr(description_module, "MAX_STEPS", 60)
    whole = described(paths=paths, x={"A": {"properties": {"a": {}, "b": {}}}})
    assert (whole.is_partial, [set(each.returned) for each in whole.operations]) == (False, [{"a", "b"}] * 20)
    monkeypatch.setattr(description_module, "MAX_STEPS", 2)
    assert described(paths=paths, x={"A": {"properties": {"a": {}, "b": {}}}}).is_partial


@pytest.mark.parametrize(
    "said_so",
    [
        {"x-enum-descriptions": ["Submitted", "Open"]},
        {"x-enumDescriptions": {"a_b": "Submitted", "c": "Open"}},
        {"description": "One of:\n\n * `a_b`: Submitted\n * c - Open\n"},
        {"description": "a_b = Submitted\nc → Open"},
        {"description": "- 'a_b' \u2013 Submitted\n- \"c\": Open"},
    ],
)
def test_what_values_mean(said_so: dict[str, Any]) -> None:
    """Meanings stand in extensions, or in the lines of a description."""
    field = returning({"properties": {"s": {"type": "string", "enum": ["a_b", "c"], **said_so}}})["s"]
    assert (field.values, dict(field.meanings)) == (("a_b", "c"), {"a_b": "Submitted", "c": "Open"})


def test_lines_are_short_and_printable() -> None:
    """What is printed of a description can't move a cursor or fill a screen."""
    assert line_of("a\x1b[2J\nb") == "a [2J b"
    assert len(line_of("x" * 500)) == 120
    assert line_of(None) == ""


WORDS = st.sampled_from(
    ["get", "/dossiers", "/dossiers/{id}", "parameters", "responses", "200", "schema", "content", "application/json"]
) | st.sampled_from(["properties", "items", "$ref", "#/paths", "type", "array", "enum", "allOf", "in", "name", "data"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | WORDS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(WORDS, ANYTHING, max_size=4), st.dictionaries(WORDS, ANYTHING, max_size=3))
def test_any_tree_is_described(paths: dict[str, Any], more: dict[str, Any]) -> None:
    """Whatever stands where OpenAPI wants something else is left out."""
    describe({**more, "paths": paths, "servers": more.get("items"), "info": more.get("id")})
