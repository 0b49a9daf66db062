"""Roles: what each can do, and how a person's role follows from Slack's answers.

`QUESTIONS` says what an unknown answer means.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from bot.core.errors import NotAllowed
from bot.core.language import N_, _


class Role(IntEnum):
    """What a person can do. Each role includes the lower ones."""

    NOBODY = 0
    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The name that people type, in lower case."""
        return self.name.lower()

    @property
    def title(self) -> str:
        """The name people read, in the current language."""
        return _(_ROLE_TITLES[self])


_ROLE_TITLES = {
    Role.NOBODY: N_("No role"),
    Role.VIEWER: N_("Viewer"),
    Role.EDITOR: N_("Editor"),
    Role.ADMIN: N_("Admin"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission: its name in code, its name in the documentation, and the lowest role that has it."""

    word: str
    description: str
    role: Role


PERMISSIONS: tuple[Permission, ...] = (
    Permission("list", N_("List applications, and see subscriptions and the bot's status"), Role.VIEWER),
    Permission("show", N_("See one application with its recipient's contact details, and share it"), Role.VIEWER),
    Permission("export", N_("Export applications without email addresses and phone numbers"), Role.VIEWER),
    Permission("call", N_("Make GET calls in the API console"), Role.VIEWER),
    Permission("create", N_("Create an application"), Role.EDITOR),
    Permission("update", N_("Update or assign an application"), Role.EDITOR),
    Permission("subscribe", N_("Subscribe, unsubscribe and mute a channel"), Role.EDITOR),
    Permission("delete", N_("Delete an application"), Role.ADMIN),
    Permission("export_contacts", N_("Export applications with email addresses and phone numbers"), Role.ADMIN),
    Permission("call_to_write", N_("Make other calls in the API console"), Role.ADMIN),
    Permission("actions", N_("Save, change and remove actions"), Role.ADMIN),
    Permission("roles", N_("Give and remove roles"), Role.ADMIN),
    Permission("audit", N_("Read the audit log"), Role.ADMIN),
    Permission("connect", N_("Connect and disconnect Clust accounts"), Role.ADMIN),
)
REQUIREMENTS: Mapping[str, Role] = {row.word: row.role for row in PERMISSIONS}
"""The lowest role for each permission. `call` is a GET of the console, `call_to_write` every other method."""


EXPORT = "export"
"""The right to have email addresses and phone numbers in exports."""

RIGHTS = (EXPORT,)
"""Single rights that admins can give to people and groups beside their role."""


def who_may(needed: Role, has: Role, at_most: Role = Role.NOBODY) -> str:
    """Return a sentence about who can do what the role `has` can't (rule W1).

    `at_most` is the role that the person may have once Slack says who is in their user groups.
    """
    if at_most >= needed:
        return _(
            "I can't check your role right now, because Slack isn't telling me who is in a user group that has "
            "one. Try again in a moment. If it keeps happening, an admin can remove that group's role with "
            "`/clust roles`."
        )
    if needed is Role.ADMIN:
        return (
            _("Sorry, only admins can do this.")
            if has
            else _(
                "Sorry, only admins can do this. Guests and people from other organizations first need a role from an "
                "admin."
            )
        )
    if has:
        return _("Sorry, only editors and admins can do this. An admin can make you an editor with `/clust roles`.")
    return _(
        "Sorry, only members of this workspace can do this. Guests and people from other organizations first need a "
        "role from an admin."
    )


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A user with the fields that their role depends on (Slack: types, user). None means that Slack didn't send it.

    `name` is what they are called. `enterprise_id` and `teams` are their organization and their workspaces in it.
    `is_admin` is about the workspace `team_id`, `is_org_admin` about the whole organization.
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
    name: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace that the bot serves. `scopes` are those of its token, None if Slack didn't say."""

    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str = ""
    url: str = ""
    scopes: frozenset[str] | None = None


WORKFLOWS = "workflows"
"""The subject of the role of workflows that no one started in person."""


def check_own_role(role: Role) -> None:
    """Raise NotAllowed if an admin who changes roles would no longer be one, so that there is always an admin."""
    if role is not Role.ADMIN:
        raise NotAllowed(_("This would remove your own admin role. Ask another admin to do it."))


def is_group(subject_id: str) -> bool:
    """Return whether the subject of a role is a user group (S…) and not a user (U… or W…)."""
    return subject_id.startswith("S")


class RoleLimit(Enum):
    """How far an answer limits a person's role."""

    NONE = auto()
    """Not at all."""
    NOTHING = auto()
    """They can do nothing, whatever role they were given."""
    BY_NAME = auto()
    """They have the role that was given to them by name, and no other."""
    NO_ADMIN = auto()
    """They aren't an admin by default."""
    UNREAD_GROUPS = auto()
    """They have no more than the lowest role of the groups that can't be read, unless their own role decides."""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """Everything that a person's role in a workspace depends on.

    `granted` are the roles given to the person and to their user groups. `unread` are the roles of groups whose members
    Slack doesn't list.
    """

    user: SlackUser
    workspace: Workspace
    admin_users: Collection[str]
    granted: Mapping[str, Role]
    unread: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a person. `ask` returns yes, no, or None if Slack doesn't say.

    Yes limits nothing. `no` and `unknown` are the limits for the other two answers.
    """

    about: str
    ask: Callable[[RoleFacts], bool | None]
    no: RoleLimit
    unknown: RoleLimit

    def limit(self, case: RoleFacts) -> RoleLimit:
        """Return how far the answer limits the person's role."""
        response = self.ask(case)
        if response is None:
            return self.unknown
        return RoleLimit.NONE if response else self.no


def is_member(user: SlackUser, workspace: Workspace) -> bool:
    """Return whether a person certainly belongs to a workspace, as a member or a guest."""
    case = RoleFacts(user, workspace, (), {}, {})
    return _is_of_organization(case) and bool(_is_of_workspace(case)) and not user.is_stranger


def has_left(user: SlackUser, workspace: Workspace) -> bool:
    """Return whether a person certainly left a workspace: deactivated, or only in others of their organization."""
    is_ours = workspace.enterprise_id is not None and user.enterprise_id == workspace.enterprise_id
    return not user.is_active or (is_ours and user.teams is not None and workspace.team_id not in user.teams)


def _is_of_organization(case: RoleFacts) -> bool:
    """Compare the enterprise if there is one, else the team (rule W1)."""
    if case.workspace.enterprise_id:
        return case.user.enterprise_id == case.workspace.enterprise_id
    return case.user.team_id == case.workspace.team_id


def _is_of_workspace(case: RoleFacts) -> bool | None:
    """Return whether a person is in this workspace of their organization, by `enterprise_user.teams`."""
    if case.workspace.enterprise_id and case.user.teams is not None:
        return case.workspace.team_id in case.user.teams
    return True if case.user.team_id == case.workspace.team_id else None


def _is_full_member(case: RoleFacts) -> bool | None:
    """Return whether a person is not a guest. Slack makes no guest an admin, so an admin counts if it isn't sent."""
    if case.user.is_guest is None:
        return True if case.user.is_admin and case.user.team_id == case.workspace.team_id else None
    return not case.user.is_guest


def _is_admin(case: RoleFacts) -> bool:
    """Return whether a person is an admin by default: in ADMIN_USERS, else of this workspace or its organization.

    The admin flags of `users.info` are about the workspace that it names. An admin of another workspace gets nothing
    here.
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
    Question("of this organization", _is_of_organization, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("in this workspace of it", _is_of_workspace, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("no stranger", lambda case: not case.user.is_stranger, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("a full member and no guest", _is_full_member, RoleLimit.BY_NAME, RoleLimit.BY_NAME),
    Question("an admin by default", _is_admin, RoleLimit.NO_ADMIN, RoleLimit.NO_ADMIN),
    Question("in groups of which all can be read", _is_read, RoleLimit.UNREAD_GROUPS, RoleLimit.UNREAD_GROUPS),
)
"""All questions about a person, and what an unknown answer means: never a right (rule W1).

If Slack doesn't answer about a person at all, or the database can't be read, the request is refused.
"""


def settled_role(case: RoleFacts) -> Role | None:
    """Return the role if no user group can change it, or None if groups decide."""
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
    """Return a person's role (rule W1). The arguments are those of `RoleFacts`.

    Default admins are admins in any case. Otherwise the person's own role counts, then the highest role of their
    groups, then the default, editor.
    """
    case = RoleFacts(user, workspace, admin_users, granted or {}, unread or {})
    settled = settled_role(case)
    if settled is not None:
        return settled
    by_group = max((role for subject, role in case.granted.items() if is_group(subject)), default=Role.EDITOR)
    return min((by_group, *case.unread.values()))


def _not(response: bool | None) -> bool | None:
    return None if response is None else not response
