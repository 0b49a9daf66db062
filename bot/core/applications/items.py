"""The items of an application: the documents and forms that its recipient must complete.

Only single reads list them (`dossier_items`), and the names of their keys are guesses (docs/clust-api.md). So nothing
here fails: an item without a name has an empty one, and an item with an unknown status is never called missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from bot.core.language import N_
from bot.core.typed_text import fold

MAX_ITEMS = 300
"""Items kept for one application."""

MAX_NAME = 200
"""Characters kept of an item's name."""


class ItemState(StrEnum):
    """What an item's status means. The values are Clust's words, English in every account."""

    MISSING = N_("Missing")
    PENDING_REVIEW = N_("Pending Review")
    COMPLETED = N_("Completed")
    APPROVED = N_("Approved")


_WORDS: Mapping[ItemState, str] = {
    ItemState.MISSING: "missing not_started to_do todo requested incomplete not_completed manquant manquante",
    ItemState.PENDING_REVIEW: "pending_review in_review under_review to_review submitted received",
    ItemState.COMPLETED: "completed complete done finished",
    ItemState.APPROVED: "approved validated accepted",
}
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}
_SEPARATORS = re.compile(r"[\W_]+")
_NUMBER_PREFIX = re.compile(r"[0-9]+_(?=.)")


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item as Clust returned it. An empty text, and None for `is_mandatory`, mean unknown."""

    name: str = ""
    status: str = ""
    label: str = ""
    kind: str = ""
    is_mandatory: bool | None = None

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read an item from Clust's answer or from our stored form."""
        mandatory = raw.get("is_mandatory")
        return cls(
            name=_text(raw, "name", "title"),
            status=_text(raw, "status"),
            label=_text(raw, "label", "status_string"),
            kind=_text(raw, "kind", "type"),
            is_mandatory=bool(mandatory) if mandatory in (0, 1) else None,
        )

    @property
    def state(self) -> ItemState | None:
        """What its status means, or None if no rule matches."""
        words = (_NUMBER_PREFIX.sub("", _word(text), count=1) for text in (self.status, self.label))
        return next((_STATES[word] for word in words if word in _STATES), None)

    @property
    def is_missing(self) -> bool:
        """Whether the recipient must still complete it. Optional items are never missing."""
        return self.state is ItemState.MISSING and self.is_mandatory is not False


def read_items(value: object) -> tuple[ChecklistItem, ...] | None:
    """Return the items of an answer, or None if it has no list of items."""
    rows = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(rows, list | tuple):
        return None
    items = (row if isinstance(row, ChecklistItem) else ChecklistItem.of(row) for row in rows if _is_item(row))
    return tuple(items)[:MAX_ITEMS]


def counted(items: tuple[ChecklistItem, ...]) -> tuple[int, int]:
    """Return how many mandatory items are done, and how many there are."""
    mandatory = [item for item in items if item.is_mandatory is not False]
    return sum(item.state not in {ItemState.MISSING, None} for item in mandatory), len(mandatory)


def _is_item(row: object) -> bool:
    return isinstance(row, ChecklistItem | dict)


def _text(raw: Mapping[str, Any], *names: str) -> str:
    """Return the first value that is not empty, as a single line of limited length."""
    for name in names:
        value = raw.get(name)
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if line := " ".join(text.split()):
            return line[:MAX_NAME]
    return ""


def _word(text: str) -> str:
    return _SEPARATORS.sub("_", fold(text)).strip("_")
