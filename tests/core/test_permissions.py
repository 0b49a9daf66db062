"""Who may do what (rule W1)."""

from dataclasses import replace

import pytest

from bot.core.errors import NotAllowed
from bot.core.permissions import (
    REQUIREMENTS,
    Role,
    SlackUser,
    Workspace,
    check_own_role,
    has_left,
    is_group,
    role_of,
    who_may,
)

HOME = Workspace(team_id="T1", enterprise_id=None, bot_user_id="U0")
GRID = Workspace(team_id="T1", enterprise_id="E1", bot_user_id="U0")
ANA = SlackUser(id="U1", team_id="T1")


def test_a_colleague_may_change_things() -> None:
    """A full member of the workspace may do all but what only admins may."""
    assert role_of(ANA, HOME, ()) is Role.EDITOR


def test_an_admin_can_not_take_their_own_role_away() -> None:
    """So there is always an admin. A remaining admin can give any role."""
    check_own_role(Role.ADMIN)
    with pytest.raises(NotAllowed, match="your own admin role"):
        check_own_role(Role.EDITOR)


def test_a_role_has_a_name_to_type_and_one_to_read() -> None:
    """Each of them: the one to type is the same in every language."""
    assert [(role.word, role.title) for role in Role] == [
        ("nobody", "No role"),
        ("viewer", "Viewer"),
        ("editor", "Editor"),
        ("admin", "Admin"),
    ]


@pytest.mark.parametrize(
    "user",
    [
        replace(ANA, is_admin=True, is_guest=True),
        replace(ANA, is_admin=True, is_stranger=True),
        replace(ANA, is_admin=True, is_active=False),
        replace(ANA, is_admin=True, team_id="T2"),
    ],
)
@pytest.mark.parametrize("admin_users", [(), ("U1",)])
def test_others_may_do_nothing(user: SlackUser, admin_users: tuple[str, ...]) -> None:
    """Guests, strangers, deactivated people and those of another team are no one, even as admins (W1)."""
    assert role_of(user, HOME, admin_users) is Role.NOBODY


@pytest.mark.parametrize(
    ("user", "role"),
    [
        (SlackUser(id="U1", team_id="T1", enterprise_id="E1"), Role.EDITOR),
        (SlackUser(id="U1", team_id="T2", enterprise_id="E1", teams=frozenset({"T1", "T2"})), Role.EDITOR),
        (SlackUser(id="U1", team_id="T2", enterprise_id="E1"), Role.NOBODY),
        (SlackUser(id="U1", team_id="T1", enterprise_id="E2"), Role.NOBODY),
        (SlackUser(id="U1", team_id="T1", enterprise_id=None), Role.NOBODY),
    ],
)
def test_an_enterprise_is_one_organization(user: SlackUser, role: Role) -> None:
    """Where there is an enterprise it is compared, and its workspaces that the person is in.

    Unknown counts as no (W1, B8).
    """
    assert role_of(user, GRID, ()) is role


def test_who_has_left_the_workspace() -> None:
    """A11: deactivated, or moved to other workspaces of the organization, and where Slack does not say, no one has."""
    ana = replace(ANA, enterprise_id="E1")
    for user, in_grid, alone in (
        (ana, False, False),
        (replace(ana, teams=frozenset({"T1", "T2"})), False, False),
        (replace(ana, teams=frozenset({"T2"})), True, False),
        (replace(ana, enterprise_id="E2", teams=frozenset({"T9"})), False, False),
        (replace(ana, is_active=False), True, True),
    ):
        assert (has_left(user, GRID), has_left(user, HOME)) == (in_grid, alone)


def test_the_enterprise_of_the_actor_alone_opens_nothing() -> None:
    """A workspace without an enterprise compares the team, whatever the person's enterprise is (W1)."""
    assert role_of(replace(ANA, team_id="T2", enterprise_id="E1"), HOME, ()) is Role.NOBODY


@pytest.mark.parametrize(
    ("is_admin", "admin_users", "role"),
    [
        (True, (), Role.ADMIN),
        (True, ("U2",), Role.EDITOR),
        (False, ("U1", "U2"), Role.ADMIN),
        (False, (), Role.EDITOR),
    ],
)
def test_admins_are_named_or_slacks_own(is_admin: bool, admin_users: tuple[str, ...], role: Role) -> None:
    """ADMIN_USERS names the admins, and where it names none they are the workspace's own."""
    assert role_of(replace(ANA, is_admin=is_admin), HOME, admin_users) is role


