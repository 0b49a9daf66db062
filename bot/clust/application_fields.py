"""The requests of forms, and what forms read back, without I/O (`clust-api`, Dossiers)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.clust.protocol import (
    ApiRequest,
    Page,
    application_of,
    decipher,
    decipher_list,
    decipher_object,
    page_query,
    read_template,
)
from bot.core.applications.model import Application, Template, read_tolerantly
from bot.core.clust_api.wire_names import TEMPLATE_WIRE, WIRE, FieldMapping
from bot.core.errors import ClustBroken, ClustRejected
from bot.core.language import N_, _

UpdateMethod = Literal["PUT", "PATCH", "POST"]


@dataclass(frozen=True, slots=True)
class SearchedApplication:
    """What *Check* knows about an application that may have been created."""

    external_id: str | None = None
    email: str | None = None
    title: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """Search terms, the most specific first."""
        return tuple(term for term in (self.external_id, self.email or self.title) if term)

    def is_met_by(self, row: Application) -> bool:
        """Return whether a row has the email address and the title that are looked for."""
        email = (row.recipient and row.recipient.email) or ""
        same_email = not self.email or email.strip().casefold() == self.email.strip().casefold()
        same_title = not self.title or (row.title or "").strip() == self.title.strip()
        return bool(self.email or self.title) and same_email and same_title


def body_of(values: Mapping[str, Any], wire: Mapping[str, FieldMapping] = WIRE) -> dict[str, Any]:
    """Return the request body for exactly these values. None empties a field. KeyError for an unknown name."""
    body: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = wire[name].path.split(".")
        inner = body
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = wire[name].sent(value)
    return body


def values_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return our fields from an application's raw JSON, each as `body_of` would send it.

    An absent key stays absent, since its value is unknown (rule M3). Null is a known, empty value.
    """
    values: dict[str, Any] = {}
    for name, wire in WIRE.items():
        values_given = [value for path in (wire.path, wire.also) for value in _at(raw, path)]
        if values_given:
            values[name] = wire.sent(next((value for value in values_given if value is not None), None))
    return values


def _at(raw: Mapping[str, Any], path: str) -> list[Any]:
    """Return the value at a path such as `contact.phone`, in a list. An empty list if there is none."""
    value: Any = raw
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return []
        value = value[key]
    return [value]


def in_our_names(fields: Mapping[str, str], wire: Mapping[str, FieldMapping] = WIRE) -> dict[str, str]:
    """Return errors by API field under the names of our forms' fields. Unknown names stay."""
    ours = {path: name for name, each in wire.items() for path in (each.path, each.also) if path}
    named: dict[str, str] = {}
    for path, complaint in fields.items():
        whole = re.sub(r"\.[0-9]+$", "", path)  # Laravel names an item of a list by its place: webhook.events.0
        named.setdefault(ours.get(whole, path), complaint)
    return named


def create(values: Mapping[str, Any]) -> ApiRequest:
    """Return the request that creates an application."""
    return ApiRequest("POST", "/dossiers", body=body_of(values))


def update(segment: str, values: Mapping[str, Any], method: UpdateMethod) -> ApiRequest:
    """Return the request that updates these fields. `method` is CLUST_UPDATE_METHOD, since Clust's isn't documented."""
    return ApiRequest(method, f"/dossiers/{segment}", body=body_of(values))


def delete(segment: str) -> ApiRequest:
    """Return the request that deletes an application."""
    return ApiRequest("DELETE", f"/dossiers/{segment}")


def list_templates(page: int, per_page: int, link: str = "") -> ApiRequest:
    """Return the request for a page of templates: as `link` says, else by its number from 1."""
    return ApiRequest("GET", "/templates", page_query(page, per_page, link))


def create_template(title: str) -> ApiRequest:
    """Return the request that creates a template."""
    return ApiRequest("POST", "/templates", body=body_of({"new_template": title}, TEMPLATE_WIRE))


def search(term: str, per_page: int) -> ApiRequest:
    """Return the request that searches applications for a term."""
    return ApiRequest("GET", "/dossiers", {"search": term, "page": 1, "per_page": per_page})


def decipher_raw(status: int, headers: Mapping[str, str], body: bytes) -> tuple[Application, dict[str, Any]]:
    """Return the application in a response, parsed and raw. Raises the ClustError that it means, in our names."""
    try:
        raw = decipher_object(status, headers, body)
    except ClustRejected as error:
        raise ClustRejected(error.detail, in_our_names(error.fields)) from error
    return application_of(raw), raw


def decipher_done(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Accept any success, with or without a body. Raises the ClustError that it means, in our names."""
    try:
        decipher(status, headers, body)
    except ClustRejected as error:
        raise ClustRejected(error.detail, in_our_names(error.fields)) from error


def decipher_template(status: int, headers: Mapping[str, str], body: bytes) -> Template:
    """Return the created template. Raises the ClustError that the response means, in our names."""
    try:
        template = read_tolerantly(
            Template, decipher_object(status, headers, body, N_("The response has no template."))
        )
    except ClustRejected as error:
        raise ClustRejected(error.detail, in_our_names(error.fields, TEMPLATE_WIRE)) from error
    if template.id is None:
        raise ClustBroken(_("The response has a template without an ID."))
    return template


def decipher_templates(status: int, headers: Mapping[str, str], body: bytes) -> Page[Template]:
    """Return a page of templates. Raises the ClustError that the response means."""
    return decipher_list(status, headers, body, read_template)


def exactly(rows: Iterable[Application], searched: SearchedApplication) -> tuple[Application, ...]:
    """Return the rows that match exactly: by external ID, or where none has it, by email address and title.

    A row with another external ID is another application. An empty external ID decides nothing.
    """
    rows = tuple(rows)
    if searched.external_id and (same := tuple(row for row in rows if row.external_id == searched.external_id)):
        return same
    others = (row for row in rows if not (searched.external_id and row.external_id))
    return tuple(row for row in others if searched.is_met_by(row))
