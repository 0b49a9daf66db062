"""Slack's limits as a table, and `validate_message` and `validate_view`, which hold a payload against it.

`slack_sdk.models` checks only a part of them, and nothing at all in plain dicts (slack-platform, Traps, 10), so every
view and message that a test or the sandbox sees passes through here. Stricter than Slack in two places: a message with
blocks needs a `text` too (notifications and screen readers use it), and a text of spaces is empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from bot.sandbox.slack.block_kit.data_blocks import DATA_BLOCKS, MAX_CHARTS, MISTAKES
from bot.sandbox.slack.block_kit.limits import (
    LIMITS,
    MANY_TEXTS,
    MAX_BLOCK_TEXT_CHARS,
    MAX_VIEW_BYTES,
    UNTYPED,
    Holds,
    Limit,
)

REFUSED_BLOCKS = "invalid_blocks"
REFUSED_VIEW = "invalid_arguments"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why Slack would refuse: its error code, where in the payload, and what is wrong there."""

    code: str
    where: str
    problem: str


def validate_message(payload: Mapping[str, Any]) -> list[Fault]:
    """Return what Slack would refuse in a message's `text`, `blocks` and `metadata`. Other keys aren't checked."""
    content = {key: payload[key] for key in ("text", "blocks", "metadata") if payload.get(key) is not None}
    faults = list(_object("message", content, "message", REFUSED_BLOCKS))
    if not str(content.get("text", "")).strip():
        faults.append(Fault("no_text", "message.text", "is missing: a message needs it, with blocks too"))
    blocks = content["blocks"] if _is_list(content.get("blocks")) else ()
    if sum(_type_of(block) == "data_visualization" for block in blocks) > MAX_CHARTS:
        faults.append(Fault(REFUSED_BLOCKS, "message.blocks", f"have more than {MAX_CHARTS} charts"))
    if sum(map(len, _texts(content.get("blocks")))) > MAX_BLOCK_TEXT_CHARS:
        faults.append(Fault(MANY_TEXTS, "message.blocks", f"hold more than {MAX_BLOCK_TEXT_CHARS} characters together"))
    return faults


def data_blocks_refused(payload: Mapping[str, Any]) -> list[Fault]:
    """Return what a workspace without charts and tables refuses in a message."""
    blocks = payload["blocks"] if _is_list(payload.get("blocks")) else ()
    return [
        Fault(REFUSED_BLOCKS, f"message.blocks[{at}]", "is not available in this workspace")
        for at, block in enumerate(blocks)
        if _type_of(block) in DATA_BLOCKS
    ]


def validate_view(view: Mapping[str, Any]) -> list[Fault]:
    """Return what Slack would refuse in a modal or a Home tab."""
    kind = _type_of(view)
    if kind not in {"modal", "home"}:
        return [Fault(REFUSED_VIEW, "view.type", "must be modal or home")]
    faults = list(_object(kind, view, "view", REFUSED_VIEW))
    blocks = view["blocks"] if _is_list(view.get("blocks")) else ()
    has_input = any(_type_of(block) == "input" for block in blocks)
    if kind == "modal" and has_input and "submit" not in view:
        faults.append(Fault(REFUSED_VIEW, "view.submit", "is missing: a modal with an input needs it"))
    if len(json.dumps(view, ensure_ascii=False, default=str).encode(errors="replace")) > MAX_VIEW_BYTES:
        faults.append(Fault("view_too_large", "view", f"is larger than {MAX_VIEW_BYTES} bytes"))
    return faults


_ROWS: dict[str, dict[str, Limit]] = {}
for _limit in LIMITS:
    _ROWS.setdefault(_limit.where, {})[_limit.key] = _limit

_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "section": ("text", "fields"),
    "image": ("image_url", "slack_file"),
    "static_select": ("options", "option_groups"),
    "multi_static_select": ("options", "option_groups"),
}
"""A kind that needs at least one of these keys."""


def _object(kind: str, value: Mapping[str, Any], where: str, code: str) -> Iterator[Fault]:
    """Check an object against the rows of its kind."""
    if kind in MISTAKES:
        yield from (Fault(code, f"{where}{place}", problem) for place, problem in MISTAKES[kind](value))
        return
    rows = _ROWS.get(kind, {})
    for key in value:
        if key not in rows and (key != "type" or kind in UNTYPED):
            yield Fault(code, f"{where}.{key}", f"is not known in {kind}")
    for key, row in rows.items():
        if key in value:
            yield from _CHECKS[row.holds](row, value[key], f"{where}.{key}", row.code or code)
        elif row.needed:
            yield Fault(row.code or code, f"{where}.{key}", "is missing")
    if (keys := _ONE_OF.get(kind)) and not any(key in value for key in keys):
        yield Fault(code, where, f"needs {' or '.join(keys)}")
    chosen, offered = value.get("initial_option"), value.get("options")
    if chosen and offered and chosen not in offered:
        yield Fault(code, f"{where}.initial_option", "is not among the options")


