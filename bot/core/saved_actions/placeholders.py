"""Placeholders in saved actions: a text is parsed once into parts, and filled in with values each time it is used.

`PLACEHOLDERS` has one row for each. `{{` stands for a brace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.core.applications.model import Application
from bot.core.errors import UsageError
from bot.core.language import N_, _

NUMBER = "number"
"""The only format: `{id:number}` alone in a JSON string becomes a number."""

BRACE = "{{"
"""Stands for one opening brace. A closing one stands for itself."""

_PLACEHOLDER = re.compile(r"\{\{|\{([^{}]*)\}|\{")
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,15})?")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder in a text. `is_number`: it becomes a number in JSON."""

    name: str
    is_number: bool = False

    def __str__(self) -> str:
        return f"{{{self.name}:{NUMBER}}}" if self.is_number else f"{{{self.name}}}"


Parts = tuple[str | Placeholder, ...]
"""A parsed text: literal texts and placeholders, in order."""


@dataclass(frozen=True, slots=True)
class Use:
    """What the placeholders of one use stand for: the application, who uses it, and what they entered.

    `date` is in ISO format. `text` and `date` are empty if they weren't asked for.
    """

    application: Application
    user: str
    text: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class PlaceholderRow:
    """One known placeholder: what it becomes, its value in a use, and what a person reads if there is none.

    `is_asked`: the person enters it in the window.
    """

    name: str
    help: str
    value: Callable[[Use], str | None]
    missing: str
    is_asked: bool = False


def _email(use: Use) -> str | None:
    return use.application.recipient.email if use.application.recipient else None


PLACEHOLDERS: Mapping[str, PlaceholderRow] = {
    row.name: row
    for row in (
        PlaceholderRow(
            "id", "the application's number", lambda use: use.application.id, N_("This application has no number.")
        ),
        PlaceholderRow(
            "external_id",
            "the application's external ID",
            lambda use: use.application.external_id,
            N_("This application has no external ID, and the action needs one."),
        ),
        PlaceholderRow(
            "email",
            "the recipient's email address",
            _email,
            N_("The recipient has no email address, and the action needs one."),
        ),
        PlaceholderRow(
            "user",
            "the name of the person who uses the action",
            lambda use: use.user,
            N_("I don't know your name, and the action needs it."),
        ),
        PlaceholderRow(
            "text", "a text that the window asks for", lambda use: use.text, N_("Enter some text."), is_asked=True
        ),
        PlaceholderRow(
            "date",
            "a date that the window asks for, such as `2026-12-24`",
            lambda use: use.date,
            N_("Choose a date."),
            is_asked=True,
        ),
    )
}
"""In the order in which they are listed."""


def parse(text: str) -> Parts:
    """Parse a text. Raises UsageError for an unknown placeholder and for a lone brace."""
    parts: list[str | Placeholder] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(text[end : match.start()])
        parts.append("{" if match[0] == BRACE else _placeholder(match[1]))
        end = match.end()
    return _joined([*parts, text[end:]])


def names_in(parts: Parts) -> frozenset[str]:
    """Return the names of the placeholders in a parsed text."""
    return frozenset(part.name for part in parts if isinstance(part, Placeholder))


def value_of(placeholder: Placeholder, use: Use) -> str:
    """Return what a placeholder stands for. Raises UsageError if there is nothing."""
    row = PLACEHOLDERS[placeholder.name]
    value = row.value(use)
    if not value:
        raise UsageError(_(row.missing))
    return value


def fill(parts: Parts, use: Use) -> str:
    """Return the text with the values of a use. Raises UsageError if one is missing."""
    return "".join(part if isinstance(part, str) else value_of(part, use) for part in parts)


def number_of(placeholder: Placeholder, use: Use) -> int | float:
    """Return what a placeholder stands for as a number. Raises UsageError if it isn't one."""
    text = value_of(placeholder, use).strip()
    if not _JSON_NUMBER.fullmatch(text):
        raise UsageError(
            _(
                "“{value}” isn't a number, and the action needs one for `{name}`.",
                value=text[:40],
                name=str(placeholder),
            )
        )
    return float(text) if "." in text else int(text)


def in_words() -> str:
    """Return all placeholders, for hints and errors."""
    return " ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def _placeholder(inside: str | None) -> Placeholder:
    two = f"`{BRACE}`"
    if inside is None:
        raise UsageError(_("A brace isn't closed. To use a brace as text, write {two}.", two=two))
    name, colon, kind = inside.partition(":")
    if name not in PLACEHOLDERS or (colon and kind != NUMBER):
        placeholder = f"{{{inside[:40]}}}"
        raise UsageError(
            _(
                "Unknown placeholder `{placeholder}`. Use {names}. To use a brace as text, write {two}.",
                placeholder=placeholder,
                names=in_words(),
                two=two,
            )
        )
    return Placeholder(name, bool(colon))


def _joined(parts: Iterable[str | Placeholder]) -> Parts:
    """Return the parts without empty texts, and with neighboring texts as one."""
    joined: list[str | Placeholder] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part:
            joined.append(part)
    return tuple(joined)
