"""Who may do what: from what Slack says of a person to a role. Where that can't be told, the answer is no."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What someone may do; each role may do all that a lower one may."""

    NOBODY = 0
    VIEWER = 1
    EDITOR = 2
    ADMIN = 3


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


def role_of(user: SlackUser, workspace: Workspace, admin_users: Collection[str]) -> Role:
    """Return the role of `user` (rule W1).

    Guests, strangers, people of another organisation and deactivated accounts may do nothing. Organisations are
    compared by enterprise where there is one, else by team. `admin_users` names the admins; empty: Slack's own.
    """
    if workspace.enterprise_id:
        at_home = user.enterprise_id == workspace.enterprise_id
    else:
        at_home = user.team_id == workspace.team_id
    if not at_home or user.is_guest or user.is_stranger or not user.is_active:
        return Role.NOBODY
    is_admin = user.id in admin_users if admin_users else user.is_admin
    return Role.ADMIN if is_admin else Role.EDITOR
