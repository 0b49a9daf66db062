"""The kinds of form fields, and the check for each kind, with messages for people.

Checks are lenient about input (surrounding spaces, `mailto:`, typographic signs where a machine reads the text) and
strict about output. They return the value, None if it is empty, and raise `Wrong`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

from bot.core.language import N_, _
from bot.core.typed_text import straighten

UNSET = "unset"
"""The value of the option that selects nothing."""

MAX_LINE_LENGTH, MAX_TEXT_LENGTH, MAX_EMAIL_LENGTH, MAX_OPTION_LENGTH = 255, 3000, 254, 150
MIN_DIGITS, MAX_DIGITS = 5, 20


class Kind(Enum):
    """What a field contains."""

    TEXT = auto()
    LONG_TEXT = auto()
    EMAIL = auto()
    PHONE = auto()
    URL = auto()
    NUMBER = auto()
    SELECT = auto()
    SEVERAL = auto()
    CHOICE = auto()
    PERSON = auto()
    TIME = auto()
    DATE = auto()
    MANY = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select: the value that is sent, and its label."""

    value: str
    label: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """How a form field is presented.

    `choices` are fixed options. The options of an `external` select are looked up while a person types, from `letters`
    characters on. `only_with` names another field and its value with which this field is shown, and then required.
    `dispatches`: Slack reports a choice, or Enter in a text, before the form is submitted. `of_several`: shown only
    if there is more than one option. `secret`: the value is never shown again. `further`: it is behind *More options*.
    `max_chosen`: the most options of Kind.MANY.
    """

    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    placeholder: str = ""
    max_length: int = MAX_LINE_LENGTH
    choices: tuple[Choice, ...] = ()
    external: bool = False
    letters: int = 0
    only_with: tuple[str, str] | None = None
    dispatches: bool = False
    of_several: bool = False
    secret: bool = False
    further: bool = False
    max_chosen: int = 0

    @property
    def options(self) -> tuple[Choice, ...]:
        """The choices that are always there, in the current language."""
        return tuple(Choice(one.value, _(one.label), _(one.description)) for one in self.choices)


CONNECTION = Field(N_("Clust account"), Kind.SELECT, dispatches=True, of_several=True)
"""The account that a form is about."""


class Wrong(ValueError):
    """The input is invalid. The message says what is allowed."""


def checked(field: Field, typed: Any) -> Any:
    """Check one field's input. Returns its value, None if empty. Raises Wrong."""
    return _CHECKS[field.kind](field, typed)


def _text(typed: Any, *, lines: bool = False) -> str:
    """Return the input without invisible characters that can't be sent."""
    if typed is None:
        return ""
    if not isinstance(typed, str | int | float):
        raise Wrong(_("Enter some text."))
    text = str(typed).replace("\r\n", "\n").replace("\r", "\n") if lines else " ".join(str(typed).splitlines())
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
    return "".join(kept).strip().strip("\u200b\u2060\ufeff").strip()


def _fitting(text: str, max_length: int) -> str | None:
    if len(text) > max_length:
        raise Wrong(_("Use at most {limit:,} characters. You entered {length:,}.", limit=max_length, length=len(text)))
    return text or None


def _line(field: Field, typed: Any) -> str | None:
    return _fitting(_text(typed), field.max_length)


def _lines(field: Field, typed: Any) -> str | None:
    return _fitting(_text(typed, lines=True), max(field.max_length, MAX_TEXT_LENGTH))


def _email(_field: Field, typed: Any) -> str | None:
    text = straighten(_text(typed)).strip("<>\"' ")
    text = _without_scheme(text, "mailto:")
    if text and not re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;.\"']+(\.[^@\s<>,;.\"']+)+", text):
        raise Wrong(_("Enter an email address, such as ana@example.com."))
    return _fitting(text, MAX_EMAIL_LENGTH)


