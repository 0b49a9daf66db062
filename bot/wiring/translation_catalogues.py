"""Translations: one catalogue for each language, read by Babel when it is needed first.

Texts are written in English in the code, inside `_()` (`bot.core.language`), so English has no catalogue. Another
language's is `bot/locales/<code>.po`, as in `fr.po` or `pt_BR.po`. `make texts ARGS="--update fr"` begins it, and adds
what is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from bot.core.language import Language, Languages


@cache
def read_languages(folder: Traversable | None = None) -> Languages:
    """Return the languages that `folder` (default: `bot/locales`) has catalogues of, or none if there is no folder.

    Each catalogue is read once in a process, when its language is looked up first. That raises PoFileError for a file
    that isn't a catalogue.
    """
    catalogues = (files("bot") / "locales") if folder is None else folder
    if not catalogues.is_dir():
        return Languages()
    return Languages(_Catalogues(file for file in catalogues.iterdir() if file.name.endswith(".po")))


class _Catalogues(Mapping[str, Language]):
    """The languages of files, each read when it is looked up first, because reading one takes a tenth of the start."""

    def __init__(self, catalogues: Iterable[Traversable]) -> None:
        self._files = {file.name.removesuffix(".po"): file for file in catalogues}
        self._read: dict[str, Language] = {}

    def __getitem__(self, code: str) -> Language:
        if code not in self._read:
            self._read[code] = Language(code, GNUTranslations(_compiled(self._files[code], code)), code)
        return self._read[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _compiled(file: Traversable, code: str) -> BytesIO:
    """Return a catalogue as gettext reads it. A function of its own frees Babel's catalogue before gettext's exists."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415  these take as long to import as a catalogue to read
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=code, abort_invalid=True))
    compiled.seek(0)
    return compiled