def test_each_role_may_what_a_lower_one_may() -> None:
    """Roles are ordered, so one comparison decides."""
    assert sorted(Role) == [Role.NOBODY, Role.VIEWER, Role.EDITOR, Role.ADMIN]


OTHERS = [
    replace(ANA, is_guest=True),
    replace(ANA, is_stranger=True),
    replace(ANA, team_id="T2"),
]
"""A guest, a stranger, someone of another organization."""


@pytest.mark.parametrize("role", list(Role))
def test_a_given_role_replaces_the_default(role: Role) -> None:
    """A member who was given a role has that one, be it lower than editor (W1)."""
    assert role_of(ANA, HOME, (), {"U1": role}) is role


@pytest.mark.parametrize("user", OTHERS)
def test_others_may_do_what_an_admin_gave_them_by_name(user: SlackUser) -> None:
    """A role for the person lets them in, but one for a group they are in does not (W1)."""
    assert role_of(user, HOME, (), {"U1": Role.VIEWER}) is Role.VIEWER
    assert role_of(user, HOME, (), {"S1": Role.ADMIN}) is Role.NOBODY
    assert role_of(user, HOME, (), {"S1": Role.ADMIN, "U1": Role.EDITOR}) is Role.EDITOR


@pytest.mark.parametrize(
    ("needed", "has", "who"),
    [
        (Role.ADMIN, Role.EDITOR, "Sorry, only admins can do this."),
        (
            Role.EDITOR,
            Role.VIEWER,
            "Sorry, only editors and admins can do this. An admin can make you an editor with `/clust roles`.",
        ),
        (
            Role.VIEWER,
            Role.NOBODY,
            (
                "Sorry, only members of this workspace can do this. "
                "Guests and people from other organizations first need a role from an admin."
            ),
        ),
    ],
)
def test_a_refusal_says_who_may(needed: Role, has: Role, who: str) -> None:
    """W1: a refusal says who can do it, and what would change that."""
    assert who_may(needed, has) == who


def test_a_deactivated_account_may_do_nothing() -> None:
    """Whatever it was given while it was active (W1)."""
    assert role_of(replace(ANA, is_active=False), HOME, (), {"U1": Role.ADMIN}) is Role.NOBODY


@pytest.mark.parametrize("granted", [{"U1": Role.VIEWER}, {"S1": Role.VIEWER}, {}])
def test_admins_by_default_stay_admins(granted: dict[str, Role]) -> None:
    """No role takes admin rights from people named in ADMIN_USERS or by Slack."""
    assert role_of(ANA, HOME, ("U1",), granted) is Role.ADMIN
    assert role_of(replace(ANA, is_admin=True), HOME, (), granted) is Role.ADMIN


@pytest.mark.parametrize(
    ("granted", "role"),
    [
        ({"S1": Role.ADMIN}, Role.ADMIN),
        ({"S1": Role.VIEWER}, Role.VIEWER),
        ({"S1": Role.VIEWER, "S2": Role.EDITOR}, Role.EDITOR),
        ({"S1": Role.ADMIN, "U1": Role.VIEWER}, Role.VIEWER),
        ({"S1": Role.VIEWER, "U1": Role.ADMIN}, Role.ADMIN),
    ],
)
def test_a_persons_own_role_counts_before_those_of_groups(granted: dict[str, Role], role: Role) -> None:
    """Of several groups the highest counts, and each replaces the default (W1)."""
    assert role_of(ANA, HOME, (), granted) is role


def test_each_action_has_the_role_that_the_product_says() -> None:
    """Viewers look, editors create, update and subscribe, admins do the rest."""
    by_role = {role: {word for word, needed in REQUIREMENTS.items() if needed is role} for role in Role}
    assert by_role == {
        Role.NOBODY: set(),
        Role.VIEWER: {"list", "show", "export", "call"},
        Role.EDITOR: {"create", "update", "subscribe"},
        Role.ADMIN: {"delete", "export_contacts", "actions", "call_to_write", "roles", "audit", "connect"},
    }


@pytest.mark.parametrize(("subject", "group"), [("S1", True), ("U1", False), ("W1", False)])
def test_a_group_is_recognized_by_its_id(subject: str, group: bool) -> None:
    """Slack's ids of user groups begin with S."""
    assert is_group(subject) is group
