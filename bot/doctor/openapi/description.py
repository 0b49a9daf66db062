"""Clust's description as frozen values: operations, with the fields that they send and return.

A field is named by its path: `data[].contact.email` is in each entry of `data`. References within the description are
followed. Those to other files are named and never fetched, and one that leads back to itself ends there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from bot.doctor.openapi.inference import example_of, says_nothing, schema_of

METHODS = ("get", "post", "put", "patch", "delete")

EACH = "[]"
"""Behind the name of a list: each of its entries."""

MAX_DEPTH = 6
"""Levels of a schema that are read."""

MAX_FIELDS = 3_000
"""Fields of one schema that are read."""

MAX_STEPS = 200_000
"""Schemas that are looked at in one description: some 20 seconds."""

BEARER = "Authorization: Bearer"
"""How the bot sends a token."""

MAX_OPERATIONS = 5_000
MAX_HOPS = 20
"""References that are followed from one to the next."""

MAX_NAMED = 20
"""References that are named."""

_PATH = re.compile(r"/[!-~]{0,300}")
_LINE = re.compile(
    r"^[ \t*+-]*[`'\"]?([\w.-]{1,60})[`'\"]?[ \t]*(?:[:=]|->|→|\u2013|\u2014| - )[ \t]*(.{1,80}?)[ \t]*$", re.MULTILINE
)
"""A line that says what a value means, such as ``* `2_in`: Submitted``."""


@dataclass(frozen=True, slots=True)
class DescribedField:
    """A field: its JSON type, its values if they are listed, what each means where that is said, and whether needed."""

    type: str = ""
    values: tuple[str, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict)
    is_required: bool = False


Fields = Mapping[str, DescribedField]


@dataclass(frozen=True, slots=True)
class DescribedOperation:
    """One operation. `failures` are the fields of its error response."""

    method: str
    path: str
    name: str = ""
    parameters: Fields = field(default_factory=dict)
    sent: Fields = field(default_factory=dict)
    returned: Fields = field(default_factory=dict)
    failures: Fields = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Method and path, for people."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """A whole description. `external` and `circular` are references that weren't followed.

    `tokens` are the ways to send a token, such as `header X-Api-Key`. `is_partial`: it was too large to be read wholly.
    """

    title: str
    servers: tuple[str, ...]
    operations: tuple[DescribedOperation, ...]
    webhooks: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    circular: tuple[str, ...] = ()
    is_partial: bool = False


def describe(tree: Mapping[str, Any]) -> ApiDescription:
    """Return what a parsed description says. What isn't as OpenAPI wants it is left out."""
    walker = _Walker(tree)
    operations = tuple(walker.operations())
    info = _object(tree.get("info"))
    return ApiDescription(
        line_of(info.get("title")),
        tuple(_servers(tree)),
        operations,
        tuple(line_of(name) for name in _object(tree.get("webhooks"))),
        tuple(_tokens(tree)),
        tuple(sorted(walker.external)[:MAX_NAMED]),
        tuple(sorted(walker.circular)[:MAX_NAMED]),
        walker.is_exhausted or len(operations) >= MAX_OPERATIONS,
    )


def line_of(text: Any) -> str:
    """Return a text from a description as one printable line of limited length."""
    line = " ".join("".join(one if one.isprintable() else " " for one in str(text or "")[:400]).split())
    return line if len(line) <= 120 else f"{line[:119]}…"  # noqa: PLR2004  a line of a terminal


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _servers(tree: Mapping[str, Any]) -> Iterator[str]:
    for server in _list(tree.get("servers"))[:MAX_NAMED]:
        url = _object(server).get("url")
        if isinstance(url, str):
            for name, variable in _object(_object(server).get("variables")).items():
                url = url.replace(f"{{{name}}}", str(_object(variable).get("default", "")))
            yield line_of(url)
    if isinstance(host := tree.get("host"), str):
        schemes = [one for one in _list(tree.get("schemes")) if one in ("http", "https")]
        scheme = "https" if "https" in schemes or not schemes else "http"
        yield line_of(f"{scheme}://{host}{tree.get('basePath') or ''}")
    elif isinstance(base := tree.get("basePath"), str):
        yield line_of(base)


def _tokens(tree: Mapping[str, Any]) -> Iterator[str]:
    schemes = _object(tree.get("securityDefinitions")) or _object(
        _object(tree.get("components")).get("securitySchemes")
    )
    for scheme in map(_object, list(schemes.values())[:MAX_NAMED]):
        kind, name = scheme.get("type"), line_of(scheme.get("name"))
        if kind == "apiKey" and name.lower() != "authorization":
            yield line_of(f"{scheme.get('in')} {name}")
        elif kind == "basic" or str(scheme.get("scheme", "")).lower() == "basic":
            yield "Authorization: Basic"
        else:
            yield BEARER


