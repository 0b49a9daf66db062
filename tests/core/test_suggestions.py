"""The nearest word is suggested, and none that is far."""

from __future__ import annotations

import pytest

from bot.core.suggestions import did_you_mean, suggest


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("stauts", "status"),
        ("STATUS", "status"),
        ("lsit", "list"),
        ("sho", "show"),
        ("statu", "status"),
        ("foo", None),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_the_nearest_known_word(word: str, nearest: str | None) -> None:
    """A mistyped word is answered with the nearest known one, and a strange one with none."""
    assert suggest(word, ["list", "status", "show", "flood"]) == nearest


def test_a_near_word_is_offered() -> None:
    """Only where there is one."""
    assert did_you_mean("list") == "Did you mean `list`?"
    assert did_you_mean(None) == ""
