"""Catalogues are files that Babel reads when their language is used first."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import PoFileError

from bot.core.language import Languages, _, ngettext, speaking
from bot.wiring import composition
from bot.wiring.translation_catalogues import read_languages
from tests.wiring.conftest import read

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
    """Its plural rule counts. What has no translation, or an uncertain one, is shown in English."""
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


@pytest.fixture
def broken(tmp_path: Path) -> Languages:
    """Languages of which one has a file that is no catalogue."""
    (tmp_path / "fr.po").write_text("nothing that Babel knows\n", encoding="utf-8")
    return read_languages(tmp_path)


def test_a_broken_file_is_an_error(broken: Languages) -> None:
    """It isn't as if there were no such language."""
    with pytest.raises(PoFileError):
        broken.of("fr-FR")


async def test_a_process_does_not_go_on_with_half_of_its_texts(
    broken: Languages, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its catalogues are read at the start, though only once it acknowledges requests."""
    monkeypatch.setattr(composition, "read_languages", lambda: broken)
    with pytest.raises(PoFileError):
        await composition.run(read(settings), asyncio.Event(), web=False, worker=True)


def test_english_needs_no_catalogue(tmp_path: Path) -> None:
    """Texts are written in English: without a catalogue, and without a folder for them, they are shown as written."""
    assert read_languages(tmp_path / "locales").by_code == {}
    with speaking(read_languages().of("en-GB")):
        assert _("Mute") == "Mute"
