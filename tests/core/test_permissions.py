"""Who may do what (rule W1)."""

from dataclasses import replace

import pytest

from bot.core.permissions import Role, SlackUser, Workspace, role_of

HOME = Workspace(team_id="T1", enterprise_id=None, bot_user_id="U0")
GRID = Workspace(team_id="T1", enterprise_id="E1", bot_user_id="U0")
ANA = SlackUser(id="U1", team_id="T1")


def test_a_colleague_may_change_things() -> None:
    """A full member of the workspace may do all but what only admins may."""
    assert role_of(ANA, HOME, ()) is Role.EDITOR


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
    """Guests, strangers, deactivated people and those of another team are nobody, even as admins (W1)."""
    assert role_of(user, HOME, admin_users) is Role.NOBODY


@pytest.mark.parametrize(
    ("user", "role"),
    [
        (SlackUser(id="U1", team_id="T1", enterprise_id="E1"), Role.EDITOR),
        (SlackUser(id="U1", team_id="T2", enterprise_id="E1"), Role.EDITOR),
        (SlackUser(id="U1", team_id="T1", enterprise_id="E2"), Role.NOBODY),
        (SlackUser(id="U1", team_id="T1", enterprise_id=None), Role.NOBODY),
    ],
)
def test_an_enterprise_is_one_organisation(user: SlackUser, role: Role) -> None:
    """Where there is an enterprise it is compared and the team is not; unknown is no (W1)."""
    assert role_of(user, GRID, ()) is role


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
    """Roles are ordered, so that one comparison tells whether someone may."""
    assert sorted(Role) == [Role.NOBODY, Role.VIEWER, Role.EDITOR, Role.ADMIN]
