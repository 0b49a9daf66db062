"""The Block Kit element for each kind of field, and what Slack says was entered in it.

All text fields are plain text inputs. Slack's inputs for email addresses, URLs and numbers would refuse, in words that
aren't ours, what our checks accept, and couldn't show a mistyped value again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from bot.core.forms.fields import MAX_OPTION_LENGTH, MAX_TEXT_LENGTH, Choice, Field, Kind
from bot.core.language import _
from bot.core.typed_text import fold
from bot.slack.views.building import ids
from bot.slack.views.building import mrkdwn as md
from bot.slack.views.building.blocks import Block, option, plain

MAX_OPTIONS = 100
"""Options of a static select, and of one response for an external one."""


def element(field: Field, value: Any, choices: Sequence[Choice] = ()) -> Block:
    """Return the element for a field, filled in with `value`. `choices` come before the field's own."""
    kind, more = _ELEMENTS[field.kind](field, value, (*choices, *field.options))
    placeholder = (
        {"placeholder": plain(_(field.placeholder), 150)} if field.placeholder and kind != "radio_buttons" else {}
    )
    return {"type": kind, "action_id": ids.VALUE, **placeholder, **more}


def options(choices: Iterable[Choice]) -> list[Block]:
    """Return options of a select without duplicates and without those that exceed Slack's limits."""
    usable = {each.value: each for each in reversed(tuple(choices)) if 0 < len(each.value.strip()) <= MAX_OPTION_LENGTH}
    return [option(each.label, each.value, each.description or None) for each in reversed(usable.values())]


def matching_options(field: Field, choices: Iterable[Choice], typed: str) -> list[Block]:
    """Return options of an external select: choices that match the search, then the field's own."""
    fitting = [each for each in choices if fits(typed, f"{each.label} {each.value} {each.description}")]
    own = options(field.options)
    return [*options(fitting)[: MAX_OPTIONS - len(own)], *own]


def fits(typed: str, text: str) -> bool:
    """Return whether a text contains every word of a search, in any spelling (rules F3, F4).

    `#123` and `#general` match as `123` and `general`.
    """
    folded = fold(text)
    return all(word.lstrip("#") in folded for word in fold(typed).split())


def _typing(field: Field, value: Any, _choices: Sequence[Choice]) -> tuple[str, Block]:
    text = "" if value is None or field.secret else str(value)[:MAX_TEXT_LENGTH]
    lines = {"multiline": True} if field.kind is Kind.LONG_TEXT else {}
    return "plain_text_input", {**lines, **({"initial_value": text} if text.strip() else {})}


def _select(field: Field, value: Any, choices: Sequence[Choice]) -> tuple[str, Block]:
    """Return a static select up to its limit, else an external one. The present value is always an option."""
    chosen = "" if value is None else str(value)
    if chosen and all(each.value != chosen for each in choices):
        choices = (Choice(chosen, chosen), *choices)
    offered = options(choices)
    initial = [each for each in offered if each["value"] == chosen]
    begun = {"initial_option": initial[0]} if initial else {}
    if field.external or not 0 < len(offered) <= MAX_OPTIONS:
        return "external_select", {"min_query_length": field.letters, **begun}
    return "static_select", {"options": offered, **begun}


def _several(_field: Field, value: Any, choices: Sequence[Choice]) -> tuple[str, Block]:
    offered = options(choices)
    chosen = [value] if isinstance(value, str) else value or ()
    initial = [each for each in offered if each["value"] in chosen]
    return "multi_static_select", {"options": offered, **({"initial_options": initial} if initial else {})}


def _radio(_field: Field, value: Any, choices: Sequence[Choice]) -> tuple[str, Block]:
    """Return radio buttons. The last option is the default."""
    offered = options(choices)
    initial = next((each for each in offered if each["value"] == str(value)), offered[-1])
    return "radio_buttons", {"options": offered, "initial_option": initial}


def _person(_field: Field, value: Any, _choices: Sequence[Choice]) -> tuple[str, Block]:
    return "users_select", {"initial_user": value} if re.fullmatch(r"[UW][A-Z0-9]+", str(value)) else {}


def _time(_field: Field, value: Any, _choices: Sequence[Choice]) -> tuple[str, Block]:
    text = f"{value:%H:%M}" if isinstance(value, time) else str(value)
    return "timepicker", {"initial_time": text} if re.fullmatch(r"\d\d:\d\d", text, re.ASCII) else {}


def _date(_field: Field, value: Any, _choices: Sequence[Choice]) -> tuple[str, Block]:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return "datepicker", {"initial_date": text} if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else {}


def _many(field: Field, value: Any, choices: Sequence[Choice]) -> tuple[str, Block]:
    kind, element = _several(field, value, choices[:MAX_OPTIONS])
    return kind, {**element, "max_selected_items": field.max_chosen}


_ELEMENTS: Mapping[Kind, Callable[[Field, Any, Sequence[Choice]], tuple[str, Block]]] = {
    Kind.TEXT: _typing,
    Kind.LONG_TEXT: _typing,
    Kind.EMAIL: _typing,
    Kind.PHONE: _typing,
    Kind.URL: _typing,
    Kind.NUMBER: _typing,
    Kind.SELECT: _select,
    Kind.SEVERAL: _several,
    Kind.CHOICE: _radio,
    Kind.PERSON: _person,
    Kind.TIME: _time,
    Kind.DATE: _date,
    Kind.MANY: _many,
}


def label_of(choices: Iterable[Choice], value: Any) -> str:
    """Return the text for a value, unescaped: the option's label, else the value, else (empty)."""
    if value is None or value in ("", [], ()):
        return _("(empty)")
    if isinstance(value, list | tuple):
        return ", ".join(label_of(choices, each) for each in value)
    return next((each.label for each in choices if each.value == str(value)), md.tidy(str(value)) or _("(empty)"))
