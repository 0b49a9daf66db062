"""Texts are shown in the language of the context that they are shown in."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.errors import ClustBusy, UsageError
from bot.core.language import (
    ENGLISH,
    N_,
    Language,
    Languages,
    _,
    current,
    ngettext,
    speak,
    speaking,
)
from tests.pseudo_language import pseudo

MARKED = N_("Mute")


def test_values_are_put_in_by_name() -> None:
    """A value is never taken for a placeholder, and a text without values keeps its braces."""
    assert _("{title} is late", title="{recipient}") == "{recipient} is late"
    assert _('{"a": 1}') == '{"a": 1}'
    assert _("") == ""


@pytest.mark.parametrize(("count", "text"), [(0, "0 items"), (1, "1 item"), (2, "2 items"), (1200, "1,200 items")])
def test_a_number_decides_the_form(count: int, text: str) -> None:
    """The count stands in both forms by its name."""
    assert ngettext("{count:,} item", "{count:,} items", count) == text


def test_a_context_speaks_one_language() -> None:
    """What was marked in a table is translated where it is shown, and English comes back behind the context."""
    with speaking(pseudo("xa")):
        assert (_(MARKED), ngettext("{count} item", "{count} items", 2)) == ("⟦Mute⟧", "⟦2 items⟧")
        with speaking(pseudo("xb", "<", ">")):
            assert _(MARKED) == "<Mute>"
        assert current().code == "xa"
    assert (_(MARKED), current()) == ("Mute", ENGLISH)


async def test_tasks_and_threads_speak_their_own() -> None:
    """Tasks and threads begin with the language of who began them. What they speak then is theirs alone."""
    both = asyncio.Barrier(2)

    async def answer(language: Language) -> tuple[str, str]:
        speak(language)
        await both.wait()
        return _(MARKED), await asyncio.to_thread(_, MARKED)

    answers = await asyncio.gather(answer(pseudo("xa", "<", ">")), answer(pseudo("xb", "(", ")")))
    assert list(answers) == [("<Mute>", "<Mute>"), ("(Mute)", "(Mute)")]
    assert _(MARKED) == "Mute"


def test_an_error_is_read_in_the_readers_language() -> None:
    """The class's text is translated when it is read, not when it is raised, but a detail is in words already."""
    busy, usage = ClustBusy("42"), UsageError("42")
    with speaking(pseudo("xa")):
        assert busy.sentence == f"⟦{ClustBusy.summary}⟧ 42"
        assert usage.sentence == "42"
    assert busy.sentence == f"{ClustBusy.summary} 42"


@pytest.mark.parametrize(
    ("locale", "code"),
    [("fr-FR", "fr"), ("fr", "fr"), ("pt-BR", "pt_BR"), ("pt-PT", "en"), ("xx", "en"), ("", "en"), (None, "en")],
)
def test_a_locale_has_the_nearest_language(locale: str | None, code: str) -> None:
    """That of the country, else of the language, else English."""
    assert Languages({"fr": Language("fr"), "pt_BR": Language("pt_BR")}).of(locale).code == code


def test_languages_are_called_what_they_call_themselves() -> None:
    """English is there without a catalogue."""
    assert Languages({"fr": Language("fr")}).names() == {"en": "English", "fr": "Français"}


def test_numbers_in_a_text_are_written_as_in_the_language() -> None:
    """Also those of a value's attributes. What has no format of its own stays as it is."""
    with speaking(Language("fr", formats="fr")):
        size = _("{row.numerator:,}, {year}", row=12345, year=2026)
        assert size == "12\u202f345, 2026"
