"""Many workspaces in one process: installed by OAuth, each with accounts of its own, and nothing shared."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from cryptography.fernet import Fernet

from bot.core.permissions import Workspace
from bot.sandbox.clust.serving import serve_clust
from bot.sandbox.clust.stand_in import SandboxClust
from bot.sandbox.slack.browser import Tampering
from bot.sandbox.slack.enterprise_grid import SandboxGrid
from bot.sandbox.slack.messages import PostedMessage
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.views import View
from bot.settings import Settings
from bot.slack.listeners.admin.accounts import AWAY
from bot.slack.views.building import ids
from bot.slack.views.building.blocks import button, section
from bot.store import Store, open_store
from bot.store.engine.tables import (
    applications,
    connections,
    deliveries,
    installations,
    people,
    subscriptions,
    workspaces,
)
from bot.wiring.composition import run, utc_now
from bot.wiring.workspaces import OpenWorkspace, SharedServices
from tests.patience import GAP_SECONDS, LONG, brisk
from tests.slack.conftest import healthy
from tests.slack.listeners.admin.test_accounts import Several

ADMIN = "adrien"


@dataclass
class Office:
    """One workspace, and the Clust accounts that it connects, by name."""

    slack: SandboxSlack
    accounts: Mapping[str, SandboxClust]

    async def say(self, text: str, *, user: str | None = None, channel: str | None = None) -> PostedMessage:
        """Type `/clust …` and return its answer."""
        return await (await self.slack.command("/clust", text, user=user, channel=channel)).answer(timeout=20)

    async def window(self, *words: str, user: str | None = None) -> View:
        """Wait until the window that someone sees holds all of `words`."""
        who = self.slack.workspace.user(user).id if user else self.slack.workspace.member.id

        def opened_view() -> View | None:
            view = self.slack.views.of(who)
            return view if view and all(word in json.dumps(view.sent) for word in words) else None

        view = await self.slack.wait_for(opened_view, timeout=15)
        assert view
        return view

    async def until(self, asked: str, *words: str) -> str:
        """Type the same again until its answer says all of `words`."""
        async with asyncio.timeout(20):
            while True:
                text = (await self.say(asked)).text
                if all(word in text for word in words):
                    return text

    async def connect(self) -> None:
        """Connect every account, as an admin does."""
        for name, account in self.accounts.items():
            await self.slack.command("/clust", "connect", user=ADMIN)
            view = await self.window("api_key", user=ADMIN)
            await self.slack.submit(view, {"name": name, "api_key": account.token})
            await self.until(f"list connection:{name}", f"{name} of")
            await self.slack.close_view(view, everything=True)

    async def posted(self, channel: str, *words: str) -> list[PostedMessage]:
        """Wait until as many messages stand in a channel, each with its words."""
        messages = await self.slack.wait_for(
            lambda: [one for one in [self.slack.messages(channel)] if len(one) >= len(words)], timeout=15
        )
        for message, word in zip(messages[0], words, strict=True):
            assert word in message.text
        return messages[0]


@dataclass
class Building:
    """A bot that serves many workspaces."""

    grid: SandboxGrid
    settings: Settings
    stop: asyncio.Event
    clust: Several
    count: int = 0

    @property
    def base(self) -> str:
        """Where the bot listens."""
        return f"http://127.0.0.1:{self.settings.port}"

    async def office(self, team_id: str, *, org: str | None = None, is_in: bool = True, accounts: int = 2) -> Office:
        """Add a workspace; `is_in`: it installs the app and connects two accounts."""
        slack = await self.grid.add(team_id, team_id.lower(), enterprise_id=org)
        slack.faults.acknowledge_within, slack.state.pace.between_messages = LONG, GAP_SECONDS
        made: dict[str, SandboxClust] = {}
        for name in ("emea", "apac")[:accounts]:
            self.count += 1
            token = f"key-{team_id}-{name}"
            made[name] = SandboxClust(token=token, seed=self.count, clock=lambda: datetime.now(UTC))
            made[name].add(title=f"{name} of {team_id}")
            self.clust.others[token] = made[name]
        office = Office(slack, made)
        if is_in:
            visit = await self.grid.install(slack, f"{self.base}/slack/install")
            assert visit.status == 200, visit.text
            await office.connect()
        return office

    async def rows(self, statement: sa.Select[Any]) -> list[sa.RowMapping]:
        """Return what the bot's database holds."""
        async with self.store() as store, store.database.read() as tx:
            return list((await tx.execute(statement)).mappings())

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Open the bot's database beside it."""
        keys = [key.get_secret_value() for key in self.settings.secret_key]
        store = open_store(self.settings.database_url, posts_per_minute=300, secret_keys=keys)
        try:
            yield store
        finally:
            await store.database.close()


