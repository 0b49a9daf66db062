"""What can be done with an application, the same wherever it is shown: cards, Details, `show`, lists, Home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.applications.model import StatusClass
from bot.core.permissions import REQUIREMENTS, Role


@dataclass(frozen=True, slots=True)
class ApplicationAction:
    """One thing to do: its name, its words on a button, the lowest role that can do it, and whether it needs a client.

    `when_gone`: also with an application that Clust no longer has.
    """

    name: str
    words: str
    role: Role
    when_gone: bool = False


APPLICATION_ACTIONS: Mapping[str, ApplicationAction] = {
    row.name: row
    for row in (
        ApplicationAction("details", "Details", REQUIREMENTS["show"], when_gone=True),
        ApplicationAction("take", "Take it", Role.EDITOR),
        ApplicationAction("release", "Release", Role.EDITOR),
        ApplicationAction("update", "Update", REQUIREMENTS["update"]),
        ApplicationAction("open", "Open in Clust", Role.NOBODY, when_gone=True),
        ApplicationAction("mute", "Mute this application", REQUIREMENTS["subscribe"], when_gone=True),
        ApplicationAction("why", "Why this?", REQUIREMENTS["show"], when_gone=True),
        ApplicationAction("delete", "Delete…", REQUIREMENTS["delete"]),
    )
}
"""In the order in which they are offered."""


def actions_for(
    role: Role | None, status_class: StatusClass | None, *, assigned: bool = False, gone: bool = False
) -> tuple[ApplicationAction, ...]:
    """Return what someone with `role` can do with an application in that state.

    None: everyone in a channel sees it, so all is offered and the role is checked at the click (rule W1). An
    application that is `assigned` can be released by anyone; one that is closed can't be updated.
    """
    left_out = {"take" if assigned else "release"} | ({"update"} if status_class is StatusClass.CLOSED else set())
    return tuple(
        row
        for row in APPLICATION_ACTIONS.values()
        if row.name not in left_out and (row.when_gone or not gone) and (role is None or role >= row.role)
    )
