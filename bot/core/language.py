"""The language of texts that people read: marked where they are written, translated where they are shown.

A text is written once, in English, inside `_()`, or `ngettext()` where a number decides its form. What stands in a
table or a class is evaluated before anyone reads it: there it is marked by `N_()`, and `_()` translates it when it is
shown. Values are given by name, so that a translation can put them in its own order.

The language belongs to the context, not to the process: a command is answered in the person's, a post is written in
the channel's, a direct message in its reader's. Tasks and `asyncio.to_thread` copy the context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import NullTranslations
from string import Formatter

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol


@dataclass(frozen=True, slots=True)
class Language:
    """A language that texts can be shown in: its code (as in `fr` or `pt_BR`) and its catalogue.

    `formats` is the locale by whose rules Babel writes days, moments and numbers.
    """

    code: str
    catalogue: NullTranslations = field(default_factory=NullTranslations)
    formats: str = "en"


ENGLISH = Language("en")
"""The language that texts are written in. A text without a translation is shown in it."""

_current: ContextVar[Language] = ContextVar("language", default=ENGLISH)


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that there are catalogues of, by their codes."""

    by_code: Mapping[str, Language] = field(default_factory=dict)

    def of(self, locale: str | None) -> Language:
        """Return the language of a locale (Slack: `fr-FR`): of that country, else of any, else English."""
        code = (locale or "").replace("-", "_")
        return self.by_code.get(code) or self.by_code.get(code.partition("_")[0]) or ENGLISH

    def names(self) -> dict[str, str]:
        """Return what each language calls itself, by its code."""
        codes = sorted({ENGLISH.code, *self.by_code})
        return {code: (Locale.parse(code).get_display_name(code) or code).capitalize() for code in codes}


def current() -> Language:
    """Return the language that texts are shown in now."""
    return _current.get()


def speak(language: Language) -> None:
    """Show texts in `language` from now on, until the task ends."""
    _current.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Show texts in `language` within the context."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str, /, **values: object) -> str:
    """Return the translation of `message`, with `values` in place of what stands in braces."""
    translation = _current.get().catalogue.gettext(message) if message else ""
    return _filled_in(translation, values) if values else translation


def ngettext(singular: str, plural: str, count: int, /, **values: object) -> str:
    """Return the translation of the form for `count`, which stands in it as `{count}`, with the other `values`."""
    return _filled_in(_current.get().catalogue.ngettext(singular, plural, count), {"count": count, **values})


def N_(message: str, /) -> str:  # noqa: N802  the name by which gettext's tools recognize it
    """Mark a text in a table or a class, to be translated by `_()` where it is shown."""
    return message


def in_digits(number: float, spec: str = ",") -> str:
    """Return a number as the current language writes it (`1,200.5`, `1 200,5`), formatted as `spec` says."""
    return format(number, spec).translate(_separators(_current.get().formats))


@lru_cache(maxsize=32)
def _separators(locale: str) -> dict[int, str]:
    """Return what stands in numbers of a locale in place of English's comma and point."""
    return {ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale)}


class _LocalNumbers(Formatter):
    """Fills in texts, with numbers as the current language writes them."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Return one value. A number without a format stays as it is, because it could be an ID or a year."""
        if format_spec and isinstance(value, int | float):
            return in_digits(value, format_spec)
        return format(value, format_spec)


_LOCAL_NUMBERS = _LocalNumbers()


_FORMATS = re.compile(r"\{[^{}]*:")
"""The start of a value with a format of its own, as `{count:,}` or `{row.count:,}`."""


def _filled_in(text: str, values: Mapping[str, object]) -> str:
    if _FORMATS.search(text):
        return _LOCAL_NUMBERS.vformat(text, (), values)
    return text.format_map(values)  # the same, seven times as fast: string.Formatter is written in Python


def one_of(words: Sequence[str]) -> str:
    """Return words as alternatives: `a, b or c`. Empty if there are no words."""
    *others, last = words or [""]
    return _("{others} or {last}", others=", ".join(others), last=last) if others else last


def none_of(words: Sequence[str]) -> str:
    """Return words of which none holds, after a negation: `a, b or c`. French says "ni" there, and "ou" elsewhere."""
    *others, last = words or [""]
    return _("{excluded} or {last}", excluded=", ".join(others), last=last) if others else last


def all_of(words: Sequence[str]) -> str:
    """Return words as a list: `a, b and c`. Empty if there are no words."""
    *others, last = words or [""]
    return _("{others} and {last}", others=", ".join(others), last=last) if others else last


def labeled(label: str, value: str) -> str:
    """Return a value after its label: `Title: Acme`. French has a space before the colon."""
    return _("{label}: {value}", label=label, value=value)
