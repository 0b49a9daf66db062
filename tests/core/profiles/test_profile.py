"""Profiles that were edited by hand: what is wrong is named, and where."""

from __future__ import annotations

import pytest

from bot.core.errors import UsageError
from bot.core.profiles.profile import MAX_PROFILE_CHARACTERS, Profile, read_profile


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "profile isn't valid."),
        ("<html>", "profile isn't valid."),
        ("[]", "profile isn't valid."),
        ('{"applications": "many"}', "`applications`"),
        ('{"applications": -1}', "`applications`"),
        ('{"aplications": 1}', "`aplications`"),
        ('{"profile": 2}', "`profile`"),
        ('{"list": {"paging": "pages"}}', "`list.paging`"),
        ('{"statuses": [{"code": ""}]}', "`statuses.0.code`"),
        ('{"row_keys": {"id": {"words": 1}}}', "`row_keys.id.words"),
        (" " * (MAX_PROFILE_CHARACTERS + 1), "at most"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, words: str) -> None:
    """One sentence names the place and what would be right."""
    with pytest.raises(UsageError) as caught:
        read_profile(text)
    assert words in caught.value.sentence
    assert "pydantic" not in caught.value.sentence


def test_what_is_left_out_is_unknown() -> None:
    """The sender of a profile can take out what they like."""
    assert read_profile("{}") == Profile()
