"""Every callback and action id, once."""

from __future__ import annotations

from bot.slack.views.building import ids

IDS = {name: value for name, value in vars(ids).items() if name.isupper()}


def test_action_ids_are_unique() -> None:
    """A click says what it does by its id alone."""
    assert len(set(IDS.values())) == len(IDS)


def test_an_id_is_found_again_in_its_variants() -> None:
    """No id has the sign that divides a variant from it, so the listener is found by what stands before."""
    for action_id in IDS.values():
        assert ids.kind(ids.variant(action_id, "next:page")) == action_id


def test_a_menu_says_what_and_of_which() -> None:
    """In one value, divided by a space."""
    assert ids.menu_value("take", "123").split(" ", 1) == ["take", "123"]
