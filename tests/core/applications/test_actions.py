"""What can be done with an application, wherever it is shown (fault C5)."""

from __future__ import annotations

import pytest

from bot.core.applications.actions import APPLICATION_ACTIONS, actions_for
from bot.core.applications.model import StatusClass
from bot.core.permissions import Role

EDITOR = ["details", "take", "assign", "update", "open", "mute", "why"]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.NOBODY, ["open"]),
        (Role.VIEWER, ["details", "open", "why", "actions"]),
        (Role.EDITOR, [*EDITOR, "actions"]),
        (Role.ADMIN, [*EDITOR, "delete", "actions"]),
        (None, [*EDITOR, "delete", "actions"]),
    ],
)
def test_each_role_has_what_it_can_use(role: Role | None, names: list[str]) -> None:
    """C5, C8: no one is offered what they can't do, but a channel is offered all, and who clicks is asked (W1)."""
    assert [row.name for row in actions_for(role, StatusClass.OPEN)] == names


@pytest.mark.parametrize(
    ("status_class", "is_assigned", "gone", "without"),
    [
        (StatusClass.OPEN, False, False, {"release"}),
        (None, True, False, {"take"}),
        (StatusClass.CLOSED, False, False, {"release", "update"}),
        (StatusClass.APPROVED, False, False, {"release"}),
        (StatusClass.OPEN, True, True, {"take", "assign", "release", "update", "delete", "actions"}),
    ],
)
def test_the_state_decides_too(
    *, status_class: StatusClass | None, is_assigned: bool, gone: bool, without: set[str]
) -> None:
    """C5: what is gone can't be taken, changed or deleted, and what is closed isn't updated."""
    offered = {row.name for row in actions_for(Role.ADMIN, status_class, assigned=is_assigned, gone=gone)}
    assert offered == set(APPLICATION_ACTIONS) - without
