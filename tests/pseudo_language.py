"""A language that brackets every text, so that what reaches a reader past `_()` can be seen."""

from __future__ import annotations

from gettext import NullTranslations

from bot.core.language import Language


class Bracketing(NullTranslations):
    """A catalogue that translates every text by putting it in brackets."""

    def __init__(self, opening: str = "⟦", closing: str = "⟧") -> None:
        super().__init__()
        self._opening, self._closing = opening, closing

    def gettext(self, message: str) -> str:
        """Return the text in brackets."""
        return f"{self._opening}{message}{self._closing}"

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the form for `count` in brackets."""
        return self.gettext(singular if count == 1 else plural)


def pseudo(code: str, opening: str = "⟦", closing: str = "⟧") -> Language:
    """Return a language that brackets."""
    return Language(code, Bracketing(opening, closing))
