"""Find in a description what the bot needs: its operations, and its fields by other words or in another case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from bot.core.clust_api.beliefs import CONTAINERS, FIELDS, ITEMS, OPERATIONS, TEMPLATES
from bot.doctor.openapi.description import EACH, ApiDescription, DescribedOperation, Fields

APPLICATION_WORDS = (
    "dossiers",
    "dossier",
    "applications",
    "application",
    "onboardings",
    "onboarding",
    "cases",
    "case",
    "client_files",
)
TEMPLATE_WORDS = (
    "templates",
    "template",
    "dossier_templates",
    "application_templates",
    "procedures",
    "procedure",
    "models",
    "model",
    "workflows",
    "workflow",
)
"""What a path calls applications and templates, the likeliest first."""

FLAT = frozenset({"contact.firstname", "contact.lastname", "contact.email", "contact.phone"})
"""Fields that mean the recipient also outside an object."""

MIN_LIKENESS = 4
"""Fields that a row has in common with an application, for a resource of an unknown name."""

_PARAMETER = re.compile(r"\{[^{}/]+\}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def normalized(name: str) -> str:
    """Return a name in the form in which names are compared: `firstName` and `first-name` are `first_name`."""
    return re.sub(r"[^a-z0-9.\[\]]+", "_", _CAMEL.sub("_", name).lower()).strip("_")


@dataclass(frozen=True, slots=True)
class LocatedOperation:
    """An operation of the bot as Clust describes it. `path` is below the base URL, with `{id}` for the ID."""

    described: DescribedOperation
    path: str


def relative_paths(description: ApiDescription, base_url: str) -> tuple[str, str]:
    """Return what stands before each path below `base_url`, and the address that the description gives instead.

    The latter is empty if the description agrees, or says nothing. The former is removed from, or put before, paths.
    """
    base = urlsplit(base_url)
    servers = [parts for server in description.servers if (parts := _split(server))]
    same_host = [server for server in servers if not server.netloc or server.netloc == base.netloc]
    prefixes = [server.path.rstrip("/") for server in same_host] or [""]
    for prefix in prefixes:
        paths = [f"{prefix}{operation.path}" for operation in description.operations]
        if base.path.startswith(prefix) and any(path.startswith(f"{base.path}/") for path in paths):
            return base.path.removeprefix(prefix), ""
    if not servers:
        return "", ""
    chosen = (same_host or servers)[0]
    address = f"{chosen.scheme or base.scheme}://{chosen.netloc or base.netloc}{chosen.path}".rstrip("/")
    return "", "" if address == base_url.rstrip("/") else address


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def operations_of(description: ApiDescription, before: str) -> dict[str, LocatedOperation]:
    """Return the operations that the bot needs, by their keys in OPERATIONS. `before` is removed from each path."""
    every = [
        (operation, operation.path.removeprefix(before))
        for operation in description.operations
        if operation.path.startswith(f"{before}/")
    ]
    words, template_words = _words_of(every), TEMPLATE_WORDS
    located: dict[str, LocatedOperation] = {}
    for key, row in OPERATIONS.items():
        resource = template_words if "template" in key else words
        candidates = [
            (method, resource.index(word), verb, operation, path)
            for operation, path in every
            if (word := _resource(path, is_about_one=row.is_about_one)) in resource
            and (verb := _verb(path)) in ("", "all", "list", "create", "new", "store", "update", "delete", "edit")
            and (method := _rank(operation.method, row.methods)) is not None
            and (not verb or verb in _VERBS.get(key, ()))
        ]
        if candidates:
            best = min(candidates, key=lambda each: (each[2] != "", each[1], each[0]))
            located[key] = LocatedOperation(best[3], _PARAMETER.sub("{id}", best[4]).rstrip("/"))
    return located


_VERBS: Mapping[str, tuple[str, ...]] = {
    "list": ("all", "list"),
    "create": ("create", "new", "store"),
    "update": ("update", "edit"),
    "delete": ("delete",),
    "templates": ("all", "list"),
    "create_template": ("create", "new", "store"),
}
"""The last word that a path may have behind its resource."""


def _rank(method: str, methods: tuple[str, ...]) -> int | None:
    return methods.index(method) if method in methods else None


def _verb(path: str) -> str:
    """Return the word behind a resource and its ID that says what is done. Empty if there is none."""
    last = path.rstrip("/").rpartition("/")[2]
    return normalized(last) if any(normalized(last) in verbs for verbs in _VERBS.values()) else ""


def _resource(path: str, *, is_about_one: bool) -> str:
    """Return the normalized word for what a path is about. Empty if it is about another number of things."""
    parts = [part for part in path.split("/") if part]
    if parts and _verb(path):
        parts = parts[:-1]
    ids = [part for part in parts if _PARAMETER.fullmatch(part)]
    if len(ids) != int(is_about_one) or (is_about_one and parts[-1] != ids[0]):
        return ""
    literal = parts[:-1] if is_about_one else parts
    return normalized(literal[-1]) if literal else ""


def _words_of(every: Iterable[tuple[DescribedOperation, str]]) -> tuple[str, ...]:
    """Return the words for applications, with that of a list whose rows look like applications if no other is there."""
    lists = [(operation, path) for operation, path in every if operation.method == "GET"]
    if any(_resource(path, is_about_one=False) in APPLICATION_WORDS for _operation, path in lists):
        return APPLICATION_WORDS
    likeness = {
        _resource(path, is_about_one=False): max(
            (alike(operation.returned, root) for root in roots(operation.returned) if root.endswith(EACH)), default=0
        )
        for operation, path in lists
    }
    word = max(likeness, key=lambda each: likeness[each], default="")
    return (*APPLICATION_WORDS, word) if word and likeness[word] >= MIN_LIKENESS else APPLICATION_WORDS


def roots(fields: Fields) -> list[str]:
    """Return the places of objects and of entries of lists in a body, the body itself first."""
    inner = [path for path in fields if any(other.startswith(f"{path}.") for other in fields)]
    return ["", *(path for path in inner if path.count(".") + path.count(EACH) <= 3)]  # noqa: PLR2004  levels


def alike(fields: Fields, root: str) -> int:
    """Return how many of an application's own fields an object has."""
    return sum(bool(located_field(fields, root, name)) for name in FIELDS if "." not in name)


