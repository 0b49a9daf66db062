"""*Did you mean …?*: the word nearest to one that was mistyped. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from bot.core.language import _
from bot.core.typed_text import fold


def did_you_mean(near: str | None) -> str:
    """Return the question whether `near` was meant, or an empty text if nothing is near enough."""
    return _("Did you mean `{near}`?", near=near) if near else ""


def suggest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` that `word` is most likely a typo or the beginning of, or None if none is near enough.

    A typo changes a third of a word's length at most: `flood` is not what `foo` was meant to be.
    """
    typed, by_fold = fold(word), {fold(each): each for each in words}
    longest_typo = max(1, len(typed) // 3)
    near = (
        each
        for each in get_close_matches(typed, by_fold)
        if each.startswith(typed) or abs(len(each) - len(typed)) <= longest_typo
    )
    return next((by_fold[each] for each in near), None)