Begin = Callable[..., Any]


@pytest.fixture
async def begin(sqlite_url: str) -> AsyncIterator[Begin]:
    """Start a bot for many workspaces; a keyword `clock` moves its time."""
    async with AsyncExitStack() as stack:
        stack.enter_context(brisk())
        grid = await stack.enter_async_context(SandboxGrid())
        clust = Several()
        clust_url = await stack.enter_async_context(serve_clust(clust))

        async def begun(*, clock: Callable[[], datetime] = utc_now, **different: Any) -> Building:
            listening = socket.create_server(("127.0.0.1", 0))  # closed with the bot's server
            port = listening.getsockname()[1]
            usual: dict[str, Any] = {
                "slack_client_id": grid.client_id,
                "slack_client_secret": grid.client_secret,
                "slack_signing_secret": grid.signing_secret,
                "slack_api_url": grid.api_url,
                "secret_key": Fernet.generate_key().decode(),
                "clust_api_url": clust_url,
                "database_url": sqlite_url,
                "listen_host": "127.0.0.1",
                "port": port,
                "metrics_port": 0,
                "public_url": f"http://127.0.0.1:{port}",
                "poll_interval": 0.1,
                "commands_per_minute": 1_000_000,
            }
            settings = Settings(_env_file=None, **{**usual, **different})
            stop = asyncio.Event()
            grid.events_url = f"http://127.0.0.1:{port}/slack/events"
            bot = asyncio.create_task(run(settings, stop, web=True, worker=True, clock=clock, listening=listening))

            async def end() -> None:
                stop.set()
                await bot

            stack.push_async_callback(end)
            await healthy(port)
            return Building(grid, settings, stop, clust)

        yield begun


@pytest.fixture
async def building(begin: Begin) -> Building:
    """A bot that no workspace has installed yet."""
    building: Building = await begin()
    return building


async def test_two_workspaces_with_two_accounts_each_side_by_side(building: Building) -> None:
    """Each sees its own accounts, and is told of its own events, in the same channel of the same name."""
    one, two = await building.office("T0ONE"), await building.office("T0TWO")
    for office in (one, two):
        await office.say("subscribe late connection:emea")
        await office.say("subscribe late connection:apac")
    for office in (one, two):
        assert office.accounts["apac"].token not in (await office.say("status")).text
        office.accounts["emea"].make_late(1)
        office.accounts["apac"].make_late(1)
    for office, team_id in ((one, "T0ONE"), (two, "T0TWO")):
        texts = sorted(message.text for message in await office.posted("onboarding", "", ""))
        assert "apac of" in texts[0]
        assert "emea of" in texts[1]
        assert all(team_id in text for text in texts)


async def test_tokens_are_sealed(building: Building) -> None:
    """Neither bot tokens nor API keys stand in the database as they are."""
    office = await building.office("T0ONE")
    for table in (installations, connections):
        stored = json.dumps(
            [{name: str(value) for name, value in row.items()} for row in await building.rows(sa.select(table))]
        )
        assert office.slack.bot_token not in stored
        assert "key-T0ONE" not in stored


