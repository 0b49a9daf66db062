"""Infer a schema from an example, for descriptions that were made from recorded calls and have no schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 8
MAX_NAMES = 300
"""Names of one object that are read."""

MAX_EXAMPLE_LENGTH = 200_000
"""Characters of an example that is a text of JSON."""

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_PARTS = frozenset({"properties", "items", "$ref", "allOf", "oneOf", "anyOf"})


def says_nothing(schema: Any) -> bool:
    """Return whether a schema leaves open which fields there are."""
    return not isinstance(schema, Mapping) or not _PARTS & schema.keys()


def example_of(content: Mapping[str, Any]) -> Any:
    """Return the example of a body, of its schema, or the first of several. None if there is none."""
    schema, examples = content.get("schema"), content.get("examples")
    several = list(examples.values()) if isinstance(examples, Mapping) else []
    first = next((each.get("value") for each in several if isinstance(each, Mapping)), None)
    inside = schema.get("example") if isinstance(schema, Mapping) else None
    return next((_parsed(each) for each in (content.get("example"), first, inside) if each is not None), None)


def schema_of(example: Any, depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Return a schema that an example fits. A null, and what is too deep, has no type."""
    if not depth:
        return {}
    if isinstance(example, Mapping):
        names = list(example.items())[:MAX_NAMES]
        return {"type": "object", "properties": {str(name): schema_of(value, depth - 1) for name, value in names}}
    if isinstance(example, list):
        return {"type": "array", "items": schema_of(example[0], depth - 1) if example else {}}
    return {"type": _TYPES[type(example)]} if type(example) in _TYPES else {}


def _parsed(example: Any) -> Any:
    """Return the value of an example that is a text of JSON, anything else unchanged."""
    if isinstance(example, str) and example.lstrip()[:1] in ("{", "[") and len(example) <= MAX_EXAMPLE_LENGTH:
        try:
            return json.loads(example)
        except (ValueError, RecursionError):
            return example
    return example
