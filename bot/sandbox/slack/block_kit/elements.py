"""The elements of Block Kit that a person acts on: how each returns its value, and what a person may enter.

From Slack's "Block elements" and "View submission payloads". What Slack's client itself would not let a person do
(leave a required field empty, choose what isn't offered) raises `Impossible` here, so that no test rests on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.core.language import N_, _, ngettext

SentBlock = Mapping[str, Any]

ElementRef = str | int | tuple[str, str]
"""What is acted on: an action id, a button's words, a place (0 is the first), or the ids of a block and its action."""


class Impossible(ValueError):
    """What a person tried can't be done in Slack."""


class Unfit(Impossible):
    """Slack's client doesn't send a form with these values.

    `below` has what it shows instead, by the field's block ID.
    """

    def __init__(self, below: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in below.items()))
        self.below = below


REQUIRED = N_("Please complete this required field.")


@dataclass(frozen=True, slots=True)
class _ElementType:
    """One type of element: the keys of its value and of its initial value, and how an entry becomes a value."""

    key: str
    initial: str
    read: Callable[[SentBlock, Any], Any]


def _text(element: SentBlock, entered: Any) -> Any:
    text = None if entered in (None, "") else str(entered)
    most, least = element.get("max_length", 3000), element.get("min_length", 0)
    if text and not least <= len(text) <= most:
        raise Impossible(
            _(
                "the text has {count:,} characters, but {least:,} to {most:,} are allowed",
                count=len(text),
                least=least,
                most=most,
            )
        )
    return text


def _email(element: SentBlock, entered: Any) -> Any:
    if entered and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(entered)):
        raise Impossible(_("“{text}” isn't an email address", text=entered))
    return _text(element, entered)


def _url(element: SentBlock, entered: Any) -> Any:
    if entered and not re.fullmatch(r"https?://\S+", str(entered)):
        raise Impossible(_("“{text}” isn't a URL", text=entered))
    return _text(element, entered)


def _number(element: SentBlock, entered: Any) -> Any:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if entered not in (None, "") and not re.fullmatch(pattern, str(entered)):
        raise Impossible(_("“{text}” isn't a number", text=entered))
    return _text(element, entered)


def _offered(element: SentBlock) -> list[SentBlock]:
    groups = element.get("option_groups") or [{"options": element.get("options", ())}]
    return [option for group in groups for option in group["options"]]


def _option(element: SentBlock, entered: Any) -> Any:
    """Read an option, given by its value, its label or, for an external select, as a whole."""
    if entered is None or (isinstance(entered, Mapping) and element["type"].endswith("external_select")):
        return entered
    value = entered.get("value") if isinstance(entered, Mapping) else entered
    for option in _offered(element):
        if value in (option["value"], option["text"]["text"]):
            return option
    raise Impossible(f"{value!r} is not among the options of {element.get('action_id')}")


def _options(element: SentBlock, entered: Any) -> Any:
    most = element.get("max_selected_items", 100)
    chosen = [_option(element, one) for one in entered or ()]
    if len(chosen) > most:
        raise Impossible(
            ngettext("at most {count} option can be chosen", "at most {count} options can be chosen", most)
        )
    return chosen


def _as_it_is(_element: SentBlock, entered: Any) -> Any:
    return entered or None


def _list(_element: SentBlock, entered: Any) -> Any:
    return list(entered or ())


_VALUE = ("value", "initial_value")
_ONE = _ElementType("selected_option", "initial_option", _option)
_SEVERAL = _ElementType("selected_options", "initial_options", _options)

ELEMENTS: Mapping[str, _ElementType] = {
    "button": _ElementType("value", "value", _as_it_is),
    "plain_text_input": _ElementType(*_VALUE, _text),
    "email_text_input": _ElementType(*_VALUE, _email),
    "url_text_input": _ElementType(*_VALUE, _url),
    "number_input": _ElementType(*_VALUE, _number),
    "overflow": _ONE,
    "radio_buttons": _ONE,
    "static_select": _ONE,
    "external_select": _ONE,
    "checkboxes": _SEVERAL,
    "multi_static_select": _SEVERAL,
    "multi_external_select": _SEVERAL,
    "users_select": _ElementType("selected_user", "initial_user", _as_it_is),
    "conversations_select": _ElementType("selected_conversation", "initial_conversation", _as_it_is),
    "channels_select": _ElementType("selected_channel", "initial_channel", _as_it_is),
    "multi_users_select": _ElementType("selected_users", "initial_users", _list),
    "multi_conversations_select": _ElementType("selected_conversations", "initial_conversations", _list),
    "multi_channels_select": _ElementType("selected_channels", "initial_channels", _list),
    "datepicker": _ElementType("selected_date", "initial_date", _as_it_is),
    "timepicker": _ElementType("selected_time", "initial_time", _as_it_is),
    "datetimepicker": _ElementType("selected_date_time", "initial_date_time", _as_it_is),
}
_STATELESS = {"button", "overflow"}

