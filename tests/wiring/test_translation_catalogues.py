"""Catalogues are files that Babel reads when the process starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from bot.core.language import _, ngettext, speaking
from bot.wiring.translation_catalogues import read_languages

FRENCH = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

msgid "{title} is late"
msgstr "{title} est en retard"

msgid "{count} item"
msgid_plural "{count} items"
msgstr[0] "{count} élément"
msgstr[1] "{count} éléments"

#, fuzzy
msgid "Mute"
msgstr "Peut-être"
"""


def test_a_file_is_a_language(tmp_path: Path) -> None:
    """Its plural rule counts; what has no translation, or an uncertain one, is shown in English."""
    (tmp_path / "fr.po").write_text(FRENCH, encoding="utf-8")
    (tmp_path / "README").write_text("no catalogue", encoding="utf-8")
    languages = read_languages(tmp_path)
    assert set(languages.by_code) == {"fr"}
    with speaking(languages.of("fr-CA")):
        assert _("{title} is late", title="Acme") == "Acme est en retard"
        assert [ngettext("{count} item", "{count} items", count) for count in (0, 1, 2)] == [
            "0 élément",
            "1 élément",
            "2 éléments",
        ]
        assert (_("Mute"), _("Unmute")) == ("Mute", "Unmute")


def test_a_broken_file_is_an_error(tmp_path: Path) -> None:
    """A process does not start with half of its texts."""
    (tmp_path / "fr.po").write_text("nothing that Babel knows\n", encoding="utf-8")
    with pytest.raises(PoFileError):
        read_languages(tmp_path)


def test_english_needs_no_catalogue(tmp_path: Path) -> None:
    """Texts are written in English: without a catalogue, and without a folder for them, they are shown as written."""
    assert read_languages(tmp_path / "locales").by_code == {}
    with speaking(read_languages().of("en-GB")):
        assert _("Mute") == "Mute"
