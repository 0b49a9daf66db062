"""Short forms of commands, as `/clust late` is one of `/clust list late:yes`. One line for each."""

from __future__ import annotations

from collections.abc import Mapping

SHORT_FORMS: Mapping[str, str] = {
    "mine": "list mine:yes",
    "late": "list late:yes",
    "pending": "list status:pending",
}
"""Words that stand for a longer command. What is typed after them is added to it."""
