"""Descriptions for tests, written shortly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.clust_api.wire_names import WIRE
from bot.doctor.openapi.description import ApiDescription, DescribedField, DescribedOperation, Fields


def fields(**types: str) -> dict[str, DescribedField]:
    """Return fields by name, with `__` for a dot and `_each` for the entries of a list."""
    return {name.replace("__", ".").replace("_each", "[]"): DescribedField(type_) for name, type_ in types.items()}


def operation(place: str, returned: Fields | None = None, **more: Any) -> DescribedOperation:
    """Return an operation by method and path."""
    method, path = place.split()
    return DescribedOperation(method, path, returned=returned or {}, **more)


def api(*operations: DescribedOperation, servers: tuple[str, ...] = (), title: str = "Clust") -> ApiDescription:
    """Return a description."""
    return ApiDescription(title, servers, operations)


ROW = fields(id="integer", title="string", status="string", is_late="boolean", created_at="string", updated_at="string")
"""An application as the bot believes."""


def below(place: str, inner: Mapping[str, DescribedField]) -> dict[str, DescribedField]:
    """Return fields in an object or in the entries of a list."""
    outer = {place.removesuffix("[]"): DescribedField("array" if place.endswith("[]") else "object")}
    return {**outer, place: DescribedField("object"), **{f"{place}.{name}": row for name, row in inner.items()}}


SENT = fields(template_id="integer", contact__firstname="string", contact__lastname="string", contact__email="string")

_NO_STRINGS = {"auto_emails": "integer", "folder_id": "integer", "webhook.events": "array"}
OPTIONAL = {
    row.path: DescribedField(_NO_STRINGS.get(row.path, "string")) for row in WIRE.values() if row.path not in SENT
}
"""What forms can send besides."""

AS_BELIEVED = (
    operation(
        "GET /dossiers",
        {**below("data[]", ROW), **fields(meta__total="integer", meta__last_page="integer", links__next="string")},
        parameters=fields(page="integer", per_page="integer", search="string"),
        failures=fields(message="string", errors="object"),
    ),
    operation("GET /dossiers/{dossier}", below("data", ROW)),
    operation("POST /dossiers", below("data", ROW), sent={**SENT, **OPTIONAL}),
    operation("PUT /dossiers/{dossier}", sent=SENT),
    operation("DELETE /dossiers/{dossier}"),
    operation("GET /templates", below("data[]", fields(id="integer", title="string", is_live="boolean"))),
    operation("POST /templates"),
)
"""All operations that the bot needs, as it believes them."""
