"""The form of an action: what it says comes back as it was saved, and mistakes stand below their fields."""

from __future__ import annotations

import pytest

from bot.core.applications.model import StatusClass
from bot.core.forms.validation import Mistakes, read
from bot.core.permissions import Role
from bot.core.saved_actions.request_template import RequestTemplate, suggested_path
from bot.core.saved_actions.saved_action import SavedAction
from bot.core.saved_actions.saving_form import SaveActionForm, action_of, values_of_action

CLOSE = SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"))
REMIND = SavedAction(
    "Remind",
    RequestTemplate.parse("POST", "/dossiers/{id}/reminders", "a={user}", "X-A: b", '{"message": "{text}"}'),
    frozenset({StatusClass.OPEN, StatusClass.PENDING}),
    Role.ADMIN,
    asks_first=False,
    done="Reminded.",
    is_pinned=True,
)


@pytest.mark.parametrize(
    "action", [REMIND, SavedAction("Close", RequestTemplate.parse("POST", "/dossiers/{id}/close"))]
)
def test_an_action_comes_back_from_its_form(action: SavedAction) -> None:
    """To change an action, its form begins with what it is."""
    form = read(SaveActionForm, {**values_of_action(action), "application": "1"})
    assert action_of(form) == action


def test_a_mistake_of_the_call_stands_below_its_field() -> None:
    """What the console or the placeholders refuse names the field."""
    form = read(SaveActionForm, {"name": "x", "path": "/../users", "body": "{", "application": "1"})
    with pytest.raises(Mistakes) as error:
        action_of(form)
    assert set(error.value.fields) == {"path", "body"}


@pytest.mark.parametrize(
    ("path", "suggested"),
    [
        ("/dossiers/123/close", "/dossiers/{id}/close"),
        ("dossiers/9", "dossiers/{id}"),
        ("/dossiers/9?page=1", "/dossiers/{id}?page=1"),
        ("/users/9", "/users/9"),
        ("/dossiers", "/dossiers"),
        ("/dossiers/9a", "/dossiers/9a"),
        ("/a{b", "/a{{b"),
    ],
)
def test_the_number_in_a_path_becomes_a_placeholder(path: str, suggested: str) -> None:
    """A call that was made for one application is kept for all."""
    assert suggested_path(path) == suggested
