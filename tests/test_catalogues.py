"""Catalogues of other languages: each has every text, and fills it in as English does."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.core.language import Language, _, in_digits, ngettext, speaking
from bot.wiring.translation_catalogues import read_languages
from tests.texts import LOCALES, template, update

CATALOGUES = sorted(LOCALES.glob("*.po"))
CODE = re.compile(r"`[^`]*`|https?://\\S+")
"""What is typed or copied as it is."""


@cache
def _translations(path: Path) -> Catalog:
    """Return a catalogue of the bot, to be read only."""
    return _catalogue(path)


def _catalogue(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale=path.stem, abort_invalid=True)


def _forms(text: object) -> list[str]:
    return [str(each) for each in text] if isinstance(text, list | tuple) else [str(text)]


def _translated(path: Path) -> list[tuple[list[str], str]]:
    """Return each form of a translation, with the forms of its English."""
    return [
        (_forms(message.id), form)
        for message in _translations(path)
        if message.id
        for form in _forms(message.string)
        if form
    ]


def _is_translated(message: Message | None) -> bool:
    return message is not None and all(_forms(message.string)) and not message.fuzzy


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_text_lacks_its_translation(path: Path) -> None:
    """`make texts ARGS="--update fr"` puts what is missing into the file. A person writes its translation there."""
    catalogue = _translations(path)
    missing = [message.id for message in template() if message.id and not _is_translated(catalogue.get(message.id))]
    assert missing == []
    texts = template()
    assert [message.id for message in catalogue if message.id and message.id not in texts] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_translations_are_filled_in_and_marked_as_the_english_is(path: Path) -> None:
    """They have the same placeholders, the same marks of mrkdwn and the same lines.

    A date of Slack's may be another of its kinds: English says "today", where French needs an article.
    """

    def names(text: str) -> list[str]:
        return sorted({re.sub("^date.*", "date", name) for _text, name, *_rest in Formatter().parse(text) if name})

    def marks(text: str) -> list[int]:
        return [text.count(mark) for mark in ("*", "`", "\\n", "<", ">")]

    for english, translated in _translated(path):
        assert names(translated) in map(names, english), translated
        assert marks(translated) in map(marks, english), translated


def test_french_is_typeset() -> None:
    """Narrow no-break spaces before `;!?` and inside « », a no-break space before a colon, and round apostrophes."""
    wrong = re.compile(r"[ \u00a0][;!?%»]|[^\W\d_][;!?](\s|$)|« |«\u00a0|[^\u00a0]:(\s|$)| :|\w'\w|\.\.\.|“|”")
    texts = [CODE.sub("code", text) for _english, text in _translated(LOCALES / "fr.po")]
    assert [text for text in texts if wrong.search(text)] == []


def test_french_writes_numbers_and_plurals_its_own_way() -> None:
    """Zero is singular, thousands are apart by a narrow space, and a number without a format is an ID."""
    with speaking(read_languages().of("fr-FR")):
        forms = [ngettext("{count} application", "{count:,} applications", count) for count in (0, 1, 2, 1200)]
        assert forms == ["0 dossier", "1 dossier", "2 dossiers", "1\u202f200 dossiers"]
        assert _("✅ Clust responded in {seconds:.1f} s.", seconds=1.25) == "✅ Clust a répondu en 1,2 s."
        assert _("Application {id}", id=12345) == "Dossier 12345"
        assert in_digits(1234.5, ",.2f") == "1\u202f234,50"
    with speaking(Language("en")):
        assert in_digits(1234.5, ",.2f") == "1,234.50"


def test_a_text_is_filled_in_alike_by_both_formatters() -> None:
    """Python's own, for a text without formats, fills each in as the language's does: one more format asks for that."""
    pairs = [pair for path in CATALOGUES for pair in _translated(path)]
    texts = {text for english, translated in pairs for text in (*english, translated)}
    with speaking(Language("fr", formats="fr")):
        for text in texts:
            values = {name: 12345 for _text, name, *_rest in Formatter().parse(text) if name}
            formatted = text + "{one_more:}"
            assert _(text, **values) == _(formatted, **values, one_more=""), text


def test_names_that_look_like_placeholders_stay_as_they_are() -> None:
    """A value isn't filled in again, whatever it is called."""
    name = "{count} {name!r} {0} %s %(name)s %d %"
    with speaking(read_languages().of("fr")):
        assert _("Account: {name}", name=name) == f"Compte\u00a0: {name}"
        total = ngettext("{total} of {count} from {name}", "{total} of {count} from {name}", 2, total=1, name=name)
        assert total == f"1 of 2 from {name}"


def test_a_catalogue_is_begun_and_completed(tmp_path: Path) -> None:
    """A new one has every text without a translation, and what is translated stays through an update."""
    path = tmp_path / "pt_BR.po"
    update(path)
    begun = path.read_text(encoding="utf-8")
    assert len(_catalogue(path)) == len(template())
    path.write_text(begun.replace('msgid "Mute"\nmsgstr ""', 'msgid "Mute"\nmsgstr "Silenciar"'), encoding="utf-8")
    update(path)
    after = path.read_text(encoding="utf-8")
    assert after.replace("Silenciar", "") == begun != after