def _one(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    """Check an object against the kinds that are allowed in its place, and a text object against its length too."""
    if not _is_mapping(value):
        yield Fault(code, where, "must be an object")
        return
    kind = row.kinds[0] if row.kinds[0] in UNTYPED else _type_of(value)
    if kind not in row.kinds:
        yield Fault(code, where, f"can't be {kind or 'without a type'}: {', '.join(row.kinds)}")
        return
    yield from _object(kind, value, where, code)
    text = value.get("text")
    if row.each and isinstance(text, str) and len(text) > row.each:
        yield Fault(code, f"{where}.text", f"has {len(text)} characters, more than {row.each}")


def _many(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    """Check a list against its length, its items against their kinds, and the IDs in it for repetition."""
    if not _is_list(value):
        yield Fault("invalid_blocks_format" if where == "message.blocks" else code, where, "must be a list")
        return
    yield from _size(row, len(value), "items", where, code)
    for index, item in enumerate(value):
        yield from _one(row, item, f"{where}[{index}]", code)
    key = "block_id" if row.key == "blocks" else "action_id"
    ids = [item[key] for item in value if _is_mapping(item) and key in item]
    for repeated in sorted({str(block_id) for block_id in ids if ids.count(block_id) > 1}):
        yield Fault(code, where, f"{key} {repeated} stands more than once")


def _string(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(code, where, "must be a string")
    elif row.least and not value.strip():
        yield Fault(code, where, "is empty")
    else:
        yield from _size(row, len(value), "characters", where, code)


def _url(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    yield from _string(row, value, where, code)
    if not re.fullmatch(r"[a-z]+://\S+", str(value)):
        yield Fault(code, where, "must be a URL")


def _flag(_row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield Fault(code, where, "must be true or false")


def _number(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    number = int(value) if isinstance(value, int | str) and re.fullmatch(r"-?\d{1,12}", str(value)) else None
    if number is None:
        yield Fault(code, where, "must be a number")
    elif row.most and not row.least <= number <= row.most:
        yield Fault(code, where, f"must be {row.least} to {row.most}")


def _choice(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    if value not in row.kinds:
        yield Fault(code, where, f"must be {' or '.join(row.kinds)}")


def _mapping(_row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(code, where, "must be an object")


def _strings(row: Limit, value: Any, where: str, code: str) -> Iterator[Fault]:
    if not _is_list(value) or not all(isinstance(item, str) for item in value):
        yield Fault(code, where, "must be a list of strings")
    else:
        yield from _size(row, len(value), "items", where, code)


_CHECKS: Mapping[Holds, Callable[[Limit, Any, str, str], Iterator[Fault]]] = {
    Holds.ONE: _one,
    Holds.MANY: _many,
    Holds.STRING: _string,
    Holds.URL: _url,
    Holds.FLAG: _flag,
    Holds.NUMBER: _number,
    Holds.CHOICE: _choice,
    Holds.MAPPING: _mapping,
    Holds.STRINGS: _strings,
}


def _size(row: Limit, size: int, of_what: str, where: str, code: str) -> Iterator[Fault]:
    if row.most and size > row.most:
        yield Fault(code, where, f"has {size} {of_what}, more than {row.most}")
    elif size < row.least:
        yield Fault(code, where, f"has {size} {of_what}, fewer than {row.least}")


def _is_list(value: Any) -> bool:
    # The classes of JSON first: asking an abstract class takes longer than the rest of a check.
    return isinstance(value, list) or (isinstance(value, Sequence) and not isinstance(value, str | bytes))


def _type_of(value: Any) -> str:
    type_name = value.get("type") if _is_mapping(value) else None
    return type_name if isinstance(type_name, str) else ""


def _is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, (dict, Mapping))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that a reader sees in blocks, including buttons and options."""
    if isinstance(value, str):
        return
    if _is_mapping(value):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif _is_list(value):
        for item in value:
            yield from _texts(item)
