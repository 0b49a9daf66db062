"""Which applications a webhook's body may be about. Everything else in it is ignored: Clust is read instead.

What Clust sends is unknown, so any shape is read: JSON, a form, or JSON inside either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

MAX_IDS = 500
"""Of each kind that are taken from one body. The poll finds the others."""

_ID = re.compile(r"0*([1-9][0-9]{0,17})", re.ASCII)
"""An application's id (Clust API: `id` is a number), as a number or as text."""

_SEGMENT = re.compile(r"/0*([1-9][0-9]{0,17})(?=[/?#]|$)", re.ASCII)
"""A segment of a link's path that could be one."""


@dataclass(frozen=True, slots=True)
class WebhookIds:
    """The ids in a webhook's body, each once, in its order.

    `ids` are values of `id` and `*_id` keys. `linked` are numbers in links, which count only if they are known.
    """

    ids: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()


def webhook_ids(body: bytes) -> WebhookIds:
    """Return the ids in a body of any shape, or none if it can't be read."""
    text = body.decode("utf-8", "replace")
    value = _json(text)
    if not isinstance(value, dict | list):
        value = [{_last_part(name): value} for name, value in parse_qsl(text, errors="replace")]
    ids, linked = dict[str, None](), dict[str, None]()
    for is_id, leaf in _leaves(value):
        if is_id and (match := _ID.fullmatch(leaf.strip())):
            ids[match[1]] = None
        elif "://" in leaf:
            linked |= dict.fromkeys(_SEGMENT.findall(leaf))
    return WebhookIds(tuple(ids)[:MAX_IDS], tuple(one for one in linked if one not in ids)[:MAX_IDS])


def _json(text: str) -> Any:
    """Return the value of a JSON text, with numbers as text, or None if it isn't one, or is nested too deeply."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any) -> Iterator[tuple[bool, str]]:
    """Yield each text, in order, and whether it stands below an `id` or `*_id` key."""
    waiting = [(False, value)]
    while waiting:
        is_id, value = waiting.pop()
        match value:
            case dict():
                waiting += [(_is_id(key), each) for key, each in reversed(value.items())]
            case list():
                waiting += [(is_id, each) for each in reversed(value)]
            case str() if value.lstrip()[:1] in {"{", "["} and (inner := _json(value)) is not None:
                waiting.append((is_id, inner))
            case str():
                yield is_id, value


def _is_id(key: str) -> bool:
    folded = key.lower()
    return folded == "id" or folded.endswith("_id")


def _last_part(name: str) -> str:
    """Return the innermost name of a form's field: `id` of `data[dossier][id]`, `dossier_id` of `dossier_id[]`."""
    return next((part for part in reversed(re.split(r"[\[\].]+", name)) if part and not part.isdecimal()), name)
