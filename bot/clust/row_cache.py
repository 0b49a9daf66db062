"""Rows that stand as they did: a poll in which nothing happened reads the text of a list, and parses none of it.

What is remembered of a row is how it was spelled. It counts only while the poller still knows the application by the
fingerprint that this spelling led to: what was read and then not kept is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from bot.clust.protocol import read_application
from bot.core.applications.model import Application, fingerprint

HEAD = 40
"""Characters that may tell one row from others, up to the first comma: Clust's rows begin with their id."""

FEW = 1_000
"""Spellings that may be kept of applications that the poller does not know."""


class CachedRow(NamedTuple):
    """One application in a list; `application` is None where the row is familiar, and known by its fingerprint."""

    id: str
    fingerprint: int
    updated_at: datetime | None
    created_at: datetime | None
    application: Application | None


class RowCache:
    """The rows that one poller has read, by their spelling.

    `known` holds the fingerprints of the applications whose state is kept; it may change at any time.
    """

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._spelled: dict[str, tuple[int, int, CachedRow]] = {}

    def read(self, text: str, start: int) -> tuple[CachedRow | None, int]:
        """Read the row at a place of a text; return it and the place behind it. As `listing.ReadRow`.

        A hash of 64 bits with a key of this process's own tells two spellings of one length apart.
        """
        head = text[start : start + HEAD].partition(",")[0]
        length, spelling, row = self._spelled.get(head, (0, 0, None))
        if row and self._known.get(row.id) == row.fingerprint and hash(text[start : start + length]) == spelling:
            return row, start + length
        application, end = read_application(text, start)
        if application is None:
            return None, end
        row = CachedRow(
            application.id, fingerprint(application), application.updated_at, application.created_at, application
        )
        self._keep(head, end - start, hash(text[start:end]), row)
        return row, end

    def _keep(self, head: str, length: int, spelling: int, row: CachedRow) -> None:
        if len(self._spelled) > 2 * len(self._known) + FEW:
            self._spelled.clear()  # heads that name nothing for long, such as dates, would pile up
        self._spelled[head] = length, spelling, row._replace(application=None)
