"""Who a person is (rule W1): by `users.info`, cached for a minute. Unknown counts as no."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import NotAllowed
from bot.core.permissions import Role, Workspace
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.slack.request.access import Access, Asker, TimeBudget, served
from bot.store import Store, open_store
from tests.conftest import Clock
from tests.patience import LONG, NONE


@dataclass
class AccessSetup:
    """The fixture of access tests."""

    slack: SandboxSlack
    client: AsyncWebClient
    store: Store
    clock: Clock

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.slack.workspace.bot.team_id

    def access(
        self,
        *admin_users: str,
        enterprise_id: str | None = None,
        serve: Callable[[], Awaitable[None]] = served,
    ) -> Access:
        """Return an Access that has asked nothing yet."""
        workspace = Workspace(self.team_id, enterprise_id, self.slack.workspace.bot.id)
        return Access(self.client, workspace, admin_users, self.store.people, self.store.roles, self.clock, serve)

    async def give(self, subject_id: str, role: Role) -> None:
        """Give a role, as an admin does."""
        await self.store.roles.set(self.team_id, subject_id, role, self.id("adrien"), self.clock())

    def id(self, name: str) -> str:
        """Return someone's id."""
        return self.slack.workspace.user(name).id


@pytest.fixture
async def setup(slack: SandboxSlack, sqlite_url: str, clock: Clock) -> AsyncIterator[AccessSetup]:
    """An Access that has asked nothing yet."""
    store = open_store(sqlite_url, posts_per_minute=300)
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        yield AccessSetup(slack, client, store, clock)
    await store.database.close()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("olivia", Role.ADMIN),
        ("adrien", Role.ADMIN),
        ("mei", Role.EDITOR),
        ("gustav", Role.NOBODY),
        ("sofia", Role.NOBODY),
        ("xavier", Role.NOBODY),
        ("dora", Role.NOBODY),
        ("clust", Role.NOBODY),
    ],
)
async def test_roles_of_each_kind_of_person(setup: AccessSetup, name: str, role: Role) -> None:
    """W1: owners and admins are admins, members editors.

    Guests, deactivated or foreign people and bots have no role.
    """
    assert (await setup.access().role(setup.id(name)))[0] is role


async def test_admin_users_stand_for_slacks_own(setup: AccessSetup) -> None:
    """If ADMIN_USERS is set, it alone says who is an admin, but it makes no guest an admin."""
    access = setup.access(setup.id("mei"), setup.id("gustav"))
    assert (await access.role(setup.id("mei")))[0] is Role.ADMIN
    assert (await access.role(setup.id("olivia")))[0] is Role.EDITOR
    assert (await access.role(setup.id("gustav")))[0] is Role.NOBODY


async def test_an_answer_is_remembered_for_a_minute(setup: AccessSetup) -> None:
    """W1: Slack is asked about a person once a minute. Then a change of role takes effect."""
    access, mei = setup.access(), setup.slack.workspace.member
    await access.role(mei.id)
    mei.is_restricted = True
    setup.clock.forward(59)
    assert (await access.role(mei.id))[0] is Role.EDITOR
    assert len(setup.slack.called("users.info")) == 1
    setup.clock.forward(1)
    assert (await access.role(mei.id))[0] is Role.NOBODY


async def test_an_unknown_person_is_refused(setup: AccessSetup) -> None:
    """W1: a person whom Slack doesn't know, or can't look up now, is refused, and that isn't cached."""
    access = setup.access()
    with pytest.raises(NotAllowed, match="couldn't ask Slack who you are"):
        await access.role("U404")
    setup.slack.faults.down = True
    with pytest.raises(NotAllowed):
        await access.role(setup.id("mei"))
    setup.slack.faults.down = False
    assert (await access.role(setup.id("mei")))[0] is Role.EDITOR


async def test_admins_who_used_the_bot_are_known(setup: AccessSetup) -> None:
    """W4: people with access are stored with their role, but outsiders are not."""
    access = setup.access()
    for name in ("adrien", "mei", "gustav", "xavier"):
        await access.role(setup.id(name))
    assert await setup.store.people.admins(setup.team_id) == [setup.id("adrien")]