@pytest.mark.parametrize(
    ("tampering", "status"),
    [
        (Tampering(state="made-up"), 400),
        (Tampering(without_cookie=True), 400),
        (Tampering(code="made-up"), 401),
        (Tampering(denied=True), 200),
    ],
)
async def test_an_installation_that_was_tampered_with_is_none(
    building: Building, tampering: Tampering, status: int
) -> None:
    """The state is bound to the browser and used once, and the code is Slack's: else nothing is kept."""
    office = await building.office("T0ONE", is_in=False)
    visit = await building.grid.install(office.slack, f"{building.base}/slack/install", tampering=tampering)
    assert visit.status == status
    assert await building.rows(sa.select(installations)) == []


async def test_a_callback_works_once(building: Building) -> None:
    """The address that Slack led back to is of no use to whoever finds it later."""
    office = await building.office("T0ONE", is_in=False)
    visit = await building.grid.install(office.slack, f"{building.base}/slack/install")
    assert visit.status == 200
    again = await building.grid.browser.get(visit.callback, visit.cookie)
    assert again.status == 401


async def test_a_workspace_without_the_app_is_told_so(building: Building) -> None:
    """A signed request of a workspace that did not install the app, or took it out, gets no more than that sentence."""
    office = await building.office("T0ONE", is_in=False)
    assert "no longer installed in this workspace" in (await office.say("list")).text


async def test_who_takes_the_app_out_is_worked_for_no_more(building: Building) -> None:
    """Polling and posting end, and reinstalling goes on where it was, with what was connected."""
    office, other = await building.office("T0ONE", accounts=1), await building.office("T0TWO", accounts=1)
    await office.say("subscribe late")
    await building.grid.uninstall(office.slack)
    asked = len(office.accounts["emea"].requests)
    await other.until("list", "emea of")
    await office.until("list", "no longer installed")
    visit = await building.grid.install(office.slack, f"{building.base}/slack/install")
    assert visit.status == 200
    await office.until("list", "emea of T0ONE")
    assert len(office.accounts["emea"].requests) >= asked
    office.accounts["emea"].make_late(1)
    await office.posted("onboarding", "emea of T0ONE")


async def test_a_late_farewell_ends_no_new_installation(building: Building) -> None:
    """An event that says the app is gone, delivered again after it was installed anew, is looked into first."""
    office = await building.office("T0ONE", accounts=1)
    await office.slack.event("app_uninstalled")
    assert "emea of" in (await office.say("list")).text
    (row,) = await building.rows(sa.select(installations.c.ended_at))
    assert row["ended_at"] is None


async def test_what_is_stored_of_a_workspace_goes_thirty_days_later(begin: Begin) -> None:
    """A month after it took the app out nothing of a workspace is left, and all of the others'."""
    building: Building = await begin()
    office, other = await building.office("T0ONE"), await building.office("T0TWO", accounts=1)
    for one in (office, other):
        await one.say("subscribe late", user="mei")
    office.accounts["emea"].make_late(1)
    await office.posted("onboarding", "emea of")
    await building.grid.uninstall(office.slack)
    await office.until("list", "no longer installed")
    now = datetime.now(UTC)
    async with building.store() as store:
        assert await store.ended_data.remove(now - timedelta(days=1)) == []
        assert await store.ended_data.remove(now + timedelta(seconds=5)) == ["T0ONE"]
    for table in (connections, subscriptions, people, deliveries, workspaces):
        assert {row["team_id"] for row in await building.rows(sa.select(table))} <= {"T0TWO"}
    assert len(await building.rows(sa.select(applications))) == 1
    assert "emea of T0TWO" in (await other.say("list")).text


async def test_an_organisation_installs_it_for_all_its_workspaces(building: Building) -> None:
    """One token serves every workspace of an organisation; each has accounts, channels and people of its own."""
    one = await building.office("T0ONE", org="E0ORG", is_in=False, accounts=1)
    two = await building.office("T0TWO", org="E0ORG", is_in=False, accounts=1)
    visit = await building.grid.install(one.slack, f"{building.base}/slack/install", org_wide=True)
    assert visit.status == 200, visit.text
    for office, team_id in ((one, "T0ONE"), (two, "T0TWO")):
        await office.connect()
        await office.say("subscribe late")
        office.accounts["emea"].make_late(1)
        await office.posted("onboarding", f"emea of {team_id}")
    await building.grid.uninstall(one.slack)
    await two.until("list", "no longer installed")


