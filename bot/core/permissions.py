"""Who may do what: from what Slack says of a person to a role. Where that can't be told, the answer is no."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What someone may do; each role may do all that a lower one may."""

    NOBODY = 0
    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The name people type and read, in lower case."""
        return self.name.lower()


REQUIREMENTS: Mapping[str, Role] = {
    "list": Role.VIEWER,
    "show": Role.VIEWER,
    "call": Role.VIEWER,
    "create": Role.EDITOR,
    "update": Role.EDITOR,
    "subscribe": Role.EDITOR,
    "delete": Role.ADMIN,
    "call_to_write": Role.ADMIN,
    "roles": Role.ADMIN,
    "audit": Role.ADMIN,
    "connect": Role.ADMIN,
}
"""The lowest role that may do each; `call` is a GET of the console, `call_to_write` every other method."""


def who_may(needed: Role, has: Role) -> str:
    """Return who may do what someone with the role `has` may not (rule W1)."""
    outside = " Guests and people of other organisations may not, until an admin gives them a role by name."
    if needed is Role.ADMIN:
        return f"Admins may.{'' if has else outside}"
    if has:
        return f"You are {has.word} here; an admin can make you {needed.word} with `/clust roles`."
    return f"Members of this workspace may.{outside}"


@dataclass(frozen=True, slots=True)
class SlackUser:
    """What `users.info` says of a person, as far as rights need it."""

    id: str
    team_id: str
    enterprise_id: str | None = None
    is_guest: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    is_active: bool = True
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace that the bot serves."""

    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str = ""
    url: str = ""


def is_group(subject_id: str) -> bool:
    """Tell whether a role's subject is a user group (S…), not a person (U… or W…)."""
    return subject_id.startswith("S")


def role_of(
    user: SlackUser, workspace: Workspace, admin_users: Collection[str], granted: Mapping[str, Role] | None = None
) -> Role:
    """Return the role of `user` (rule W1).

    `admin_users` names the admins; empty: Slack's own. They are admins whatever was given. `granted` holds the roles
    that admins gave to this person and to groups the person is in: the person's own counts before those of groups, of
    which the highest counts, and each replaces the default, editor. Guests, strangers and people of another
    organisation (compared by enterprise where there is one, else by team) have no more than the role given to them by
    name. Deactivated accounts may do nothing.
    """
    granted = granted or {}
    if not user.is_active:
        return Role.NOBODY
    if workspace.enterprise_id:
        at_home = user.enterprise_id == workspace.enterprise_id
    else:
        at_home = user.team_id == workspace.team_id
    if not at_home or user.is_guest or user.is_stranger:
        return granted.get(user.id, Role.NOBODY)
    if user.id in admin_users if admin_users else user.is_admin:
        return Role.ADMIN
    by_group = max((role for subject, role in granted.items() if is_group(subject)), default=Role.EDITOR)
    return granted.get(user.id, by_group)
