"""Parse the JSON of a list row by row, so that a caller who recognizes a row by its text can skip parsing it.

A list is bare or in `data`, beside information about other pages. `data` may also be an object of rows by ID (PHP's
JSON of a filtered list), or a nested response. This module doesn't know what a row is.
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
"""Parses the value at a position: returns the row, None if it is unusable, and the position after it."""

MAX_ROWS = 25_000
"""Rows of one response. Parsing more would block the process for too long."""

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
    """The content of a response: rows (None: no list), the number of unusable rows, members beside `data`."""

    rows: list[RowT] | None = None
    unreadable: int = 0
    members: dict[str, Any] = field(default_factory=dict)


def read_listing(text: str, read_row: ReadRow[RowT]) -> JsonRows[RowT]:
    """Parse the list in a JSON text.

    Raises what `value_at` raises if the text isn't JSON or is nested too deeply, and ClustBroken for too many rows.
    """
    return _ListingParser(text, read_row).whole()


class _ListingParser(Generic[RowT]):
    """A parser of one text. Each method takes the position where its part begins and returns the one after it."""

    def __init__(self, text: str, read_row: ReadRow[RowT]) -> None:
        self._text, self._read_row = text, read_row
        self._result: JsonRows[RowT] = JsonRows()
        self._is_inside = False
        self._inner: dict[str, Any] = {}

    def whole(self) -> JsonRows[RowT]:
        """Parse the whole text."""
        start = self._skip(0)
        if self._text.startswith("{", start):
            end = self._parts(start + 1, "}", self._member)
        elif self._text.startswith("[", start):
            end = self._rows(start)
        else:
            _, end = value_at(self._text, start)
        if self._skip(end) != len(self._text):
            raise json.JSONDecodeError("Something stands behind the end.", self._text, end)
        self._result.members |= self._inner
        return self._result

    def _member(self, at: int) -> int:
        """Parse a name and its value. If a name repeats, the last value counts."""
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
        """Parse the object in `data`: a nested response, rows by ID, or no list.

        The members of a nested response count, wherever the others stand: they are about its rows.
        """
        data, end = value_at(self._text, at)
        self._result.rows, self._result.unreadable = None, 0
        if isinstance(data.get("data"), list | dict) and not self._is_inside:
            self._is_inside = True
            outer, self._result.members = self._result.members, self._inner
            end = self._parts(at + 1, "}", self._member)
            self._result.members = outer
            return end
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
        """Parse parts separated by commas, up to the closing character."""
        at = self._skip(at)
        if self._text.startswith(end, at):
            return at + 1
        sign, signs = ",", f",{end}"
        while sign == ",":
            sign, at = self._sign(read(at), signs)
        return at

    def _sign(self, at: int, signs: str) -> tuple[str, int]:
        """Parse one of these characters and the space around it, and return it."""
        match = _SIGN.match(self._text, at)
        if not match or match[1] not in signs:
            raise json.JSONDecodeError(f"One of {signs} should stand here.", self._text, at)
        return match[1], match.end()

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at
