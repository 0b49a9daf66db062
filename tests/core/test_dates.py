"""Days and times of day: what is shown can be typed again."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.dates import day_in_words, day_of_week_in_words, read_day, time_in_words
from bot.core.language import ENGLISH, Language, speaking

FRENCH = Language("fr", formats="fr")
NOV_24 = date(2026, 11, 24)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from([ENGLISH, FRENCH]))
def test_a_day_that_is_shown_can_be_typed(day: date, language: Language) -> None:
    """In each language."""
    with speaking(language):
        assert read_day(day_in_words(day)) == day


def test_days_and_times_are_shown_in_one_way() -> None:
    """By the rules of the current language."""
    assert (day_in_words(NOV_24), day_of_week_in_words(NOV_24), time_in_words(time(9))) == (
        "Nov 24, 2026",
        "Tue, Nov 24",
        "9:00 AM",
    )
    with speaking(FRENCH):
        assert (day_in_words(NOV_24), time_in_words(time(16, 15))) == ("24 nov. 2026", "16:15")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", NOV_24),
        ("November 24th, 2026", NOV_24),
        ("24 NOV 2026", NOV_24),
        ("nov 24", NOV_24),
        ("24 nov", NOV_24),
        ("jan 2", date(2027, 1, 2)),
        ("2026-11-31", None),
        ("feb 30", None),
        ("2026-11", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_typed_day_is_understood(text: str, day: date | None) -> None:
    """Without a year it is the next one."""
    assert read_day(text, date(2026, 3, 5)) == day


def test_without_the_present_a_day_needs_its_year() -> None:
    """As in filters, which mean the same on each day."""
    assert read_day("nov 24") is None
