"""Who can do what: from what Slack says of a person to a role. `QUESTIONS` holds what not knowing means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto


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


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that people can do: its word in code, how the documentation names it, and the lowest role for it."""

    word: str
    what: str
    role: Role


PERMISSIONS: tuple[Permission, ...] = (
    Permission("list", "List applications, see subscriptions and the bot's status", Role.VIEWER),
    Permission("show", "See one application with its recipient's contact details, and share it", Role.VIEWER),
    Permission("call", "Make GET calls in the API console", Role.VIEWER),
    Permission("create", "Create an application", Role.EDITOR),
    Permission("update", "Update an application, or assign it to yourself", Role.EDITOR),
    Permission("subscribe", "Subscribe, unsubscribe and mute a channel", Role.EDITOR),
    Permission("delete", "Delete an application", Role.ADMIN),
    Permission("call_to_write", "Make other calls in the API console", Role.ADMIN),
    Permission("roles", "Give and remove roles", Role.ADMIN),
    Permission("audit", "Read the audit log", Role.ADMIN),
    Permission("connect", "Connect and disconnect Clust accounts", Role.ADMIN),
)
REQUIREMENTS: Mapping[str, Role] = {row.word: row.role for row in PERMISSIONS}
"""The lowest role for each permission; `call` is a GET of the console, `call_to_write` every other method."""


def who_may(needed: Role, has: Role, at_most: Role = Role.NOBODY) -> str:
    """Return who can do what someone with the role `has` can't (rule W1).

    `at_most` is the role that they may turn out to have once Slack says who is in their user groups.
    """
    if at_most >= needed:
        return (
            "Slack can't say right now who is in a user group that has a role, so I don't know yours. Please try "
            "again in a moment. If it stays that way, an admin can end that role with `/clust roles`."
        )
    outside = " Guests and people of other organisations may not, until an admin gives them a role by name."
    if needed is Role.ADMIN:
        return f"Admins may.{'' if has else outside}"
    if has:
        return f"You are {has.word} here; an admin can make you {needed.word} with `/clust roles`."
    return f"Members of this workspace may.{outside}"


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A person, as far as rights need it (Slack: types, user). None is what Slack did not say.

    `enterprise_id` and `teams` are the organisation they belong to and its workspaces that they are in; `is_admin` is
    about the workspace `team_id`, `is_org_admin` about the whole organisation.
    """

    id: str
    team_id: str
    enterprise_id: str | None = None
    teams: frozenset[str] | None = None
    is_guest: bool | None = False
    is_stranger: bool = False
    is_admin: bool = False
    is_org_admin: bool = False
    is_bot: bool | None = False
    is_active: bool = True
    zone: str = "UTC"
    locale: str | None = None


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


class RoleLimit(Enum):
    """How far the response to a question limits a person's role."""

    NONE = auto()
    """Not at all."""
    NOTHING = auto()
    """They can do nothing, whatever role they were given."""
    BY_NAME = auto()
    """They have the role that was given to them by name, and no other."""
    NO_ADMIN = auto()
    """They are no admin by default."""
    UNREAD_GROUPS = auto()
    """They have no more than the lowest role of the groups that can't be read, unless their own role decides."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """All that decides what one person can do in one workspace.

    `granted` holds the roles given to the person and to groups that they are in, `unread` those of groups of which
    Slack does not say who is in them.
    """

    user: SlackUser
    workspace: Workspace
    admin_users: Collection[str]
    granted: Mapping[str, Role]
    unread: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a person: `ask` returns yes, no, or None where Slack does not say.

    Yes limits nothing. `no` and `unknown` are what the other two mean.
    """

    about: str
    ask: Callable[[RoleFacts], bool | None]
    no: RoleLimit
    unknown: RoleLimit

    def limit(self, case: RoleFacts) -> RoleLimit:
        """Return how far the response limits the person's role."""
        response = self.ask(case)
        if response is None:
            return self.unknown
        return RoleLimit.NONE if response else self.no


def is_member(user: SlackUser, workspace: Workspace) -> bool:
    """Tell whether a person surely belongs to a workspace, as a member or a guest."""
    case = RoleFacts(user, workspace, (), {}, {})
    return _is_of_organisation(case) and bool(_is_of_workspace(case)) and not user.is_stranger


