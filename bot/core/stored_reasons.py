"""Reasons that are stored when something happens, and worded in the reader's language later.

A stored reason is `code` or `code:value`. Older versions stored English sentences instead. They are shown as they are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_STORED = re.compile(r"([a-z0-9_]+)(?::(.*))?", re.DOTALL)


class StoredReason(NamedTuple):
    """A reason as it is stored: its code, and a value that belongs into its text."""

    code: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.code}:{self.value}" if self.value else self.code


def read_reason(text: str) -> StoredReason | None:
    """Return a stored reason, or None for a sentence that an older version stored."""
    parts = _STORED.fullmatch(text)
    return StoredReason(parts[1], parts[2] or "") if parts else None
