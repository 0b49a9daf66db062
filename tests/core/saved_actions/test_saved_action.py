"""Saved actions as values: where they are offered, and what can't be saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.applications.model import StatusClass
from bot.core.errors import UsageError
from bot.core.forms.validation import Mistakes
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate
from bot.core.saved_actions.saved_action import MAX_PINNED, ActionState, SavedAction, StoredAction, checked, named

CLOSE = SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"))


def stored(*names: str, is_pinned: bool = False) -> list[StoredAction]:
    """Return actions with these names."""
    actions = (replace(CLOSE, name=name, is_pinned=is_pinned) for name in names)
    return [StoredAction(number, 1, action) for number, action in enumerate(actions, 1)]


def test_it_is_offered_by_class_and_role() -> None:
    """An unknown class fits only an action for all, but on a card, which everyone sees, the role isn't asked."""
    open_alone = replace(CLOSE, classes=frozenset({StatusClass.OPEN}))
    assert open_alone.is_for(Role.EDITOR, StatusClass.OPEN)
    assert open_alone.is_for(None, StatusClass.OPEN)
    assert not open_alone.is_for(Role.VIEWER, StatusClass.OPEN)
    assert not open_alone.is_for(Role.ADMIN, StatusClass.CLOSED)
    assert not open_alone.is_for(Role.ADMIN, None)
    assert CLOSE.is_for(Role.EDITOR, None)


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (replace(CLOSE, name="CLÖSE"), "name"),
        (replace(CLOSE, name="Delete…"), "name"),
        (replace(CLOSE, name=" "), "name"),
        (replace(CLOSE, name="New", role=Role.VIEWER), "role"),
        (replace(CLOSE, name="New", is_pinned=True), "pinned"),
    ],
)
def test_what_cannot_be_saved(action: SavedAction, field: str) -> None:
    """A name that exists, a write for viewers and a third button are refused below their field."""
    others = stored("Close", "Open again", is_pinned=True)[:MAX_PINNED]
    with pytest.raises(Mistakes) as error:
        checked(action, others, None)
    assert list(error.value.fields) == [field]


def test_an_action_can_keep_its_name_and_its_button() -> None:
    """What is changed isn't compared with itself."""
    others = stored("Close", "Open again", is_pinned=True)
    checked(others[0].action, others, 1)


def test_an_action_is_called_by_its_name_or_its_beginning() -> None:
    """Case and accents don't matter, but two that begin alike are asked about."""
    actions = [(each, each) for each in ("Remind", "Remind the client", "Close", "Assign to…")]
    assert named(actions, "REMIND") == "Remind"
    assert named(actions, "remind the") == "Remind the client"
    assert named(actions, "clo") == "Close"
    assert named(actions, "assign to") == named(actions, "assign to...") == "Assign to…"
    with pytest.raises(UsageError, match="Which one"):
        named(actions, "rem")
    with pytest.raises(UsageError, match="Try Remind"):
        named(actions, "approve")
    with pytest.raises(UsageError, match="No actions are saved"):
        named([], "close")


def test_an_action_can_have_several_names() -> None:
    """In the language of the person and in English. Of two with one name, the first counts."""
    actions = [("Löschen", "delete"), ("Delete", "delete"), ("Delete", "saved"), ("Deliver", "deliver")]
    assert named(actions, "loschen") == named(actions, "delete") == "delete"
    with pytest.raises(UsageError, match=r"Which one\? Delete, Delete, Deliver\."):
        named(actions, "del")
    with pytest.raises(UsageError, match=r"Try Löschen, Delete, Deliver\."):
        named(actions, "close")


@pytest.mark.parametrize("state", ActionState)
def test_only_what_was_tried_can_be_used(state: ActionState) -> None:
    """What was imported, or saved for another address, waits for an admin."""
    assert StoredAction(1, 1, CLOSE, state).is_ready is (state is ActionState.READY)
