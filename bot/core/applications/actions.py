"""The actions on an application. Cards, Details, `show`, lists and Home offer the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.applications.model import StatusClass
from bot.core.language import N_
from bot.core.permissions import REQUIREMENTS, Role


@dataclass(frozen=True, slots=True)
class ApplicationAction:
    """One action: its name, its button's text, the lowest role that can use it, and whether it needs a recipient.

    `when_gone`: it is also offered for an application that no longer exists in Clust.
    """

    name: str
    words: str
    role: Role
    when_gone: bool = False


@dataclass(frozen=True, slots=True)
class PinnedAction:
    """A saved action that is a button on cards."""

    id: int
    name: str


APPLICATION_ACTIONS: Mapping[str, ApplicationAction] = {
    row.name: row
    for row in (
        ApplicationAction("details", N_("Details"), REQUIREMENTS["show"], when_gone=True),
        ApplicationAction("take", N_("Assign to me"), Role.EDITOR),
        ApplicationAction("assign", N_("Assign to…"), Role.EDITOR),
        ApplicationAction("release", N_("Unassign"), Role.EDITOR),
        ApplicationAction("update", N_("Update"), REQUIREMENTS["update"]),
        ApplicationAction("open", N_("Open in Clust"), Role.NOBODY, when_gone=True),
        ApplicationAction("mute", N_("Mute this application"), REQUIREMENTS["subscribe"], when_gone=True),
        ApplicationAction("why", N_("Why this?"), REQUIREMENTS["show"], when_gone=True),
        ApplicationAction("delete", N_("Delete…"), REQUIREMENTS["delete"]),
        ApplicationAction("actions", N_("More actions…"), REQUIREMENTS["show"]),
    )
}
"""In the order in which they are offered."""


def actions_for(
    role: Role | None, status_class: StatusClass | None, *, assigned: bool = False, gone: bool = False
) -> tuple[ApplicationAction, ...]:
    """Return the actions that `role` can use on an application in this state.

    With the role None (a message in a channel, which everyone sees) all are offered, and the role is checked on click
    (rule W1). Anyone can release an application that is `assigned`. A closed one can't be updated.
    """
    left_out = {"take" if assigned else "release"} | ({"update"} if status_class is StatusClass.CLOSED else set())
    return tuple(
        row
        for row in APPLICATION_ACTIONS.values()
        if row.name not in left_out and (row.when_gone or not gone) and (role is None or role >= row.role)
    )
