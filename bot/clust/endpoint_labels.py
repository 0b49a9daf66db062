"""Labels for Clust's endpoints in metrics: a path without its IDs (`clust-api`, Dossiers and Other resources)."""

from __future__ import annotations

RESOURCES = (
    "dossiers",
    "templates",
    "contacts",
    "companies",
    "tags",
    "portals",
    "forms",
    "data-fields",
    "users",
    "teams",
    "uploads",
    "messages",
    "stakeholders",
    "stages",
)

ENDPOINTS = frozenset(RESOURCES) | {f"{name}/{{id}}" for name in RESOURCES}

OTHER = "other"

WITH_AN_ID = 2
"""Segments of a labeled path."""


def endpoint(path: str) -> str:
    """Return the label for a path, such as `dossiers/{id}`. An unknown path is `other`."""
    resource, *rest = path.partition("?")[0].strip("/").split("/")
    name = f"{resource}/{{id}}" if len(rest) == WITH_AN_ID - 1 else resource
    return name if name in ENDPOINTS and len(rest) < WITH_AN_ID else OTHER
