"""Decode the text of a slash command, in one place (rule X1). Pure.

Commands are registered with `should_escape: true`, so Slack sends `&lt;` for `<` and its own signs in angle brackets.
"""

from __future__ import annotations

import re

from bot.core.character_tables import QUOTES

_SPACES = "\u00a0\u2007\u202f"
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_CLEAN = QUOTES | str.maketrans({**dict.fromkeys(_SPACES, " "), **dict.fromkeys(_ZERO_WIDTH, "")})
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
# Brackets that a person typed arrive as entities, so one pass over both can't mistake one for the other. Only Slack's
# own signs count, so that a comparison in a text that was not escaped stays one.
_SIGN = re.compile(rf"<((?:[@#]\w|!|[a-z][a-z0-9+.-]*:)[^<>|\s]+)(?:\|([^<>]*))?>|{_ENTITY.pattern}")
_GROUP = "!subteam^"


def decode(text: str) -> str:
    """Return the text of a command as the person typed it (rule X1). Never fails.

    Entities are decoded once. `<@U123|ana>` gives `@U123` and `<#C123|general>` `#C123`: ids, since names change. A
    group gives `@S123`, and `<!here>` gives `@here`. A link gives its address, a mail or phone link what follows
    `mailto:` or `tel:`, and a bare domain that Slack made a link of (`<http://acme.com|acme.com>`) gives the domain
    back. Typographic quotes become straight, non-breaking spaces plain, and zero-width characters go.
    """
    return _SIGN.sub(_typed, text).translate(_CLEAN)


def _typed(match: re.Match[str]) -> str:
    """Return what a person typed for one entity or bracketed sign."""
    if match[1] is None:
        return _ENTITIES[match[0]]
    sign, label = _unescaped(match[1]), _unescaped(match[2] or "")
    if sign.startswith("!"):
        return f"@{sign.removeprefix(_GROUP).removeprefix('!')}"
    if sign == f"http://{label}":
        return label
    return sign.removeprefix("mailto:").removeprefix("tel:")


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], text)
