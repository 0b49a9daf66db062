"""Tables of characters: which typographic sign stands for which plain one, and what a letter is compared by (rule F4).

Both are used with `str.translate`. `STRAIGHT` gives one character for one, so positions in a text stay what they were.
`FOLDED` works out a character when it is first met.
"""

from __future__ import annotations

import re
import unicodedata

MAX_REMEMBERED = 8192
"""Characters whose folding is kept: more than any alphabet needs, and no text from outside can fill the memory."""

_WIDE = {point: chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}  # the full-width forms of ! to ~
_SIGNS = {
    # Every dash, hyphen and minus, bullets that some systems put for one, and a minus written as an emoji.
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u2796\u02d7\u058a\u05be\u1806\u2e3a\u2e3b\u301c\u3030"
    "\ufe31\ufe32\ufe58\ufe63",
    ":": "\u2236\ua789\u05c3\ufe13\ufe55",
    ",": "\u3001\u060c\ufe10\ufe11\ufe50\ufe51\uff64",
    ";": "\u037e\u061b\ufe14\ufe54",
    "<": "\ufe64\u02c2",
    ">": "\ufe65\u02c3",
    "=": "\ufe66\ua78a\u30a0",
    "@": "\ufe6b",
    "#": "\ufe5f\u266f",
    "%": "\ufe6a\u066a",
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2033\u2036\u275d\u275e\u300c\u300d\u300e\u300f\u301d\u301e"
    "\u301f\ufe41\ufe42\ufe43\ufe44\uff62\uff63",
    "'": "\u2018\u2019\u201a\u201b\u2032\u2035\u275b\u275c\u00b4\u02b9\u02bb\u02bc\u02bd\u055a",
}
STRAIGHT = _WIDE | {ord(sign): plain for plain, signs in _SIGNS.items() for sign in signs}
"""Typographic signs, and full-width digits and letters, as the plain character of the filter language."""

QUOTES = {point: plain for point, plain in STRAIGHT.items() if plain in {'"', "'"}}
"""Only the typographic quotes of `STRAIGHT`."""

_TWO_SIGNS = dict.fromkeys(map(ord, "\u2264\u2266\u2a7d"), "<=") | dict.fromkeys(map(ord, "\u2265\u2267\u2a7e"), ">=")

# Unicode has no decomposition for these, though it names what they are made of: LATIN SMALL LETTER O WITH STROKE.
_LATIN = re.compile(
    r"LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE) (?:(?:DOTLESS|LONG|OPEN|BARRED) )?([A-Z]{1,2})(?: WITH .+)?"
)
_NAMED = {
    each: plain
    for plain, letters in {
        "d": "\u00f0\u00d0",
        "th": "\u00fe\u00de",
        "n": "\u014b\u014a",
        "q": "\u0138",
        "a": "\u0259\u018f",
    }.items()
    for each in letters
}
_UNSEEN = {"Cc", "Cf", "Cs"}  # control, format (zero width) and lone surrogates: no one typed them on purpose
_VARIATIONS = range(0xFE00, 0xFE10)  # choose between the text and the emoji form of the sign before
_STRUCK_OUT = "\u0338"


class _Folded(dict[int, str]):
    """What each character is compared by: lower case, no accent, plain signs, and nothing for what is unseen."""

    def __missing__(self, point: int) -> str:
        folded = _fold(chr(point))
        if len(self) < MAX_REMEMBERED:
            self[point] = folded
        return folded


FOLDED = _Folded()


def is_unseen(character: str) -> bool:
    """Return whether a character leaves no trace on a screen: zero width, control, half of another."""
    return not character.isspace() and (unicodedata.category(character) in _UNSEEN or ord(character) in _VARIATIONS)


def _fold(character: str) -> str:
    """Return what a character is compared by. Folding the result again changes nothing."""
    if character.isspace():  # first, since some white space is a control character
        return " "
    if is_unseen(character) or unicodedata.combining(character):
        return ""
    point = ord(character)
    plain = STRAIGHT.get(point) or _TWO_SIGNS.get(point) or _NAMED.get(character) or _decomposed(character)
    if plain == '"':
        return ""
    return plain if plain == character else "".join(map(_fold, plain))


def _decomposed(character: str) -> str:
    """Return a character in lower case and without accents, by Unicode's tables, else by its name."""
    parts = unicodedata.normalize("NFKD", character)
    if _STRUCK_OUT in parts and not parts[0].isalpha():
        return character  # "not equal" is not "equal"
    if parts != character:
        return parts
    if (lower := character.casefold()) != character:
        return lower
    name = None if character.isascii() else _LATIN.fullmatch(unicodedata.name(character, ""))
    return name[1].lower() if name else character