async def test_in_an_enterprise_its_people_are_at_home(setup: AccessSetup) -> None:
    """W1: in an Enterprise Grid, the organization of the person is compared, not the workspace."""
    assert (await setup.access(enterprise_id="E1").role(setup.id("mei")))[0] is Role.NOBODY


REFUSALS = ("internal_error", "missing_scope", "no_such_subteam", "plan_upgrade_required", "ratelimited")


@pytest.mark.parametrize("code", REFUSALS)
async def test_who_is_in_a_group_that_can_not_be_read_is_unknown(setup: AccessSetup, code: str) -> None:
    """A1: while a group can't be read, no one has more than its role, but once it can, this changes at once."""
    group = setup.slack.workspace.add_group("auditors", {setup.id("mei")})
    await setup.give(group.id, Role.VIEWER)
    access = setup.access()
    assert (await access.role(setup.id("mei"))).role is Role.VIEWER
    assert (await access.role(setup.id("bruno"))).role is Role.EDITOR
    setup.clock.forward(61)
    setup.slack.fail_next("usergroups.users.list", code, times=2)
    for name in ("mei", "bruno"):
        authorization = await access.role(setup.id(name))
        assert (authorization.role, authorization.at_most) == (Role.VIEWER, Role.EDITOR)
    assert (await access.role(setup.id("mei"))).role is Role.VIEWER
    assert (await access.role(setup.id("bruno"))).role is Role.EDITOR


@pytest.mark.parametrize(
    ("organization", "is_in"),
    [
        ({"enterprise_id": "E1", "teams": ["T1", "T2"]}, True),
        ({"enterprise_id": "E1", "teams": ["T1"]}, False),
        ({"enterprise_id": "E1"}, False),
        ({"enterprise_id": "E2", "teams": ["T2"]}, False),
        (None, False),
    ],
)
async def test_who_is_in_a_workspace_of_the_organization_is_certain(
    setup: AccessSetup, organization: dict[str, object] | None, *, is_in: bool
) -> None:
    """W1: only people of this organization are in its workspaces. What Slack doesn't say counts as no."""
    access = setup.access(enterprise_id="E1")
    setup.slack.alter_next(
        "users.info", lambda answer: {**answer, "user": {**answer["user"], "enterprise_user": organization}}
    )
    assert await access.is_in("T2", setup.id("mei"), LONG) is is_in
    setup.slack.faults.down = True
    with pytest.raises(NotAllowed):
        await access.is_in("T2", setup.id("gustav"), LONG)


@pytest.mark.parametrize("odd", [[1], {"ok": True}, {"ok": True, "users": "U1"}, {"ok": True, "users": [None]}])
async def test_an_answer_of_another_shape_is_none(setup: AccessSetup, odd: object) -> None:
    """A1, C12: a malformed response about a group counts as unreadable, and one about a person as a refusal."""
    group = setup.slack.workspace.add_group("auditors", set())
    await setup.give(group.id, Role.VIEWER)
    setup.slack.alter_next("usergroups.users.list", lambda _: odd)
    assert (await setup.access().role(setup.id("mei"))).role is Role.VIEWER
    setup.slack.alter_next("users.info", lambda _: odd)
    with pytest.raises(NotAllowed):
        await setup.access().role(setup.id("mei"))


async def test_a_group_that_can_not_be_read_lifts_nobody(setup: AccessSetup) -> None:
    """A1: an unreadable group never gives a role above the default."""
    one = setup.slack.workspace.add_group("chiefs", {setup.id("mei")})
    two = setup.slack.workspace.add_group("readers", {setup.id("mei")})
    await setup.give(one.id, Role.ADMIN)
    setup.slack.fail_next("usergroups.users.list", "internal_error")
    assert (await setup.access().role(setup.id("mei"))).role is Role.EDITOR
    assert (await setup.access().role(setup.id("mei"))).role is Role.ADMIN
    await setup.give(two.id, Role.VIEWER)
    setup.slack.rate_limit_method("usergroups.users.list", 30)
    assert (await setup.access().role(setup.id("mei"))).role is Role.VIEWER