async def test_tokens_that_rotate_are_exchanged_in_time(begin: Begin) -> None:
    """A token that ends within two hours is exchanged before it is used; work that nobody asks for goes on with it."""
    building: Building = await begin(clock=lambda: datetime.now(UTC) + timedelta(hours=11))
    building.grid.oauth.is_rotating = True
    office = await building.office("T0ONE", is_in=False, accounts=1)
    visit = await building.grid.install(office.slack, f"{building.base}/slack/install")
    assert visit.status == 200
    first = office.slack.bot_token
    await office.connect()
    assert office.slack.bot_token != first
    (row,) = await building.rows(sa.select(installations.c.version, installations.c.expires_at))
    assert row["version"] == 2
    assert row["expires_at"] > datetime.now(UTC) + timedelta(hours=20)
    await office.say("subscribe late")
    office.accounts["emea"].make_late(1)
    await office.posted("onboarding", "emea of")


async def test_a_token_that_can_not_be_renewed_yet_is_tried_again(begin: Begin) -> None:
    """Slack refusing the exchange for a moment costs nothing: the token that there is works until it ends."""
    building: Building = await begin(clock=lambda: datetime.now(UTC) + timedelta(hours=11))
    building.grid.oauth.is_rotating = True
    office = await building.office("T0ONE", is_in=False, accounts=1)
    await building.grid.install(office.slack, f"{building.base}/slack/install")
    building.grid.oauth.failures.append("internal_error")
    await office.connect()


@pytest.mark.parametrize(
    "odd", [lambda _: [1], lambda _: {"ok": True}, lambda answer: {**answer, "expires_in": "soon"}]
)
async def test_an_odd_answer_to_the_exchange_of_a_token_is_tried_again(begin: Begin, odd: Callable[[Any], Any]) -> None:
    """C12, D3: nothing is kept of an `oauth.v2.access` that is not complete; the token before it goes on working."""
    building: Building = await begin(clock=lambda: datetime.now(UTC) + timedelta(hours=11))
    building.grid.oauth.is_rotating = True
    office = await building.office("T0ONE", is_in=False, accounts=1)
    await building.grid.install(office.slack, f"{building.base}/slack/install")
    building.grid.oauth.alterations.append(odd)
    await office.connect()
    assert not building.grid.oauth.alterations


@pytest.mark.parametrize(
    "odd",
    [
        lambda _: [1],
        lambda answer: {**answer, "team": None},
        lambda answer: {**answer, "team": {"name": "x"}},
        lambda answer: {**answer, "access_token": None},
        lambda answer: {**answer, "bot_user_id": None},
        lambda answer: {**answer, "authed_user": None},
    ],
)
async def test_an_installation_that_slack_does_not_name_is_not_kept(begin: Begin, odd: Callable[[Any], Any]) -> None:
    """D2, D5: nothing stands in the database under a made-up id; the page says that it failed, and it works again."""
    building: Building = await begin()
    office = await building.office("T0ONE", is_in=False)
    building.grid.oauth.alterations.append(odd)
    visit = await building.grid.install(office.slack, f"{building.base}/slack/install")
    assert visit.status == 401
    assert await building.rows(sa.select(installations.c.id)) == []
    visit = await building.grid.install(office.slack, f"{building.base}/slack/install")
    assert visit.status == 200
    assert [row["id"] for row in await building.rows(sa.select(installations.c.id))] == ["T0ONE"]


