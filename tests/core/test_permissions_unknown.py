"""What not knowing means: never a right (rule W1). Each row of QUESTIONS is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.permissions import QUESTIONS, Question, Role, RoleLimit, SlackUser, Workspace, is_member, role_of, who_may

HOME = Workspace(team_id="T1", enterprise_id=None, bot_user_id="U0")
GRID = Workspace(team_id="T1", enterprise_id="E1", bot_user_id="U0")
ANA = SlackUser(id="U1", team_id="T1", enterprise_id="E1", teams=frozenset({"T1"}))

UNKNOWN: Mapping[str, tuple[SlackUser, Mapping[str, Role]]] = {
    "an account that is not deactivated": (replace(ANA, is_active=False), {}),
    "a person and no bot": (replace(ANA, is_bot=None), {}),
    "of this organization": (replace(ANA, enterprise_id=None), {}),
    "in this workspace of it": (replace(ANA, team_id="T2", teams=None), {}),
    "no stranger": (replace(ANA, is_stranger=True), {}),
    "a full member and no guest": (replace(ANA, is_guest=None), {}),
    "an admin by default": (ANA, {}),
    "in groups of which all can be read": (ANA, {"S1": Role.VIEWER}),
}
"""For each question, a person for whom Slack doesn't answer it. What Slack always answers is answered by no."""

MOST: Mapping[RoleLimit, Callable[[Role], Role]] = {
    RoleLimit.NOTHING: lambda _own: Role.NOBODY,
    RoleLimit.BY_NAME: lambda own: own,
    RoleLimit.NO_ADMIN: lambda own: own or Role.EDITOR,
    RoleLimit.UNREAD_GROUPS: lambda own: own or Role.VIEWER,
}
"""What each limit leaves of a role that was given by name. `Role.NOBODY` means that none was."""


def test_every_question_has_its_case() -> None:
    """A1, B9: what not knowing means stands in one table, and this page walks all of it."""
    assert set(UNKNOWN) == {question.about for question in QUESTIONS}
    assert all(RoleLimit.NONE not in {question.no, question.unknown} for question in QUESTIONS)


@pytest.mark.parametrize("own", list(Role))
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.about)
def test_not_knowing_leaves_what_its_row_says(question: Question, own: Role) -> None:
    """A1, W1: with each question unanswered a person has what the table says, and their own role where it counts."""
    user, unread = UNKNOWN[question.about]
    granted = {"U1": own} if own else {}
    assert role_of(user, GRID, (), granted, unread) is MOST[question.unknown](own)


def completions(user: SlackUser) -> Iterator[SlackUser]:
    """Give everyone that a person may turn out to be once Slack answers."""
    guests = [user.is_guest] if user.is_guest is not None else [True, False]
    bots = [user.is_bot] if user.is_bot is not None else [True, False]
    teams = [user.teams] if user.teams is not None else [frozenset({user.team_id}), frozenset({user.team_id, "T1"})]
    for is_guest, is_bot, of in product(guests, bots, teams):
        if not (is_guest and user.is_admin):  # Slack makes no guest an admin
            yield replace(user, is_guest=is_guest, is_bot=is_bot, teams=of)


GIVEN = st.sampled_from([Role.VIEWER, Role.EDITOR, Role.ADMIN])
PEOPLE = st.builds(
    SlackUser,
    id=st.just("U1"),
    team_id=st.sampled_from(["T1", "T2"]),
    enterprise_id=st.sampled_from([None, "E1", "E2"]),
    teams=st.sampled_from([None, frozenset[str](), frozenset({"T1"}), frozenset({"T2"}), frozenset({"T1", "T2"})]),
    is_guest=st.sampled_from([None, True, False]),
    is_stranger=st.booleans(),
    is_admin=st.booleans(),
    is_org_admin=st.booleans(),
    is_bot=st.sampled_from([None, True, False]),
    is_active=st.booleans(),
)
GROUPS = st.dictionaries(
    st.sampled_from(["S1", "S2", "S3", "S4"]), st.tuples(GIVEN, st.sampled_from(["in", "out", "unread"])), max_size=4
)


