"""What no one types on purpose, and someone sends all the same: strings, addresses and JSON values.

Each has broken something somewhere: escaping, a limit, a parser, a database, a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STRINGS: tuple[str, ...] = (
    # Slack's own signs, and what only looks like them.
    "<!channel>", "<!here|x>", "<!everyone>", "<@U123>", "<@W0000MEI|mei>", "<#C123|general>", "<!subteam^S123|@x>",
    "<https://x|y>", "<javascript:alert(1)|x>", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "<!date^0^{date}|x>",
    "@here", "@channel", "@everyone", ":smile:", "*bold*", "_x_", "~y~", "`z`", "```", "> quote", "|", "^", "\\", "%",
    # Writing direction, joiners, marks: what turns its neighbors around, or is one sign made of many.
    "\u202egnihsif", "\u2067", "\u2066x\u2069", "שלום עולם", "مرحبا 123", "👩‍👩‍👧‍👦" * 60, "a\u0301" * 300, "🇵🇹" * 200,
    "Z\u0351\u036b\u0343" * 200, "\ufdfa" * 50, "ﬃ", "İ", "ß", "ǅ", "\u1e9e", "\uff11\uff12", "²", "٣", "Ⅷ",
    # What no one sees, what ends lines, what ends strings, and halves of characters.
    "\u200b", "\ufeff", "\u2060", "\u00ad", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\ud800", "\udfff",
    "\ufffe", "a\x00b", "\ud83d", " ", "\t", "\r\n", "line\nbreak", "\n" * 500, "\xa0",
    # Long ones.
    "x" * 10_000, "&" * 3000, "<" * 300, "`" * 500, "*a* " * 200, '"' * 301, "(" * 2000, "\\" * 999, "é" * 3000,
    # Numbers, and words that languages and databases take for something else.
    "0", "-1", "1e999", "NaN", "Infinity", "9" * 400, "0x10", "1_000", "+1", "1.5", "null", "None", "undefined", "true",
    "[]", "{}", "__proto__", "constructor", "{{7*7}}", "${7*7}", "%s%n", "%(x)s", "{0}", "{x!r}",
    # Questions of other languages.
    "'; DROP TABLE applications; --", "' OR '1'='1", "<script>alert(1)</script>", "../../etc/passwd", "..%2f..%2f",
    "file:///etc/passwd", "$(id)", "`id`", "=cmd|' /C calc'!A0", "\nSet-Cookie: a=b", "a: b\r\nX: y",
    # Of this bot's own language: filters, ids, tags, menus, buttons.
    'title:"', "-", "--", ":", "a:b:c", "late:", "-late:yes,no", "id:#", "template:,", '""', '","', "5~123", "99999~x",
    "1~2~3", "~", "take", "take ", "#123", "https://clust.example/applications/1",
    '{"filter":"","limit":1e999,"page":-1}', '{"filter":1,"limit":20,"page":99999999999999999999}',
    "[" * 2000, "unset", "new", "default",
)  # fmt: skip

URLS: tuple[str, ...] = (
    "https://clust.example/1?a=<b>|c&d", "https://x.example/" + "y" * 3000, "javascript:x", "HTTP://é.example/*b*",
    "https://", "https://[::1", "https://a:b@c:99999/", "//x", "https://x.example/\u202e", "https://x.example/a b\nc",
    "data:text/html,x",
)  # fmt: skip


def _deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**30, -(10**400 % 10**200), 1e308, 5e-324),
    *("", [], {}, [[]], [None], [{}], {"": None}, {"id": {}}, {"value": []}, {"text": {"text": 1}}),
    *(_deep(50), _deep(400), ["x"] * 3000, {str(number): number for number in range(500)}),
)
"""JSON values where another one is expected."""


def everything() -> Sequence[Any]:
    """Return every string, address and value."""
    return (*STRINGS, *URLS, *VALUES)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of each value inside a JSON value, the whole first."""
    inside: Any = ()
    if isinstance(value, Mapping):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    return [path, *(deeper for key, inner in inside for deeper in places(inner, (*path, key)))]


def at(value: Any, path: Sequence[str | int]) -> Any:
    """Return what stands at `path` in a JSON value."""
    for key in path:
        value = value[key]
    return value


def replaced(value: Any, path: Sequence[str | int], new: Any) -> Any:
    """Return a JSON value with another one at `path`."""
    if not path:
        return new
    copied: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copied[path[0]] = replaced(copied[path[0]], path[1:], new)
    return copied


def without(value: Any, path: Sequence[str | int]) -> Any:
    """Return a JSON value without what stands at `path`."""
    copied: Any = dict(value) if isinstance(value, Mapping) else list(value)
    if len(path) == 1:
        del copied[path[0]]
    else:
        copied[path[0]] = without(copied[path[0]], path[1:])
    return copied