def _phone(_field: Field, typed: Any) -> str | None:
    text = _without_scheme(straighten(_text(typed)), "tel:").translate(_DASHES)
    if text and not re.fullmatch(r"\+?[0-9 ()./-]+", text):
        raise Wrong(
            _(
                "Enter a phone number such as +351 210 555 010. It can only contain digits, spaces, ( ) . / "
                "- and a leading +."
            )
        )
    if text and not MIN_DIGITS <= sum(map(str.isdigit, text)) <= MAX_DIGITS:
        raise Wrong(_("Enter a phone number with {fewest} to {most} digits.", fewest=MIN_DIGITS, most=MAX_DIGITS))
    return text or None


def _url(_field: Field, typed: Any) -> str | None:
    text = _text(typed).strip("<> ")  # as it was typed: other signs would be another address
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s<>\"\\]", text):
        raise Wrong(_("Enter an address that starts with https://, such as https://example.com/clust."))
    return _fitting(text, 2000)


def _number(_field: Field, typed: Any) -> int | None:
    text = _text(typed).lstrip("#").strip()
    if text and not re.fullmatch(r"[0-9]{1,18}", text):
        raise Wrong(_("Enter a whole number, such as 123."))
    return int(text) if text else None


def _select(_field: Field, typed: Any) -> str | None:
    return _fitting(_text(typed), MAX_OPTION_LENGTH)


def _several(field: Field, typed: Any) -> tuple[str, ...]:
    chosen = [typed] if isinstance(typed, str) and typed else list(typed or ()) if _is_many(typed) else []
    values = [_text(each).lower() for each in chosen]
    allowed = [choice.value for choice in field.choices]
    if strangers := [value for value in values if value not in allowed]:
        raise Wrong(
            _("“{value}” isn't an option. Choose from {options}.", value=strangers[0][:50], options=", ".join(allowed))
        )
    return tuple(value for value in allowed if value in values)


def _choice(field: Field, typed: Any) -> str | None:
    text = _text(int(typed) if isinstance(typed, bool) else typed)
    allowed = [choice.value for choice in field.choices]
    if text and text not in allowed:
        raise Wrong(_("Choose one of: {options}.", options=", ".join(choice.label for choice in field.options)))
    return text if text and text != UNSET else None


def _person(_field: Field, typed: Any) -> str | None:
    return _matching(typed, r"[UW][A-Z0-9]{2,30}", _("Choose a person."))


def _matching(typed: Any, pattern: str, wrong: str) -> str | None:
    text = _text(typed)
    if text and not re.fullmatch(pattern, text):
        raise Wrong(wrong)
    return text or None


def _time(_field: Field, typed: Any) -> time | None:
    text = _text(typed)
    try:
        return time.fromisoformat(text) if text else None
    except ValueError as error:
        raise Wrong(_("Enter a time of day, such as 09:00.")) from error


def _date(_field: Field, typed: Any) -> date | None:
    text = _text(typed)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Wrong(_("Choose a date.")) from error


def _many(field: Field, typed: Any) -> tuple[str, ...]:
    """Return ids that were chosen among options that are only known when the form opens."""
    chosen = tuple(dict.fromkeys(_text(each) for each in typed)) if _is_many(typed) else ()
    if not chosen:
        raise Wrong(_("Choose at least one."))
    if len(chosen) > field.max_chosen:
        raise Wrong(_("Choose at most {limit}.", limit=field.max_chosen))
    return chosen


def _without_scheme(text: str, scheme: str) -> str:
    return text[len(scheme) :].strip() if text.lower().startswith(scheme) else text


def _is_many(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)


_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | dict.fromkeys("\u00a0\u202f", " "))

_CHECKS: Mapping[Kind, Callable[[Field, Any], Any]] = {
    Kind.TEXT: _line,
    Kind.LONG_TEXT: _lines,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.URL: _url,
    Kind.NUMBER: _number,
    Kind.SELECT: _select,
    Kind.SEVERAL: _several,
    Kind.CHOICE: _choice,
    Kind.PERSON: _person,
    Kind.TIME: _time,
    Kind.DATE: _date,
    Kind.MANY: _many,
}
