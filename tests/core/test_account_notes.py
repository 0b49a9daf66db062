"""What a poll notes about its account, in its reader's language."""

from __future__ import annotations

import pytest

from bot.core.account_notes import asked_to_wait, fewer_applications, note_in_words, share_of_limit
from bot.core.language import speaking
from tests.pseudo_language import pseudo


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (asked_to_wait(), "Clust asked me to wait (429). I'll continue automatically."),
        (fewer_applications(3, 1200), "The latest list from Clust has only 3 of the 1,200 applications I know."),
        (share_of_limit(60, 42), "Clust allows 60 requests per minute. Polling uses up to 42 of them."),
    ],
)
def test_a_note_is_worded_where_it_is_shown(note: str, words: str) -> None:
    """In the language of its reader."""
    assert note_in_words(note) == words
    with speaking(pseudo("xx")):
        assert note_in_words(note) == f"⟦{words}⟧"


@pytest.mark.parametrize("note", ["5 of 120 known applications are left.", "new_code:1/2", "fewer_applications:x"])
def test_notes_of_other_versions_are_shown_as_they_are(note: str) -> None:
    """Older versions stored sentences."""
    assert note_in_words(note) == note
