"""Translations: one catalogue for each language, read by Babel when the process starts.

Texts are written in English in the code, inside `_()` (`bot.core.language`), so English has no catalogue. Another
language's is `bot/locales/<code>.po`, as in `fr.po` or `pt_BR.po`. `make texts ARGS="--update fr"` begins it, and adds
what is new.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from bot.core.language import Language, Languages


@cache
def read_languages(folder: Traversable | None = None) -> Languages:
    """Return the languages that `folder` (default: `bot/locales`) has catalogues of; none where there is no folder.

    A folder is read once in a process.

    Raises PoFileError for a file that is no catalogue: a process must not start with half of its texts.
    """
    catalogues = (files("bot") / "locales") if folder is None else folder
    if not catalogues.is_dir():
        return Languages()
    read = (_language(file) for file in catalogues.iterdir() if file.name.endswith(".po"))
    return Languages({language.code: language for language in read})


def _language(file: Traversable) -> Language:
    code = file.name.removesuffix(".po")
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, Translations(compiled), code)
