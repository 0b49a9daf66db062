"""Who someone is (rule W1): by `users.info`, remembered for a minute; where that can't be told, the answer is no."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import NotAllowed
from bot.core.permissions import Role, SlackUser, Workspace
from bot.sandbox.slack import SandboxSlack
from bot.slack.access import Access, slack_user
from bot.store import Store, open_store
from tests.conftest import Clock


@dataclass
class Gate:
    """What the tests of access do."""

    slack: SandboxSlack
    client: AsyncWebClient
    store: Store
    clock: Clock

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.slack.workspace.bot.team_id

    def access(self, *admin_users: str, enterprise_id: str | None = None) -> Access:
        """Return an Access that has asked nothing yet."""
        workspace = Workspace(self.team_id, enterprise_id, self.slack.workspace.bot.id)
        return Access(self.client, workspace, admin_users, self.store.people, self.store.roles, self.clock)

    def id(self, name: str) -> str:
        """Return someone's id."""
        return self.slack.workspace.user(name).id


@pytest.fixture
async def gate(slack: SandboxSlack, sqlite_url: str, clock: Clock) -> AsyncIterator[Gate]:
    """Nobody was asked about yet."""
    store = open_store(sqlite_url, posts_per_minute=300)
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        yield Gate(slack, client, store, clock)
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
async def test_roles(gate: Gate, name: str, role: Role) -> None:
    """W1: owners and admins are admins, members editors; guests, foreign, deactivated people and bots are nobody."""
    assert (await gate.access().role(gate.id(name)))[0] is role


async def test_admin_users_stand_for_slacks_own(gate: Gate) -> None:
    """Where ADMIN_USERS is set it alone says who is admin; a guest does not become one by it."""
    access = gate.access(gate.id("mei"), gate.id("gustav"))
    assert (await access.role(gate.id("mei")))[0] is Role.ADMIN
    assert (await access.role(gate.id("olivia")))[0] is Role.EDITOR
    assert (await access.role(gate.id("gustav")))[0] is Role.NOBODY


async def test_an_answer_is_remembered_for_a_minute(gate: Gate) -> None:
    """W1: Slack is asked once a minute about one person; then a change of role is seen."""
    access, mei = gate.access(), gate.slack.workspace.member
    await access.role(mei.id)
    mei.is_restricted = True
    gate.clock.forward(59)
    assert (await access.role(mei.id))[0] is Role.EDITOR
    assert len(gate.slack.called("users.info")) == 1
    gate.clock.forward(1)
    assert (await access.role(mei.id))[0] is Role.NOBODY


async def test_unknown_is_no(gate: Gate) -> None:
    """W1: someone whom Slack does not know, or can't tell about now, may not; and that is not remembered."""
    access = gate.access()
    with pytest.raises(NotAllowed, match="could not be asked who you are"):
        await access.role("U404")
    gate.slack.knobs.down = True
    with pytest.raises(NotAllowed):
        await access.role(gate.id("mei"))
    gate.slack.knobs.down = False
    assert (await access.role(gate.id("mei")))[0] is Role.EDITOR


async def test_admins_who_used_the_bot_are_known(gate: Gate) -> None:
    """W4: who may use the bot is remembered with their role; outsiders are not."""
    access = gate.access()
    for name in ("adrien", "mei", "gustav", "xavier"):
        await access.role(gate.id(name))
    assert await gate.store.people.admins(gate.team_id) == [gate.id("adrien")]


async def test_in_an_enterprise_its_people_are_at_home(gate: Gate) -> None:
    """W1: where the workspace belongs to an enterprise, the enterprise of the actor is compared and not the team."""
    assert (await gate.access(enterprise_id="E1").role(gate.id("mei")))[0] is Role.NOBODY


@pytest.mark.parametrize(
    ("told", "user"),
    [
        ({}, SlackUser("", "")),
        ({"id": "U1", "team_id": "T1", "tz": "Asia/Tokyo"}, SlackUser("U1", "T1", zone="Asia/Tokyo")),
        ({"id": "U1", "enterprise_user": {"enterprise_id": "E1"}}, SlackUser("U1", "", "E1")),
        ({"is_ultra_restricted": True}, SlackUser("", "", is_guest=True)),
        ({"is_owner": True}, SlackUser("", "", is_admin=True)),
        ({"is_stranger": True, "enterprise_user": None}, SlackUser("", "", is_stranger=True)),
        ({"deleted": True}, SlackUser("", "", is_active=False)),
        ({"is_bot": True, "tz": None}, SlackUser("", "", is_active=False)),
    ],
)
def test_a_user_object(told: dict[str, object], user: SlackUser) -> None:
    """Every key may be missing; what is missing gives no right."""
    assert slack_user(told) == user