class _Walker:
    """Reads operations and schemas, and keeps the references that it doesn't follow."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = tree
        self._steps = 0
        self._read: dict[str, dict[str, DescribedField]] = {}
        self.external: set[str] = set()
        self.circular: set[str] = set()

    @property
    def is_exhausted(self) -> bool:
        """Whether it has stopped reading, because there was too much."""
        return self._steps > MAX_STEPS

    def operations(self) -> Iterator[DescribedOperation]:
        """Give each operation."""
        count = 0
        for path, item in _object(self._tree["paths"]).items():
            item = _object(self._resolved(item))  # noqa: PLW2901  the same item, behind its reference
            for method in METHODS:
                operation = _object(item.get(method))
                if operation and _PATH.fullmatch(path) and count < MAX_OPERATIONS:
                    count += 1
                    yield self._operation(method, path, item, operation)

    def _operation(
        self, method: str, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]
    ) -> DescribedOperation:
        parameters, sent = dict[str, DescribedField](), dict[str, DescribedField]()
        for raw in (*_list(item.get("parameters")), *_list(operation.get("parameters"))):
            parameter = _object(self._resolved(raw))
            name, place = line_of(parameter.get("name")), parameter.get("in")
            described = self._one(parameter.get("schema", parameter))
            if place == "query":
                parameters[name] = described
            elif place == "formData":
                sent[name] = replace(described, is_required=parameter.get("required") is True)
            elif place == "body":
                sent |= self._fields(parameter.get("schema"))
        body = _object(self._resolved(operation.get("requestBody")))
        responses = _object(operation.get("responses"))
        return DescribedOperation(
            method.upper(),
            path,
            line_of(operation.get("summary") or operation.get("operationId")),
            parameters,
            sent | self._fields(_content(body)),
            self._response(responses, ("200", "201", "202", "203", "2XX", "2xx", "default")),
            self._response(responses, ("422", "400", "4XX", "4xx", "409", "404", "401", "403", "default")),
        )

    def _response(self, responses: Mapping[str, Any], codes: tuple[str, ...]) -> Fields:
        """Return the fields of the first of these responses that has some."""
        for code in codes:
            response = _object(self._resolved(responses.get(code)))
            examples = {kind: {"example": value} for kind, value in _object(response.get("examples")).items()}
            if fields := self._fields(response.get("schema") or _content({"content": examples, **response})):
                return fields
        return {}

    def _resolved(self, node: Any) -> Any:
        """Return a node, or what its reference leads to, or None if it leads nowhere."""
        reference: Any = ""
        for _hop in range(MAX_HOPS):
            reference = node.get("$ref") if isinstance(node, Mapping) else None
            if not isinstance(reference, str):
                return node
            if not reference.startswith("#"):
                self.external.add(line_of(reference))
                return None
            node = self._tree
            for part in filter(None, reference[1:].split("/")):
                node = _object(node).get(unquote(part).replace("~1", "/").replace("~0", "~"))
        self.circular.add(line_of(reference))
        return None

    def _one(self, schema: Any) -> DescribedField:
        """Return what a schema says of one value. Lists and objects have what is said of their entries elsewhere."""
        schema = _object(self._resolved(schema))
        kind = schema.get("type")
        kind = next((each for each in kind if each != "null"), "") if isinstance(kind, list) else kind
        values = _list(schema.get("enum")) or ([schema["const"]] if "const" in schema else [])
        if not kind and ("properties" in schema or "allOf" in schema):
            kind = "object"
        return DescribedField(
            kind if isinstance(kind, str) else "",
            tuple(line_of(value) for value in values[:200] if isinstance(value, str | int)),
            _meanings(schema, values),
        )

    def _fields(self, schema: Any) -> dict[str, DescribedField]:
        """Return the fields of a schema. One that is referred to is read once, however many operations have it."""
        if not isinstance(schema, Mapping):
            return {}
        reference = str(schema.get("$ref", ""))
        if reference not in self._read:
            fields: dict[str, DescribedField] = {}
            self._walk(schema, "", fields, (), required=False)
            if not reference:
                return fields
            self._read[reference] = fields
        return self._read[reference]

    def _walk(
        self, schema: Any, path: str, fields: dict[str, DescribedField], inside: tuple[str, ...], *, required: bool
    ) -> None:
        """Add the fields of a schema at `path`. `inside` are the references on the way: none is entered twice."""
        self._steps += 1
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if reference in inside or self.is_exhausted or len(fields) >= MAX_FIELDS:
            return
        inside = (*inside, reference) if isinstance(reference, str) else inside
        schema = _object(self._resolved(schema))
        if path and (path not in fields or not fields[path].type):
            fields[path] = replace(self._one(schema), is_required=required)
        if path.count(".") + path.count(EACH) + bool(path) >= MAX_DEPTH:
            return
        for part in ("allOf", "oneOf", "anyOf"):
            for each in _list(schema.get(part)):
                self._walk(each, path, fields, inside, required=required)
        if "items" in schema:
            self._walk(schema["items"], f"{path}{EACH}", fields, inside, required=False)
        needed = [name for name in _list(schema.get("required")) if isinstance(name, str)]
        for name, inner in _object(schema.get("properties")).items():
            if re.fullmatch(r"[\w$@ -]{1,60}", name):
                self._walk(inner, f"{path}.{name}" if path else name, fields, inside, required=name in needed)


def _content(body: Mapping[str, Any]) -> Any:
    """Return the schema of a body, of JSON if there is one, else of the first kind. An example can stand for it."""
    kinds = _object(body.get("content"))
    name = next((each for each in kinds if "json" in each), next(iter(kinds), ""))
    content = _object(kinds.get(name))
    schema = content.get("schema")
    example = example_of(content) if says_nothing(schema) else None
    return schema if example is None else schema_of(example)


def _meanings(schema: Mapping[str, Any], values: list[Any]) -> dict[str, str]:
    """Return what the values of an enum mean, from the extensions for it or from lines of the description."""
    for name in ("x-enum-descriptions", "x-enumDescriptions", "x-enum-varnames", "x-enumNames"):
        meanings = schema.get(name)
        if isinstance(meanings, Mapping):
            return {line_of(value): line_of(meaning) for value, meaning in meanings.items()}
        if isinstance(meanings, list) and meanings:
            return {line_of(value): line_of(meaning) for value, meaning in zip(values, meanings, strict=False)}
    text = schema.get("description")
    return {} if not values or not isinstance(text, str) else dict(_LINE.findall(text[:10_000]))