async def test_groups_are_not_asked_about_if_they_can_not_matter(setup: AccessSetup) -> None:
    """A1: groups are not asked about for admins, guests, or people with a role of their own."""
    group = setup.slack.workspace.add_group("readers", set())
    await setup.give(group.id, Role.VIEWER)
    await setup.give(setup.id("mei"), Role.ADMIN)
    roles = {"mei": Role.ADMIN, "adrien": Role.ADMIN, "gustav": Role.NOBODY, "xavier": Role.NOBODY, "dora": Role.NOBODY}
    for name, role in roles.items():
        assert (await setup.access().role(setup.id(name))).role is role
    assert setup.slack.called("usergroups.users.list") == []


async def test_what_slack_does_not_answer_in_time_is_unknown(setup: AccessSetup) -> None:
    """A1: all questions about a person share two seconds, and what Slack has not said by then is unknown."""
    access = setup.access()
    assert (await access.role(setup.id("mei"))).role is Role.EDITOR
    group = setup.slack.workspace.add_group("readers", set())
    await setup.give(group.id, Role.VIEWER)
    setup.slack.faults.delay_seconds, setup.slack.faults.slow = LONG, frozenset({"usergroups.users.list"})
    assert (await access.role(setup.id("mei"), seconds=NONE)).role is Role.VIEWER
    setup.slack.faults.slow = frozenset({"users.info"})
    with pytest.raises(NotAllowed):
        await setup.access().role(setup.id("mei"), seconds=NONE)
    asker = Asker(setup.access(), setup.id("mei"), TimeBudget(NONE))
    with pytest.raises(NotAllowed):
        await asker.authorization()
    setup.slack.faults.delay_seconds = 0.0
    with pytest.raises(NotAllowed):
        await asker.authorization_now()


async def test_who_asks_has_what_the_question_for_their_workspace_left(setup: AccessSetup) -> None:
    """M1: whether they are a stranger is asked before, and an acknowledgement has 3 seconds for all of it."""
    budget = TimeBudget(NONE)
    setup.slack.faults.delay_seconds, setup.slack.faults.slow = LONG, frozenset({"users.info"})
    with pytest.raises(NotAllowed), budget.spend() as seconds:
        await setup.access().is_in(setup.team_id, setup.id("mei"), seconds)
    setup.slack.faults.delay_seconds = 0.0
    with pytest.raises(NotAllowed):
        await Asker(setup.access(), setup.id("mei"), budget).authorization()


async def test_admin_rights_are_not_read_from_the_cache(setup: AccessSetup) -> None:
    """B9: for what only admins can do, neither the person nor their groups come from the cache."""
    access, adrien = setup.access(), setup.slack.workspace.admin
    chiefs = setup.slack.workspace.add_group("chiefs", {setup.id("mei")})
    await setup.give(chiefs.id, Role.ADMIN)
    askers = [Asker(access, user_id) for user_id in (adrien.id, setup.id("mei"))]
    assert [(await asker.authorization()).role for asker in askers] == [Role.ADMIN, Role.ADMIN]
    adrien.is_admin = False
    chiefs.members.clear()
    assert [(await asker.authorization()).role for asker in askers] == [Role.ADMIN, Role.ADMIN]
    assert [(await asker.authorization_now()).role for asker in askers] == [Role.EDITOR, Role.EDITOR]
    assert await setup.store.people.admins(setup.team_id) == []


async def test_nothing_is_remembered_of_who_can_do_nothing(setup: AccessSetup) -> None:
    """B8: a workspace is served, and a person stored, only after someone with access used the bot."""
    served: list[str] = []

    async def serve() -> None:
        served.append(setup.team_id)

    access = setup.access(serve=serve)
    for name in ("gustav", "xavier", "dora"):
        assert not (await access.role(setup.id(name))).role
    await setup.give(setup.id("xavier"), Role.VIEWER)
    assert (await access.role(setup.id("xavier"), refresh=True)).role is Role.VIEWER
    assert (served, await access.is_new(setup.id("gustav"))) == ([], True)
    await access.role(setup.id("mei"))
    assert served == [setup.team_id]
