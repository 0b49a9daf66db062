"""Filters in French are kept as those in English are (rule S1)."""

from __future__ import annotations

import pytest

from bot.core.filters.keys import BY_NAME, KEYS
from bot.core.filters.language import FilterError, parse
from bot.core.language import speaking
from bot.core.typed_text import fold
from bot.wiring.translation_catalogues import read_languages


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("retard:oui statut:déposé", "late:yes status:submitted"),
        ("STATUT:Approuvé,clôturé,ouvert", "status:approved,closed,open"),
        ('statut:"en attente"', "status:pending"),
        ('-procédure:"KYC société"', '-template:"KYC société"'),
        ("créé:<7j modifié:>2sem", "created:<7d updated:>2w"),
        ("créé:aujourd'hui", "created:today"),
        ("créé:hier", "created:yesterday"),
        ("attribué:moi", "taken:me"),
        ("moi:non", "mine:no"),
        ("retard : oui", "late:yes"),
    ],
)
def test_both_languages_have_one_normal_form(french: str, english: str) -> None:
    """It doesn't depend on who typed it, and the normal form is read as itself."""
    assert parse(french).normalized() == parse(english).normalized()
    assert parse(parse(french).normalized()) == parse(english)
    with speaking(read_languages().of("fr")):
        assert parse(french).normalized() == parse(english).normalized()


def test_a_name_in_french_is_one_key_alone() -> None:
    """It is no English name and no other key's, and written as what is typed is compared."""
    names = [key.french for key in KEYS if key.french]
    assert len(BY_NAME) == len(KEYS) + len(names)
    assert [fold(name) for name in names] == names


@pytest.mark.parametrize(("typed", "meant"), [("retard=oui", "retard:oui"), ("procedurre:12", "procedure")])
def test_mistakes_in_french_are_answered(typed: str, meant: str) -> None:
    """As those in English."""
    with pytest.raises(FilterError) as error:
        parse(typed)
    assert meant in error.value.detail


def test_a_filter_is_explained_in_french() -> None:
    """Days have their article, except those that have none, and words French quotation marks."""
    with speaking(read_languages().of("fr")):
        assert parse("late:yes").explain() == "en retard"
        assert parse("created:>=2026-01-31").explain() == "créé depuis le 31 janv. 2026"
        assert parse("created:<today").explain() == "créé avant aujourd\N{RIGHT SINGLE QUOTATION MARK}hui"
        assert parse("created:<7d").explain() == "créé il y a moins de 7 jours"
        assert parse("title:acme").explain() == "le titre contient «\u202facme\u202f»"
