"""Read who a message is about: names, email addresses and a phone number. Pure.

People paste signatures, forwarded emails and lists. What is read only fills in a form that a person checks, so a
doubtful name is left out rather than guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.forms.fields import Field, Kind, Wrong, checked

MAX_CONTACTS = 9
"""Addresses that are read from one message."""

MAX_READ_CHARS = 20_000
"""Characters of a message that are read."""

MAX_NEAR_LINES = 4
"""A name or phone number of a signature stands at most so many lines from its address."""

MAX_NAME_CHARS, MAX_NAME_WORDS = 60, 5

MIN_PHONE_DIGITS = 7
"""Fewer digits are a number of something else."""


@dataclass(frozen=True, slots=True)
class MessageContact:
    """A person as a message names them. What the message doesn't say is empty."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


_EMAIL = re.compile(r"[^\s<>()\[\]{},;:\"'|@]{1,64}@[^\s<>()\[\]{},;:\"'|@]+\.[^\s<>()\[\]{},;:\"'|@]+")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w+])(?:\+|\(|0)[0-9 ()./\u00a0\u202f\u2010-\u2015-]{5,30}[0-9](?!\w)")
_LABEL = re.compile(r"^\W*([^\W\d_][\w .'-]{0,24})\s*[:=\uff1a]\s*")
_FULL, _FIRST, _LAST, _NO_NAME = "full", "first", "last", ""
_LABELS: Mapping[str, str] = {
    "name": _FULL,
    "full name": _FULL,
    "contact": _FULL,
    "client": _FULL,
    "recipient": _FULL,
    "nom complet": _FULL,
    "nombre completo": _FULL,
    "contato": _FULL,
    "first name": _FIRST,
    "given name": _FIRST,
    "prénom": _FIRST,
    "prenom": _FIRST,
    "nombre": _FIRST,
    "nome": _FIRST,
    "vorname": _FIRST,
    "last name": _LAST,
    "surname": _LAST,
    "family name": _LAST,
    "nom": _LAST,
    "nom de famille": _LAST,
    "apellido": _LAST,
    "apellidos": _LAST,
    "nachname": _LAST,
    "from": _NO_NAME,
    "to": _NO_NAME,
    "cc": _NO_NAME,
    "bcc": _NO_NAME,
    "de": _NO_NAME,
    "à": _NO_NAME,
    "von": _NO_NAME,
    "an": _NO_NAME,
    "email": _NO_NAME,
    "e-mail": _NO_NAME,
    "mail": _NO_NAME,
}
"""What people write before a colon, in lower case: in front of which name it stands. Others may stand before any."""

_COURTESIES = frozenset(
    {
        *("hi", "hello", "hey", "dear", "thanks", "thank", "regards", "best", "kind", "warm", "cheers", "sincerely"),
        *("bonjour", "salut", "merci", "cordialement", "bien", "sincères", "hola", "gracias", "saludos", "obrigado"),
        *(
            "hallo",
            "danke",
            "grüße",
            "viele",
            "please",
            "forwarded",
            "original",
            "sent",
            "subject",
            "date",
            "re",
            "fwd",
        ),
    }
)
_PARTICLES = frozenset(
    {
        *("de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "ter"),
        *("bin", "ibn", "al", "el", "ben", "y", "e", "af", "av", "zu"),
    }
)


def read_contacts(text: str) -> tuple[MessageContact, ...]:
    """Return the people in a message: one for each email address in order.

    Without any address, the others who are named. Empty if it names no one. Never fails. A name is taken from beside
    the address (`Ana Silva <ana@acme.com>`), from a label (`Name: Ana Silva`), from a signature (a line of its own near
    the address), or from `ana.silva@`.
    """
    lines = [_tidy(line) for line in text[:MAX_READ_CHARS].splitlines()]
    mentioned = list(_addresses(lines))
    first_lines: dict[str, tuple[int, str]] = {}
    for line_number, email in mentioned:
        first_lines.setdefault(email.casefold(), (line_number, email))
    labeled = _labeled(lines)
    if not first_lines:
        contact = MessageContact(*labeled, phone=next((phone for _line, phone in _phones(lines)), ""))
        return (contact,) if contact != MessageContact() else ()
    is_alone = len(first_lines) == 1
    phones = _phones_by_address(lines, mentioned, MAX_NEAR_LINES if not is_alone else len(lines))
    contacts, after = [], 0
    for key, (line_number, email) in [*first_lines.items()][:MAX_CONTACTS]:
        name = (
            _beside(lines[line_number], email)
            or (labeled if is_alone and any(labeled) else None)
            or _signed(lines[max(after, line_number - MAX_NEAR_LINES) : line_number])
            or _from_address(email)
        )
        contacts.append(MessageContact(*name, email=email, phone=phones.get(key, "")))
        after = line_number + 1
    return tuple(contacts)


def _tidy(line: str) -> str:
    """Return a line without quotation marks of emails, formatting and characters that can't be seen."""
    seen = "".join(char for char in line if unicodedata.category(char) not in {"Cc", "Cs", "Cf"} or char == "\t")
    return re.sub(r"^[>\s*_~\u2022-]+|[\s*_~]+$", "", seen.replace("\u00a0", " "))


def _addresses(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give each mention of an address, with the number of its line."""
    for number, line in enumerate(lines):
        for match in _EMAIL.finditer(line):
            try:
                yield number, str(checked(Field("", Kind.EMAIL), match[0].strip(".*_~`")))
            except Wrong:
                continue


def _beside(line: str, email: str) -> tuple[str, str] | None:
    """Return the name that stands before an address on its line."""
    before = line.partition(email)[0]
    before = _EMAIL.sub("\n", before).rpartition("\n")[2]
    return _as_name(_without_label(before)) or _at_the_end(before)


def _at_the_end(text: str) -> tuple[str, str] | None:
    """Return the name with which a sentence ends: two capitalized words or more."""
    words = text.rstrip(" \t<([\"'").split()
    start = len(words)
    while start and _is_name_word(words[start - 1]):
        start -= 1
    while start < len(words) and words[start].casefold() in _PARTICLES | _COURTESIES:
        start += 1
    name = _as_name(" ".join(words[start:]))
    return name if name and name[1] and _is_cased(name[0]) else None


def _without_label(text: str) -> str:
    match = _LABEL.match(text)
    return text[match.end() :] if match and match[1].strip().casefold() in _LABELS else text


def _labeled(lines: Sequence[str]) -> tuple[str, str]:
    """Return the first and last name that labels give, as on a form, or empty texts where they don't."""
    first = last = ""
    for line in lines:
        match = _LABEL.match(line)
        kind = _LABELS.get(match[1].strip().casefold(), _NO_NAME) if match else _NO_NAME
        value = _EMAIL.sub("", line[match.end() :]) if match else ""
        if kind == _FULL and (name := _as_name(value)):
            return name
        if kind == _FIRST and _is_name(value):
            first = _words(value)
        elif kind == _LAST and _is_name(value):
            last = _words(value)
    if first and last:
        return first, last
    first, _space, last = (first or last).partition(" ")
    return first, last


def _signed(lines: Sequence[str]) -> tuple[str, str] | None:
    """Return the name of a signature: the line nearest to the address that is a name of two words or more."""
    for line in reversed(lines):
        name = _as_name(line)
        if name and (name[1] or not _is_cased(name[0])):
            return name
    return None


def _from_address(email: str) -> tuple[str, str]:
    """Return the name in `ana.silva@`: two parts of letters alone, else nothing."""
    parts = re.split(r"[._]", email.partition("@")[0].partition("+")[0])
    if len(parts) == 2 and all(len(part) > 1 and part.isalpha() for part in parts):  # noqa: PLR2004  first and last
        return parts[0].capitalize(), parts[1].capitalize()
    return "", ""


def _as_name(text: str) -> tuple[str, str] | None:
    """Return a text as first and last name, None if it isn't a name. `Silva, Ana` is turned around."""
    text = text.strip(" \t<>()[]\"'`*_|:;,-\u2013\u2014\u00ab\u00bb\u201c\u201d")
    last, comma, first = text.partition(",")
    if comma and _is_name(first) and _is_name(last):
        return _words(first), _words(last)
    if not _is_name(text):
        return None
    first, _space, last = _words(text).partition(" ")
    return first, last


def _words(text: str) -> str:
    return " ".join(text.split())


def _is_name(text: str) -> bool:
    """Tell whether a text can be a name: few words of letters of any script, with capitals where it has them."""
    words = text.split()
    if not 0 < len(words) <= MAX_NAME_WORDS or len(text) > MAX_NAME_CHARS:
        return False
    folded = {word.casefold().strip(".") for word in words}
    return not folded & _COURTESIES and all(_is_name_word(word) for word in words) and not folded <= _PARTICLES


def _is_name_word(word: str) -> bool:
    letters = [char for char in word if char not in ".'\u2019-\u00b7"]
    if not letters or not all(unicodedata.category(char)[0] in "LM" for char in letters):
        return False
    return not word[0].islower() or word.casefold() in _PARTICLES


def _is_cased(text: str) -> bool:
    return text.upper() != text.lower()


def _phones_by_address(lines: Sequence[str], mentioned: Sequence[tuple[int, str]], farthest: int) -> dict[str, str]:
    """Return the first phone number of each address. A number belongs to the nearest mention, or the one before."""
    phones: dict[str, str] = {}
    for number, phone in _phones(lines):
        line_number, email = min(mentioned, key=lambda one: (abs(one[0] - number), one[0] > number))
        if abs(line_number - number) <= farthest:
            phones.setdefault(email.casefold(), phone)
    return phones


def _phones(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give each phone number, with the number of its line. Addresses and links are left out."""
    for number, line in enumerate(lines):
        for match in _PHONE.finditer(_EMAIL.sub(" ", _URL.sub(" ", line))):
            try:
                phone = str(checked(Field("", Kind.PHONE), match[0]))
            except Wrong:
                continue
            if sum(map(str.isdigit, phone)) >= MIN_PHONE_DIGITS:
                yield number, phone
