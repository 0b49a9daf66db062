"""Which names may be in a profile: those of the bot's tables, and those that many applications have."""

from __future__ import annotations

import pytest

from bot.core.profiles.allowed_names import MIN_ROWS, is_nameable, is_nameable_status


@pytest.mark.parametrize(("rows", "is_named"), [(MIN_ROWS - 1, False), (MIN_ROWS, True)])
def test_an_unknown_key_or_code_is_named_from_five_rows_on(rows: int, is_named: bool) -> None:
    """What many applications have is the account's own word, and not someone's."""
    assert is_nameable(("kyc_level",), rows) is is_named
    assert is_nameable(("contact", "kyc_level"), rows) is is_named
    assert is_nameable_status("7_signed", rows) is is_named


@pytest.mark.parametrize(
    "name", ["Marie Dupont", "marie@dupont.example", "0612345678", "id-12345", "Été", "", "a" * 41, "a\nb", "x.y"]
)
def test_names_that_may_be_personal_are_never_recorded(name: str) -> None:
    """However many applications have it, in a key of its own or inside another."""
    assert not is_nameable((name,), 1_000)
    assert not is_nameable(("contact", name), 1_000)
    assert not is_nameable_status(name, 1_000)


@pytest.mark.parametrize("code", ["0_not_started", "Approved", "3_submitted", "En cours de revue", "prêt à envoyer"])
def test_what_the_bot_knows_is_named_at_once(code: str) -> None:
    """Its own words are no one's."""
    assert is_nameable_status(code, 1)


@pytest.mark.parametrize("code", ["0612345678_approved", "<approved>", "approved 06 12 34", "7_signed"])
def test_a_code_is_only_known_as_a_whole(code: str) -> None:
    """Something of someone's beside a word of the bot's is unknown."""
    assert not is_nameable_status(code, 1)


def test_keys_of_the_bots_tables_are_named_at_once() -> None:
    """Those that it reads, writes or has in its documentation."""
    assert is_nameable(("contact", "email"), 1)
    assert is_nameable(("dossier_items", "title"), 1)
    assert not is_nameable(("contact", "marie"), 1)
