"""What a poll notes about its account, in its reader's language."""

from __future__ import annotations

import pytest

from bot.core.account_notes import asked_to_wait, failure, fewer_applications, note_in_words, share_of_limit
from bot.core.errors import ClustBroken, ClustUnreachable
from bot.core.language import speaking
from tests.pseudo_language import pseudo


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (asked_to_wait(), "Clust asked me to wait (429). I'll continue automatically."),
        (
            fewer_applications(3, 1200),
            "The latest list from Clust has only 3 of the applications I know about (1,200).",
        ),
        (
            fewer_applications(0, 1200),
            "The latest list from Clust has none of the applications I know about (1,200).",
        ),
        (failure(ClustUnreachable()), "Clust couldn't be reached."),
        (share_of_limit(60, 42), "Clust allows 60 requests per minute. My checks use up to 42 of them."),
    ],
)
def test_a_note_is_worded_where_it_is_shown(note: str, words: str) -> None:
    """In the language of its reader."""
    assert note_in_words(note) == words
    with speaking(pseudo("xx")):
        assert note_in_words(note) == f"⟦{words}⟧"


def test_what_happened_is_worded_with_the_failure() -> None:
    """Where it has no values of its own, in the reader's language too."""
    note = failure(ClustBroken("No row in the list has an ID."))
    assert note_in_words(note) == "Clust returned an error. No row in the list has an ID."
    with speaking(pseudo("xx")):
        assert note_in_words(note) == "⟦Clust returned an error.⟧ ⟦No row in the list has an ID.⟧"


@pytest.mark.parametrize("note", ["5 of 120 known applications are left.", "new_code:1/2", "fewer_applications:x"])
def test_notes_of_other_versions_are_shown_as_they_are(note: str) -> None:
    """Older versions stored sentences."""
    assert note_in_words(note) == note