def has_left(user: SlackUser, workspace: Workspace) -> bool:
    """Tell whether a person surely is in a workspace no more: deactivated, or only in others of their organisation."""
    is_ours = workspace.enterprise_id is not None and user.enterprise_id == workspace.enterprise_id
    return not user.is_active or (is_ours and user.teams is not None and workspace.team_id not in user.teams)


def _is_of_organisation(case: RoleFacts) -> bool:
    """Compare the enterprise where there is one, else the team (rule W1)."""
    if case.workspace.enterprise_id:
        return case.user.enterprise_id == case.workspace.enterprise_id
    return case.user.team_id == case.workspace.team_id


def _is_of_workspace(case: RoleFacts) -> bool | None:
    """Tell whether a person is in this workspace of their organisation; `enterprise_user.teams` decides."""
    if case.workspace.enterprise_id and case.user.teams is not None:
        return case.workspace.team_id in case.user.teams
    return True if case.user.team_id == case.workspace.team_id else None


def _is_full_member(case: RoleFacts) -> bool | None:
    """Tell whether a person is no guest. Slack makes no guest an admin, so an admin is none where it doesn't say."""
    if case.user.is_guest is None:
        return True if case.user.is_admin and case.user.team_id == case.workspace.team_id else None
    return not case.user.is_guest


def _is_admin(case: RoleFacts) -> bool:
    """Tell whether a person is an admin by default: by ADMIN_USERS, else of this workspace or its organisation.

    What `users.info` says of admins is about the workspace that it names: being one there gives nothing here.
    """
    if case.admin_users:
        return case.user.id in case.admin_users
    is_workspace_admin = case.user.is_admin and case.user.team_id == case.workspace.team_id
    return is_workspace_admin or (bool(case.workspace.enterprise_id) and case.user.is_org_admin)


def _is_read(case: RoleFacts) -> bool | None:
    return None if case.unread else True


QUESTIONS: tuple[Question, ...] = (
    Question(
        "an account that is not deactivated", lambda case: case.user.is_active, RoleLimit.NOTHING, RoleLimit.NOTHING
    ),
    Question("a person and no bot", lambda case: _not(case.user.is_bot), RoleLimit.NOTHING, RoleLimit.NOTHING),
    Question("of this organisation", _is_of_organisation, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("in this workspace of it", _is_of_workspace, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("no stranger", lambda case: not case.user.is_stranger, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("a full member and no guest", _is_full_member, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("an admin by default", _is_admin, RoleLimit.NO_ADMIN, RoleLimit.NO_ADMIN),
    Question("in groups of which all can be read", _is_read, RoleLimit.UNREAD_GROUPS, RoleLimit.UNREAD_GROUPS),
)
"""All that is asked of Slack about a person, and what not knowing means: never a right (rule W1).

Where Slack does not say who somebody is at all, the request is refused; so it is where the database does not say which
roles were given.
"""


def settled_role(case: RoleFacts) -> Role | None:
    """Return the role that no user group can change; None where groups decide."""
    limits = {question.limit(case) for question in QUESTIONS}
    own = case.granted.get(case.user.id)
    if RoleLimit.NOTHING in limits:
        return Role.NOBODY
    if RoleLimit.BY_NAME in limits:
        return own or Role.NOBODY
    return own if RoleLimit.NO_ADMIN in limits else Role.ADMIN


def role_of(
    user: SlackUser,
    workspace: Workspace,
    admin_users: Collection[str],
    granted: Mapping[str, Role] | None = None,
    unread: Mapping[str, Role] | None = None,
) -> Role:
    """Return what a person can do (rule W1); the arguments are those of `RoleFacts`.

    Admins by default are admins whatever was given. Then the person's own role counts, then those of their groups, of
    which the highest counts; each replaces the default, editor.
    """
    case = RoleFacts(user, workspace, admin_users, granted or {}, unread or {})
    settled = settled_role(case)
    if settled is not None:
        return settled
    by_group = max((role for subject, role in case.granted.items() if is_group(subject)), default=Role.EDITOR)
    return min((by_group, *case.unread.values()))


def _not(response: bool | None) -> bool | None:
    return None if response is None else not response
