"""What an update changes, where one value has several spellings (rule M3)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.forms.update_diff import also_changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"auto_emails": True}, {"auto_emails": "1"}),
        ({"auto_emails": False}, {"auto_emails": "0"}),
        ({"folder_id": "12"}, {"folder_id": 12}),
        ({"title": None}, {"title": ""}),
        ({"webhook_events": ["late", "created"]}, {"webhook_events": ("created", "late")}),
    ],
)
def test_another_spelling_changes_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A yes that Clust tells as true, digits as text or number, an empty text, events in another order are the same."""
    assert also_changed(before, after, ()) == {}
    assert also_changed(before, dict.fromkeys(after, "else"), ()).keys() == after.keys()