@given(
    user=PEOPLE,
    workspace=st.sampled_from([HOME, GRID]),
    admin_users=st.sampled_from([(), ("U1",), ("U2",)]),
    own=st.none() | GIVEN,
    groups=GROUPS,
)
def test_who_is_unknown_never_has_more_than_when_known(
    user: SlackUser,
    workspace: Workspace,
    admin_users: tuple[str, ...],
    own: Role | None,
    groups: Mapping[str, tuple[Role, str]],
) -> None:
    """A1, W1: whatever Slack leaves unsaid, the role is at most what it is by every way of saying it."""
    granted = {name: role for name, (role, how) in groups.items() if how == "in"} | ({"U1": own} if own else {})
    unread = {name: role for name, (role, how) in groups.items() if how == "unread"}
    role = role_of(user, workspace, admin_users, granted, unread)
    for completed in completions(user):
        for inside in product([True, False], repeat=len(unread)):
            member_of = {name: unread[name] for name, is_in in zip(unread, inside, strict=True) if is_in}
            assert role <= role_of(completed, workspace, admin_users, {**granted, **member_of})


@given(own=st.none() | GIVEN, granted=st.dictionaries(st.sampled_from(["S1", "S2"]), GIVEN), role=GIVEN)
def test_nobody_has_more_than_an_unread_group_gives(own: Role | None, granted: Mapping[str, Role], role: Role) -> None:
    """A1: neither does it lift anyone, nor does anyone escape it, and only a role of their own decides."""
    after = role_of(ANA, GRID, (), {**granted, **({"U1": own} if own else {})}, {"S9": role})
    assert after is own if own else after <= min(role, max([Role.EDITOR, *granted.values()]))


@pytest.mark.parametrize(
    ("granted", "unread", "role"),
    [
        ({}, {"S1": Role.VIEWER}, Role.VIEWER),
        ({}, {"S1": Role.ADMIN}, Role.EDITOR),
        ({}, {"S1": Role.ADMIN, "S2": Role.VIEWER}, Role.VIEWER),
        ({"S3": Role.ADMIN}, {"S1": Role.EDITOR}, Role.EDITOR),
        ({"S3": Role.VIEWER}, {"S1": Role.ADMIN}, Role.VIEWER),
        ({"U1": Role.ADMIN}, {"S1": Role.VIEWER}, Role.ADMIN),
    ],
)
def test_groups_that_can_not_be_read(granted: Mapping[str, Role], unread: Mapping[str, Role], role: Role) -> None:
    """A1: several groups, some read and some not: the lowest role of those that can't be read bounds the rest."""
    assert role_of(ANA, GRID, (), granted, unread) is role


@pytest.mark.parametrize(
    ("user", "role"),
    [
        (replace(ANA, teams=frozenset({"T2"})), Role.NOBODY),
        (replace(ANA, team_id="T2", teams=frozenset({"T2", "T1"}), is_admin=True), Role.EDITOR),
        (replace(ANA, is_admin=True), Role.ADMIN),
        (replace(ANA, team_id="T2", teams=frozenset({"T1", "T2"}), is_org_admin=True), Role.ADMIN),
        (replace(ANA, team_id="T2", teams=frozenset({"T2"}), is_org_admin=True), Role.NOBODY),
        (replace(ANA, team_id="T2", teams=None), Role.NOBODY),
    ],
)
def test_an_organization_has_workspaces_of_its_own(user: SlackUser, role: Role) -> None:
    """B8: `enterprise_user.teams` decides who belongs here, and an admin of another workspace is none here."""
    assert role_of(user, GRID, ()) is role


def test_people_of_no_known_workspace_are_not_remembered() -> None:
    """B8: only who surely belongs to a workspace has it remembered."""
    assert is_member(ANA, GRID)
    assert is_member(replace(ANA, is_guest=True), GRID)
    elsewhere = replace(ANA, teams=frozenset({"T2"}))
    for other in (elsewhere, replace(ANA, enterprise_id="E2"), replace(ANA, is_stranger=True)):
        assert not is_member(other, GRID)
    assert not is_member(replace(ANA, team_id="T2"), HOME)


def test_a_refusal_says_that_it_may_pass() -> None:
    """A1: a person who may have the role after all is asked to try again, and learns what an admin can do."""
    assert "Try again in a moment" in who_may(Role.EDITOR, Role.VIEWER, Role.EDITOR)
    assert "Try again" not in who_may(Role.ADMIN, Role.VIEWER, Role.EDITOR)
