"""The JSON of a list, read row by row where the rows stand: whoever knows a row by its text need not read it again.

A list stands bare or in `data`, beside what is said of its other pages; there it may be an object of rows by their ids
(what PHP makes of a filtered list), or a whole answer of its own. Nothing here knows what a row is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.core.errors import ClustBroken, Way
from bot.core.language import N_

RowT = TypeVar("RowT")
ReadRow = Callable[[str, int], tuple[RowT | None, int]]
"""Reads the value at a place of a text: the row, None where it makes none, and the place behind it."""

MAX_ROWS = 25_000
"""Of one answer: what a server without pages may hold. While more are read the bot would answer nobody."""

TOO_MUCH = N_("The response is too large.")

value_at = json.JSONDecoder().raw_decode
"""Returns the JSON value at a place of a text and the place behind it.

Raises JSONDecodeError, RecursionError, and ValueError for a number that is too long.
"""

_DIGITS = re.compile(r"[0-9]{1,100}")
_SPACE = re.compile(r"[ \t\n\r]*")
_SIGN = re.compile(r"[ \t\n\r]*([]},:])[ \t\n\r]*")


@dataclass(slots=True)
class JsonRows(Generic[RowT]):
    """What an answer held: its rows (None: no list), how many made no row, and its members beside `data`."""

    rows: list[RowT] | None = None
    unreadable: int = 0
    members: dict[str, Any] = field(default_factory=dict)


def read_listing(text: str, read_row: ReadRow[RowT]) -> JsonRows[RowT]:
    """Read the list in a JSON text.

    Raises as `value_at` does where the text is no JSON or nested too deeply, and ClustBroken for too many rows.
    """
    return _Reading(text, read_row).whole()


class _Reading(Generic[RowT]):
    """One text that is read; each method takes the place where its part begins and returns the place behind it."""

    def __init__(self, text: str, read_row: ReadRow[RowT]) -> None:
        self._text, self._read_row = text, read_row
        self._result: JsonRows[RowT] = JsonRows()
        self._is_inside = False

    def whole(self) -> JsonRows[RowT]:
        """Read all of the text."""
        start = self._skip(0)
        if self._text.startswith("{", start):
            end = self._parts(start + 1, "}", self._member)
        elif self._text.startswith("[", start):
            end = self._rows(start)
        else:
            _, end = value_at(self._text, start)
        if self._skip(end) != len(self._text):
            raise json.JSONDecodeError("Something stands behind the end.", self._text, end)
        return self._result

    def _member(self, at: int) -> int:
        """Read a name and its value; of two with one name the last counts."""
        if not self._text.startswith('"', at):
            raise json.JSONDecodeError("A member has no name.", self._text, at)
        name, at = value_at(self._text, at)
        _, at = self._sign(at, ":")
        if name != "data":
            self._result.members[name], at = value_at(self._text, at)
        elif self._text.startswith("[", at):
            at = self._rows(at)
        elif self._text.startswith("{", at):
            at = self._object(at)
        else:
            self._result.rows, (_, at) = None, value_at(self._text, at)
        return at

    def _object(self, at: int) -> int:
        """Read the object in `data`: an answer of its own, rows by their ids, or no list."""
        data, end = value_at(self._text, at)
        self._result.rows, self._result.unreadable = None, 0
        if isinstance(data.get("data"), list | dict) and not self._is_inside:
            self._is_inside = True
            return self._parts(at + 1, "}", self._member)
        if all(
            isinstance(row, dict) and (_DIGITS.fullmatch(name) or name == row.get("id")) for name, row in data.items()
        ):
            self._result.rows = rows = list[RowT]()
            for name, row in data.items():
                text = json.dumps(row if row.get("id") else {**row, "id": name})
                self._take(rows, self._read_row(text, 0)[0])
        return end

    def _rows(self, at: int) -> int:
        rows = list[RowT]()
        self._result.rows, self._result.unreadable = rows, 0

        def read(at: int) -> int:
            row, at = self._read_row(self._text, at)
            self._take(rows, row)
            return at

        return self._parts(at + 1, "]", read)

    def _take(self, rows: list[RowT], row: RowT | None) -> None:
        if row is None:
            self._result.unreadable += 1
        else:
            rows.append(row)
        if len(rows) + self._result.unreadable > MAX_ROWS:
            raise ClustBroken(TOO_MUCH, way=Way.SIZE)

    def _parts(self, at: int, end: str, read: Callable[[int], int]) -> int:
        """Read parts with commas between them, until the sign that ends them."""
        at = self._skip(at)
        if self._text.startswith(end, at):
            return at + 1
        sign, signs = ",", f",{end}"
        while sign == ",":
            sign, at = self._sign(read(at), signs)
        return at

    def _sign(self, at: int, signs: str) -> tuple[str, int]:
        """Read one of these signs and the space around it; return it too."""
        match = _SIGN.match(self._text, at)
        if not match or match[1] not in signs:
            raise json.JSONDecodeError(f"One of {signs} should stand here.", self._text, at)
        return match[1], match.end()

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at
