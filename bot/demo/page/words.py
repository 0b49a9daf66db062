"""The page's own words: English in its scripts and its HTML, with one table of their translations for each language.

In scripts they stand inside `_()` and `ngettext()`, as in Python. In HTML they are whatever is shown. Both are found
here, for the page and for the template of the catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from typing import IO, Any

from babel import Locale
from babel.messages.extract import extract

from bot.core.language import Language
from bot.demo.page.state import Payload

FILES = resources.files("bot.demo.page") / "static"
"""The browser's files."""

SHOWN_ATTRIBUTES = frozenset({"aria-label", "placeholder", "title"})
FUNCTIONS = {"_": None, "ngettext": (1, 2)}
SCRIPT_OPTIONS = {"parse_template_string": True}
"""Of Babel: find texts inside template strings too."""

MAX_COUNT_WITH_ITS_OWN_FORM = 200
"""From here on a number has the form of one below it, by its last two digits."""

ExtractedMessage = tuple[int, str, str, list[str]]
TranslatableText = str | tuple[str, ...]
"""One of the page's texts: its English, or both forms of it where a number decides."""


def words(language: Language) -> Payload:
    """Return the page's words in a language.

    `language` is its tag for browsers. In `words` each English text has its translation. One whose form a number
    decides has its forms by their category (CLDR: plural rules), as browsers choose them.
    """
    catalogue, plural_form = language.catalogue, Locale.parse(language.formats).plural_form
    table: dict[str, str | dict[str, str]] = {}
    for text in _texts():
        if isinstance(text, str):
            table[text] = catalogue.gettext(text)
        else:
            singular, plural = text
            counts = range(MAX_COUNT_WITH_ITS_OWN_FORM)
            table[singular] = {plural_form(count): catalogue.ngettext(singular, plural, count) for count in counts}
    return {"language": language.formats.replace("_", "-"), "words": table}


@cache
def _texts() -> tuple[TranslatableText, ...]:
    """Return the texts in the page's files, those with a plural as pairs."""
    texts: list[TranslatableText] = []
    for file in FILES.iterdir():
        method = METHODS.get(file.name.rpartition(".")[2])
        if method:
            with file.open("rb") as opened:
                texts += [text for _line, text, *_rest in extract(method, opened, FUNCTIONS, options=SCRIPT_OPTIONS)]
    return tuple(texts)


def extract_html(
    file: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[ExtractedMessage]:
    """Yield the texts of an HTML file with their lines, as an extraction method of Babel."""
    del keywords, comment_tags, options
    parser = _TextParser()
    parser.feed(file.read().decode())
    yield from ((line, "_", text, []) for line, text in parser.texts)


METHODS: dict[str, Any] = {"js": "javascript", "html": extract_html}
"""How Babel finds texts, by the end of a file's name."""


class _TextParser(HTMLParser):
    """Collects what is shown, but for what the server fills in."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take attributes that are shown or read out."""
        del tag
        for name, value in attrs:
            if name in SHOWN_ATTRIBUTES:
                self.handle_data(value or "")

    def handle_data(self, data: str) -> None:
        """Take a text."""
        text = data.strip()
        if text and not text.startswith("{{"):
            self.texts.append((self.getpos()[0], text))
