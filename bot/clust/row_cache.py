"""Skip parsing rows whose text has not changed, so that a poll without changes parses nothing.

The cache keeps a hash of each row's text. An entry counts only while the poller still has the fingerprint that this
text led to: a row that was read and then not saved is parsed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from bot.clust.protocol import read_application
from bot.core.applications.model import Application, fingerprint

HEAD_LENGTH = 40
"""Characters of a row, up to the first comma, that identify it: Clust's rows begin with their id."""

MAX_UNSAVED_ROWS = 1_000
"""Entries that may be left from earlier sweeps for applications that the poller has not saved."""


class CachedRow(NamedTuple):
    """One row of a list. `application` is None where its text has not changed, so its fingerprint has not either."""

    id: str
    fingerprint: int
    updated_at: datetime | None
    created_at: datetime | None
    application: Application | None


_CacheEntry = tuple[int, int, str, int, datetime | None, datetime | None]
"""The length and hash of a row's text, and what it led to: its id, fingerprint and dates.

It is one flat tuple, since Python's garbage collector doesn't look through those: with 100,000 of them each full
collection would take 0.2 seconds longer, in which the process does nothing else.
"""


class RowCache:
    """The rows that one poller has read, by the text they begin with.

    `fingerprints` has those of the saved applications by their ids. The poller changes them as it saves.
    """

    def __init__(self, fingerprints: Mapping[str, int]) -> None:
        self._fingerprints = fingerprints
        self._entries: dict[str, _CacheEntry] = {}

    def trim(self) -> None:
        """Drop all rows if they are far more than the saved applications. This is called before each sweep.

        Texts that rows no longer begin with, such as dates, would pile up. A sweep itself has no limit: what a first
        one reads is saved at its end, and the next one then parses none of it.
        """
        if len(self._entries) > 2 * len(self._fingerprints) + MAX_UNSAVED_ROWS:
            self._entries.clear()

    def read(self, text: str, start: int) -> tuple[CachedRow | None, int]:
        """Read the row at position `start` of a text and return it with the position after it (`json_rows.ReadRow`).

        Two texts of one length are distinguished by Python's hash of 64 bits, whose key is this process's own.
        """
        head = text[start : start + HEAD_LENGTH].partition(",")[0]
        if entry := self._entries.get(head):
            length, text_hash, key, mark, updated_at, created_at = entry
            if self._fingerprints.get(key) == mark and hash(text[start : start + length]) == text_hash:
                return CachedRow(key, mark, updated_at, created_at, None), start + length
        application, end = read_application(text, start)
        if application is None:
            return None, end
        row = CachedRow(
            application.id, fingerprint(application), application.updated_at, application.created_at, application
        )
        text_hash = hash(text[start:end])
        self._entries[head] = end - start, text_hash, row.id, row.fingerprint, row.updated_at, row.created_at
        return row, end