async def test_ids_of_another_workspace_lead_nowhere(building: Building) -> None:
    """Connection ids in buttons and windows, drafts, names and channel ids of others are looked up among one's own."""
    one, two = await building.office("T0ONE", accounts=1), await building.office("T0TWO", accounts=1)
    rows = await building.rows(sa.select(connections.c.id, connections.c.team_id))
    foreign_id = next(row["id"] for row in rows if row["team_id"] == "T0TWO")
    where = one.slack.workspace.onboarding
    block = section("x", button("Details", ids.DETAILS, f"{foreign_id}~1"))
    forged = one.slack.state.messages.post(where.id, text="x", blocks=[{**block, "block_id": "b"}])
    await one.slack.click(forged, "Details")
    view = await one.window("connected anymore")
    assert "T0TWO" not in json.dumps(view.sent)
    asked = len(two.accounts["emea"].requests)
    assert asked
    await two.say("subscribe late")
    assert "No channel has a subscription" in (await one.say("subscriptions all")).text
    assert "Unknown account" in (await one.say("list connection:apac")).text
    for value in (f"{foreign_id}~1", "1"):
        block = section("x", button("New baseline", ids.NEW_BASELINE, value))
        asked_for = one.slack.state.messages.post(where.id, text="x", blocks=[{**block, "block_id": "b"}])
        answer = await (await one.slack.click(asked_for, "New baseline", user=ADMIN)).answer(timeout=10)
        assert "This was already answered." in answer.text


async def test_a_draft_of_another_workspace_is_nobodys(building: Building) -> None:
    """A form's draft is of one person in one workspace: the same user id elsewhere submits nothing with it."""
    one, two = await building.office("T0ONE", accounts=1), await building.office("T0TWO", accounts=1)
    await two.slack.command("/clust", "create")
    view = await two.window("first_name")
    await one.slack.command("/clust", "create")
    own_view = await one.window("first_name")
    stamp = str(own_view.sent["private_metadata"]).partition("~")[0]
    forged = f"{stamp}~{str(view.sent['private_metadata']).partition('~')[2]}"
    own_view.sent = {**own_view.sent, "private_metadata": forged}
    template = str(next(iter(one.accounts["emea"].templates)))
    typed = {"template_id": template, "first_name": "Ana", "last_name": "Silva", "email": "ana@example.com"}
    await one.slack.submit(own_view, typed)
    await one.window("isn't yours")
    assert not [each for each in one.accounts["emea"].requests if each.method == "POST"]
    assert not [each for each in two.accounts["emea"].requests if each.method == "POST"]