def located_field(fields: Fields, root: str, name: str) -> str:
    """Return the path of a field below `root`, by its own name, in another case, or by another word.

    Empty if there is none.
    """
    before = f"{root}." if root else ""
    inner = [path.removeprefix(before) for path in fields if path.startswith(before) and path != before]
    scalars = {path for path in inner if EACH not in path and fields[f"{before}{path}"].type not in ("object", "array")}
    lists = {path for path in inner if EACH not in path and fields[f"{before}{path}"].type == "array"}
    own = name.removeprefix(f"{TEMPLATES}.").removeprefix(f"{ITEMS}.")
    among = lists if own in (ITEMS, "webhook.events") else scalars
    if own in among:
        return own
    by_name: dict[str, str] = {}
    for path in sorted(among, key=lambda each: each.count(".")):
        by_name.setdefault(normalized(path), path)
    return next((by_name[word] for word in _spellings(own, FIELDS[name].also) if word in by_name), "")


def _spellings(own: str, also: str) -> Iterable[str]:
    """Give the normalized names that a field can have, the likeliest first."""
    yield normalized(own)
    container, dot, _leaf = own.partition(".")
    if not dot:
        yield from also.split()
        return
    for outer in CONTAINERS[container].split():
        yield from (f"{outer}.{word}" for word in also.split())
    for outer in CONTAINERS[container].split():
        yield from (f"{outer}_{word}" for word in also.split())
    if own in FLAT:
        yield from also.split()