_numbers = count(1)


def with_ids(blocks: Iterable[SentBlock]) -> list[dict[str, Any]]:
    """Return the blocks with a `block_id` and `action_id`s where they had none, as Slack gives them."""
    named = []
    for block in blocks:
        filled = {**block, "block_id": block.get("block_id") or f"b{next(_numbers)}"}
        for key in ("element", "accessory"):
            if key in filled:
                filled[key] = _with_action_id(filled[key])
        if filled["type"] == "actions":
            filled["elements"] = [_with_action_id(element) for element in filled["elements"]]
        named.append(filled)
    return named


def _with_action_id(element: SentBlock) -> SentBlock:
    is_interactive = element["type"] in ELEMENTS
    return {**element, "action_id": element.get("action_id") or f"a{next(_numbers)}"} if is_interactive else element


def elements(blocks: Iterable[SentBlock]) -> Iterator[tuple[SentBlock, SentBlock]]:
    """Yield (block, element) for everything that a person can act on, in reading order."""
    for block in blocks:
        inside = [block.get("element"), block.get("accessory")]
        inside += block["elements"] if block["type"] == "actions" else []
        yield from ((block, element) for element in inside if element and element["type"] in ELEMENTS)


def find(blocks: Iterable[SentBlock], target: ElementRef) -> tuple[SentBlock, SentBlock]:
    """Return the block and the element that were asked for. Raises Impossible."""
    candidates = list(elements(blocks))
    if isinstance(target, int):
        candidates = candidates[target : target + 1]
    elif isinstance(target, tuple):
        candidates = [(block, one) for block, one in candidates if (block["block_id"], one["action_id"]) == target]
    else:
        candidates = [(block, one) for block, one in candidates if target in (one["action_id"], label(one))] or [
            (block, one) for block, one in candidates if block["block_id"] == target
        ]
    if not candidates:
        raise Impossible(f"nothing to act on is called {target!r} here")
    return candidates[0]


def label(element: SentBlock) -> str:
    """Return the text of a button, empty for other elements."""
    return str(element["text"]["text"]) if element["type"] == "button" else ""


def entry(element: SentBlock, entered: Any) -> dict[str, Any]:
    """Return an element's entry in `state.values` after a person entered a value. Raises Impossible."""
    row = ELEMENTS[element["type"]]
    return {"type": element["type"], row.key: row.read(element, entered)}


def action(block: SentBlock, element: SentBlock, entered: Any, action_ts: str) -> dict[str, Any]:
    """Return an element's entry in the `actions` of a click. Raises Impossible."""
    payload = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    payload["action_ts"] = action_ts
    if element["type"] != "button":
        return {**payload, **entry(element, entered)}
    kept = {key: element[key] for key in ("text", "value", "url", "style") if key in element}
    return {**payload, **kept}


def state_values(blocks: Iterable[SentBlock], entered: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return `state.values`: what each element began with, or what was entered under its block's id.

    An entry is a value, or one by action id where a block has several elements. Raises Unfit for what the elements
    don't take, Impossible for an entry that has no element.
    """
    values: dict[str, dict[str, Any]] = {}
    mistakes: dict[str, str] = {}
    unused = set(entered)
    for block, element in elements(blocks):
        if element["type"] in _STATELESS:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        unused.discard(block_id)
        initial = element.get(ELEMENTS[element["type"]].initial)
        given = entered.get(block_id, initial)
        if isinstance(given, Mapping) and not _is_option(given):
            given = given.get(action_id, initial)
        try:
            values.setdefault(block_id, {})[action_id] = entry(element, given)
        except Impossible as mistake:
            mistakes[block_id] = f"{str(mistake)[:1].upper()}{str(mistake)[1:]}."
    if unused:
        raise Impossible(f"no field is called {', '.join(sorted(unused))}")
    if mistakes:
        raise Unfit(mistakes)
    return values


def _is_option(value: Mapping[str, Any]) -> bool:
    """Return whether a mapping is an option and not entries by action ID, one of which can be called `value` too."""
    return {"text", "value"} <= set(value)


def empty_fields(blocks: Iterable[SentBlock], values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the block IDs of required inputs that are empty."""
    return [
        block["block_id"]
        for block, element in elements(blocks)
        if block["type"] == "input"
        and not block.get("optional")
        and values[block["block_id"]][element["action_id"]][ELEMENTS[element["type"]].key] in (None, [])
    ]