async def test_addresses_elsewhere_are_refused_where_many_are_served(building: Building) -> None:
    """An admin of a workspace is no operator: the bot is sent to Clust's own addresses alone."""
    office = await building.office("T0ONE", is_in=False, accounts=0)
    await building.grid.install(office.slack, f"{building.base}/slack/install")
    await office.slack.command("/clust", "connect", user=ADMIN)
    await office.slack.click(await office.window("api_key", user=ADMIN), "environment", value="other")
    view = await office.window("API address", user=ADMIN)
    typed = {"name": "inside", "api_key": "x", "environment": "other", "url": "https://10.0.0.1/api"}
    await office.slack.submit(view, typed)
    assert "clustdoc.com" in view.errors["url"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api", "http://nowhere.invalid/api", "a stranger's server"])
async def test_failed_connections_are_told_apart_by_nobody(begin: Begin, url: str) -> None:
    """B11: where many workspaces are served, closed ports, unknown hosts and strangers are one sentence."""
    stranger = web.AppRunner(web.Application())
    await stranger.setup()
    site = web.TCPSite(stranger, "127.0.0.1", 0)
    await site.start()
    port = stranger.addresses[0][1]
    building = await begin(clust_api_url=url if "//" in url else f"http://127.0.0.1:{port}/api")
    office = await building.office("T0ONE", is_in=False, accounts=0)
    await building.grid.install(office.slack, f"{building.base}/slack/install")
    await office.slack.command("/clust", "connect", user=ADMIN)
    view = await office.window("api_key", user=ADMIN)
    await office.slack.submit(view, {"name": "inside", "api_key": "key-of-nobody"})
    await office.slack.wait_for(partial(_says, view, AWAY), timeout=30)
    await stranger.cleanup()


def _says(view: View, sentence: str) -> bool | None:
    return sentence in view.errors.get("api_key", "") or sentence in json.dumps(view.sent) or None


async def test_an_admin_of_one_workspace_is_none_in_another(building: Building) -> None:
    """B8: in an organisation rights are of one workspace; whose workspaces it has says `enterprise_user.teams`."""
    one = await building.office("T0ONE", org="E0ORG", is_in=False, accounts=0)
    two = await building.office("T0TWO", org="E0ORG", is_in=False, accounts=0)
    await building.grid.install(one.slack, f"{building.base}/slack/install", org_wide=True)
    nora = one.slack.workspace.add_user("nora", id="U0NORA", is_admin=True)
    two.slack.workspace.admin.is_admin = False
    assert "Always admin" in (await one.say("roles", user=ADMIN)).text
    for user, refusal in (
        (nora, "Guests and people from other"),
        (two.slack.workspace.admin, "Sorry, only admins can do this."),
    ):
        interaction = await two.slack.command("/clust", "roles", user=user)
        assert refusal in (await interaction.answer(timeout=20)).text
    assert "Always admin" in (await two.say("roles", user="olivia")).text


async def test_the_first_look_at_a_workspace_is_three_statements(begin: Begin) -> None:
    """Its installation, its roles and its account are one each, also where an organisation installed the app."""
    building: Building = await begin(poll_interval=3600)
    office = await building.office("T0ONE", org="E0ORG", is_in=False, accounts=0)
    await building.grid.install(office.slack, f"{building.base}/slack/install", org_wide=True)
    looks: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        table = (statement.partition("\nFROM ")[2].split() or [""])[0]
        is_about_one = "team_id = " in statement or "installations.id IN" in statement
        if table in {"installations", "roles", "connections", "defaults"} and is_about_one:
            looks.append(table)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        await office.say("mutes")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert sorted(looks) == ["connections", "installations", "roles"]


async def test_a_strangers_workspace_is_not_remembered(building: Building) -> None:
    """B8: that someone may do nothing is all that comes of a request: neither they nor the workspace are kept."""
    one = await building.office("T0ONE", org="E0ORG", is_in=False, accounts=0)
    two = await building.office("T0TWO", org="E0ORG", is_in=False, accounts=0)
    await building.grid.install(one.slack, f"{building.base}/slack/install", org_wide=True)
    await one.say("help")
    strangers = [one.slack.workspace.add_user("nora", id="U0NORA"), two.slack.workspace.stranger]
    for user in (*strangers, two.slack.workspace.guest):
        answer = await (await two.slack.command("/clust", "list", user=user)).answer(timeout=20)
        assert "Sorry, only" in answer.text
        await two.slack.open_home(user=user)
    await two.slack.archive("general")
    assert {row["team_id"] for row in await building.rows(sa.select(workspaces))} == {"T0ONE"}
    assert {row["team_id"] for row in await building.rows(sa.select(people))} == {"T0ONE"}
    await two.say("help")
    assert {row["team_id"] for row in await building.rows(sa.select(workspaces))} == {"T0ONE", "T0TWO"}


async def test_a_workspace_that_can_not_be_opened_stops_no_other(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A8: whatever is wrong with one, however unforeseen, the others are worked for."""
    opened = SharedServices.team

    def team(parts: SharedServices, workspace: Workspace, *given: Any) -> OpenWorkspace:
        if workspace.team_id == "T0ONE":
            raise KeyError("url")
        return opened(parts, workspace, *given)

    monkeypatch.setattr(SharedServices, "team", team)
    one = await building.office("T0ONE", is_in=False)
    await building.grid.install(one.slack, f"{building.base}/slack/install")
    two = await building.office("T0TWO", accounts=1)
    await two.say("subscribe late")
    two.accounts["emea"].make_late(1)
    await two.posted("onboarding", "emea of T0TWO")
