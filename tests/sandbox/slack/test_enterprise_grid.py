"""Several workspaces behind one Web API: a real Bolt app with OAuth is installed, used, rotated and thrown out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.block_kit.elements import Impossible
from bot.sandbox.slack.browser import Tampering
from bot.sandbox.slack.enterprise_grid import SandboxGrid
from bot.sandbox.slack.messages import Change
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.web_api.oauth import CODE_LIFE_SECONDS, TOKEN_LIFE_SECONDS
from bot.sandbox.slack.web_api_call import WebApiRefusal

TEXT = {"type": "plain_text", "text": "One"}
BUTTON = {"type": "button", "text": TEXT, "action_id": "open", "value": "1"}
CARD = [{"type": "actions", "elements": [BUTTON]}]
SELECT = {"type": "external_select", "action_id": "who", "min_query_length": 1}
FIELD = {"type": "input", "block_id": "who", "label": TEXT, "optional": True, "element": SELECT}
MODAL = {"type": "modal", "callback_id": "form", "title": TEXT, "submit": TEXT, "blocks": [FIELD]}


class Clock:
    """Seconds that a test moves."""

    now = 1_767_326_125.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def seconds() -> Clock:
    """Let the test move the time."""
    return Clock()


@pytest.fixture
async def grid(seconds: Clock) -> AsyncIterator[SandboxGrid]:
    """Serve no workspace yet."""
    async with SandboxGrid(clock=seconds) as grid:
        yield grid


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session."""
    async with aiohttp.ClientSession() as session:
        yield session


class Bot:
    """A Bolt app with OAuth, as small as can be. `seen` is where each payload was from, as Bolt reads it."""

    def __init__(self, grid: SandboxGrid, session: aiohttp.ClientSession, folder: Path) -> None:
        self.seen: list[tuple[str, str | None, str | None, bool | None]] = []
        self.installations = FileInstallationStore(base_dir=str(folder))
        self.client = AsyncWebClient(base_url=grid.api_url, session=session, retry_handlers=[])
        oauth = AsyncOAuthSettings(
            client_id=grid.client_id,
            client_secret=grid.client_secret,
            scopes=["commands", "chat:write"],
            authorization_url=grid.authorize_url,
            installation_store=self.installations,
            state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(folder)),
        )
        self.app = AsyncApp(client=self.client, signing_secret=grid.signing_secret, oauth_settings=oauth)
        self.app.enable_token_revocation_listeners()
        self.app.use(self._note)
        self.app.command("/clust")(self._command)
        self.app.action("open")(self._open)
        self.app.options("who")(self._options)
        self.app.view("form")(self._submitted)
        self.app.event("member_joined_channel")(self._joined)
        self.url = ""

    async def _note(self, context: Any, body: dict[str, Any], next: Any) -> None:  # noqa: A002  Bolt's name for it
        kind = body.get("event", body).get("type") or "command"
        self.seen.append((kind, context.team_id, context.enterprise_id, context.is_enterprise_install))
        await next()

    async def _command(self, ack: Any, respond: Any, command: dict[str, Any]) -> None:
        await ack()
        await respond(text=f"hello {command['team_domain']}", blocks=CARD)

    async def _open(self, ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    async def _options(self, ack: Any) -> None:
        await ack(options=[{"text": TEXT, "value": "1"}])

    async def _submitted(self, ack: Any) -> None:
        await ack()

    async def _joined(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], text="Hello")

    async def serve(self, request: web.Request) -> web.Response:
        """Take what Slack and browsers send."""
        headers: dict[str, str | Sequence[str]] = {**request.headers}
        bolt_request = AsyncBoltRequest(body=await request.text(), query=request.query_string, headers=headers)
        flow = self.app.oauth_flow
        assert flow
        if request.path == flow.install_path:
            answer = await flow.handle_installation(bolt_request)
        elif request.path == flow.redirect_uri_path:
            answer = await flow.handle_callback(bolt_request)
        else:
            answer = await self.app.async_dispatch(bolt_request)
        return web.Response(status=answer.status, body=answer.body, headers=answer.first_headers())


@pytest.fixture
async def bot(grid: SandboxGrid, http: aiohttp.ClientSession, tmp_path: Path) -> AsyncIterator[Bot]:
    """Run the small bot where browsers and the grid reach it."""
    bot = Bot(grid, http, tmp_path)
    server = web.Application()
    server.router.add_route("*", "/{path:.*}", bot.serve)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/install"
    grid.events_url = bot.url.replace("install", "events")
    yield bot
    await runner.cleanup()


async def refused(call: Any) -> str:
    """Return the code that a call is refused with."""
    with pytest.raises(SlackApiError) as refusal:
        await call
    return str(refusal.value.response["error"])


async def converse(slack: SandboxSlack) -> None:
    """Type a command, click, search, submit and invite, in one workspace."""
    answer = await (await slack.command("/clust")).answer()
    await slack.click(answer, "open")
    view = slack.views.of(slack.workspace.member.id)
    assert view
    assert len(await slack.options(view, "who", "o")) == 1
    assert (await slack.submit(view)).is_acknowledged
    await slack.invite_bot("general")
    await slack.wait_for(lambda: slack.messages("general"))


async def test_two_workspaces(grid: SandboxGrid, bot: Bot) -> None:
    """Everything of a workspace names that workspace, and what is answered stays in it, though all other ids agree."""
    one, two = await grid.add("T1", "One"), await grid.add("T2", "Two")
    assert one.workspace.onboarding.id == two.workspace.onboarding.id
    assert one.workspace.member.id == two.workspace.member.id
    for slack in (one, two):
        assert (await grid.install(slack, bot.url)).status == 200
    assert one.bot_token != two.bot_token
    await converse(two)
    assert {tuple(place) for _, *place in bot.seen} == {("T2", None, False)}
    assert (len(bot.seen), one.messages("general"), one.ephemeral()) == (5, [], [])
    await converse(one)
    assert {tuple(place) for _, *place in bot.seen[5:]} == {("T1", None, False)}
    assert (len(bot.seen), len(two.messages("general")), len(two.ephemeral())) == (10, 1, 1)


async def test_payloads_of_an_enterprises_workspace(grid: SandboxGrid, bot: Bot) -> None:
    """A workspace of an enterprise that has an installation of its own names both, and is no org-wide install."""
    one = await grid.add("T1", "One", enterprise_id="E1")
    await grid.install(one, bot.url)
    await converse(one)
    assert [kind for kind, *_ in bot.seen] == [
        "command",
        "block_actions",
        "block_suggestion",
        "view_submission",
        "member_joined_channel",
    ]
    assert {tuple(place) for _, *place in bot.seen} == {("T1", "E1", False)}


@pytest.mark.parametrize(
    ("tampering", "status", "reason"),
    [
        (Tampering(state="forged"), 400, "invalid_browser"),
        (Tampering(state=""), 400, "invalid_browser"),
        (Tampering(without_cookie=True), 400, "invalid_browser"),
        (Tampering(code="forged"), 401, "invalid_code"),
        (Tampering(denied=True), 200, "access_denied"),
    ],
)
async def test_tampered_installs(grid: SandboxGrid, bot: Bot, tampering: Tampering, status: int, reason: str) -> None:
    """A browser that brings something else than the bot and Slack gave it leaves the workspace without the app."""
    one = await grid.add("T1", "One")
    visit = await grid.install(one, bot.url, tampering=tampering)
    assert (visit.status, reason in visit.text, one.is_installed, one.bot_token) == (status, True, False, "")


async def test_replayed_installs(grid: SandboxGrid, bot: Bot) -> None:
    """The way back to the bot is good once, and so is the code, whichever browser brings it."""
    one = await grid.add("T1", "One")
    visit = await grid.install(one, bot.url, user="adrien")
    assert "invalid_state" in (await grid.browser.get(visit.callback, visit.cookie)).text
    again = await grid.install(one, bot.url, tampering=Tampering(code=visit.code))
    assert "invalid_code" in again.text
    assert [call.answer.get("error") for call in grid.calls] == [None, "invalid_code"]
    assert grid.calls[0].answer["authed_user"] == {"id": one.workspace.admin.id}


def asking(grid: SandboxGrid, **changes: str) -> dict[str, str]:
    """Return what an address of Slack's question holds."""
    return {"client_id": grid.client_id, "scope": "commands", **changes}


async def test_what_slack_is_asked(grid: SandboxGrid) -> None:
    """Slack's page shows an error where the app is unknown or wants nothing."""
    team = (await grid.add("T1", "One")).state.team
    for query, code in ((asking(grid, client_id="9.9"), "invalid_client_id"), (asking(grid, scope=""), "no_scopes")):
        with pytest.raises(WebApiRefusal, match=code):
            grid.oauth.allow(query, team, "U1", is_org_wide=False)


async def test_pages_that_do_not_lead_to_slack(grid: SandboxGrid, bot: Bot) -> None:
    """A page of the bot without a way to Slack can't be clicked through. A whole enterprise needs to be one."""
    one = await grid.add("T1", "One")
    with pytest.raises(Impossible):
        await grid.install(one, bot.url.replace("install", "nothing"))
    with pytest.raises(ValueError, match="no enterprise"):
        await grid.install(one, bot.url, org_wide=True)


async def test_codes(grid: SandboxGrid, bot: Bot, seconds: Clock) -> None:
    """A code is exchanged by this app, once, in time, for the address that it was asked for."""
    team = (await grid.add("T1", "One")).state.team
    allow = grid.oauth.allow
    right = {"client_id": grid.client_id, "client_secret": grid.client_secret}
    exchange = bot.client.oauth_v2_access
    code = allow(asking(grid), team, "U1", is_org_wide=False)
    assert await refused(exchange(**{**right, "client_id": "9.9"}, code=code)) == "invalid_client_id"
    assert await refused(exchange(**{**right, "client_secret": "9"}, code=code)) == "bad_client_secret"
    assert await refused(exchange(**right, code=code, grant_type="password")) == "invalid_grant_type"
    assert await refused(exchange(**right)) == "invalid_code"
    grid.oauth.failures.append("internal_error")
    assert await refused(exchange(**right, code=code)) == "internal_error"
    assert (await exchange(**right, code=code))["ok"]
    assert await refused(exchange(**right, code=code)) == "invalid_code"
    code = allow(asking(grid, redirect_uri="https://bot.example/back"), team, "U1", is_org_wide=False)
    assert await refused(exchange(**right, code=code)) == "bad_redirect_uri"
    code = allow(asking(grid, redirect_uri="https://bot.example/back"), team, "U1", is_org_wide=False)
    assert (await exchange(**right, code=code, redirect_uri="https://bot.example/back"))["ok"]
    code = allow(asking(grid), team, "U1", is_org_wide=False)
    seconds.now += CODE_LIFE_SECONDS + 1
    assert await refused(exchange(**right, code=code)) == "invalid_code"


async def test_client_secret_in_a_form(grid: SandboxGrid, http: aiohttp.ClientSession) -> None:
    """The client ID and secret can be arguments too. The answer has the fields that Slack documents."""
    team = (await grid.add("T1", "One")).state.team
    code = grid.oauth.allow(asking(grid, scope="commands,chat:write"), team, "U1", is_org_wide=False)
    form = {"client_id": grid.client_id, "client_secret": grid.client_secret, "code": code}
    async with http.post(f"{grid.api_url}oauth.v2.access", data=form) as response:
        answer = await response.json()
    assert answer.pop("access_token").startswith("xoxb-")
    assert answer == {
        "ok": True,
        "token_type": "bot",
        "scope": "commands,chat:write",
        "bot_user_id": "U0CLUST",
        "app_id": "A0CLUST",
        "team": {"id": "T1", "name": "One"},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U1"},
    }


async def test_rotation(grid: SandboxGrid, bot: Bot, seconds: Clock) -> None:
    """A token that rotates expires. A refresh token gives new ones once, and none when the app is out."""
    one = await grid.add("T1", "One")
    grid.oauth.is_rotating = True
    await grid.install(one, bot.url)
    answer = grid.calls[-1].answer
    assert (answer["expires_in"], answer["access_token"][:10]) == (TOKEN_LIFE_SECONDS, "xoxe.xoxb-")
    seconds.now += TOKEN_LIFE_SECONDS - 1
    assert (await bot.client.auth_test(token=one.bot_token))["team_id"] == "T1"
    seconds.now += 1
    assert await refused(bot.client.auth_test(token=one.bot_token)) == "token_expired"
    app = {"client_id": grid.client_id, "client_secret": grid.client_secret, "grant_type": "refresh_token"}
    new = await bot.client.oauth_v2_access(**app, refresh_token=answer["refresh_token"])
    assert (await bot.client.auth_test(token=new["access_token"]))["ok"]
    assert one.bot_token == new["access_token"] != answer["access_token"]
    old = bot.client.oauth_v2_access(**app, refresh_token=answer["refresh_token"])
    assert await refused(old) == "invalid_refresh_token"
    assert await refused(bot.client.oauth_v2_access(**app)) == "invalid_refresh_token"
    await grid.uninstall(one)
    last = bot.client.oauth_v2_access(**app, refresh_token=new["refresh_token"])
    assert await refused(last) == "invalid_refresh_token"


async def test_uninstall_and_reinstall(grid: SandboxGrid, bot: Bot) -> None:
    """A workspace that removed the app refuses its token and sends the event.

    The other continues. A new token works.
    """
    one, two = await grid.add("T1", "One"), await grid.add("T2", "Two")
    for slack in (one, two):
        await grid.install(slack, bot.url)
    await grid.install(one, bot.url)
    old = one.bot_token
    assert grid.calls[0].answer["access_token"] == old
    events = await grid.uninstall(one)
    assert [interaction.payload["event"]["type"] for interaction in events] == ["tokens_revoked", "app_uninstalled"]
    assert [interaction.payload["team_id"] for interaction in events] == ["T1", "T1"]
    assert all(interaction.is_acknowledged and "authorizations" not in interaction.payload for interaction in events)
    assert await refused(bot.client.auth_test(token=old)) == "account_inactive"
    assert (await bot.client.auth_test(token=two.bot_token))["team_id"] == "T2"
    sent: list[Change] = []
    one.on_change.append(sent.append)
    await one.archive("compliance")
    assert [change.kind for change in sent] == ["workspace"]
    await grid.install(one, bot.url)
    await one.unarchive("compliance")
    assert [change.kind for change in sent][-1] == "acknowledged"
    assert one.bot_token != old
    await converse(one)
    assert await refused(bot.client.auth_test(token=old)) == "account_inactive"


async def test_tokens(grid: SandboxGrid, bot: Bot) -> None:
    """A token is valid for one workspace. One that the bot revoked is refused, and the event is sent."""
    one = await grid.add("T1", "One")
    with pytest.raises(WebApiRefusal, match="not_authed"):
        await grid.uninstall(one)
    await grid.install(one, bot.url)
    assert await refused(bot.client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await refused(bot.client.auth_test()) == "not_authed"
    opened = bot.client.apps_connections_open(app_token=one.bot_token)
    assert await refused(opened) == "not_allowed_token_type"
    assert not (await bot.client.auth_revoke(token=one.bot_token, test=True))["revoked"]
    assert (await bot.client.auth_revoke(token=one.bot_token))["revoked"]
    await one.events_sent()
    assert [kind for kind, *_ in bot.seen] == ["tokens_revoked", "app_uninstalled"]
    assert await refused(bot.client.auth_test(token=one.bot_token)) == "token_revoked"
    await grid.install(one, bot.url)
    assert (await bot.client.auth_test(token=one.bot_token))["ok"]


async def test_org_wide(grid: SandboxGrid, bot: Bot) -> None:
    """An enterprise's installation is one token for its workspaces, later ones too, and none for others."""
    one = await grid.add("T1", "One", enterprise_id="E1")
    two = await grid.add("T2", "Two", enterprise_id="E1")
    other = await grid.add("T3", "Three", enterprise_id="E2")
    assert one.workspace.member.id == two.workspace.member.id
    assert not set(one.workspace.channels) & set(two.workspace.channels)
    assert (await grid.install(one, bot.url, org_wide=True)).status == 200
    answer = grid.calls[-1].answer
    assert (answer["team"], answer["enterprise"]["id"], answer["is_enterprise_install"]) == (None, "E1", True)
    late = await grid.add("T4", "Four", enterprise_id="E1")
    assert {one.bot_token, two.bot_token, late.bot_token} == {answer["access_token"]}
    assert (other.bot_token, other.is_installed) == ("", False)
    await converse(two)
    assert not one.messages("general")
    # Bolt reads the workspace where the app is installed: with an organization's installation there is none.
    assert {(kind, team, org, wide) for kind, team, org, wide in bot.seen} == {
        ("command", "T2", "E1", True),
        ("block_actions", "T2", "E1", True),
        ("block_suggestion", "E1", "E1", True),
        ("view_submission", "E1", "E1", True),
        ("member_joined_channel", None, "E1", True),
    }
    who = await bot.client.auth_test(token=one.bot_token)
    assert (who["team_id"], who["enterprise_id"], who["is_enterprise_install"]) == ("E1", "E1", True)
    assert "cannot_install" in str((await grid.install(two, bot.url)).text + str(grid.calls[-1].answer))


async def test_calls_with_an_enterprises_token(grid: SandboxGrid, bot: Bot) -> None:
    """A call that lists needs the workspace. One that names a channel finds it. A home tab is the same in all."""
    one = await grid.add("T1", "One", enterprise_id="E1")
    two = await grid.add("T2", "Two", enterprise_id="E1")
    await grid.add("T3", "Three")
    await grid.install(two, bot.url, org_wide=True)
    client = AsyncWebClient(one.bot_token, base_url=grid.api_url, session=bot.client.session, retry_handlers=[])
    for call in (client.users_conversations, client.usergroups_list):
        assert await refused(call()) == "missing_argument"
        assert await refused(call(team_id="T3")) == "team_access_not_granted"
        assert (await call(team_id="T2"))["ok"]
    listed = await client.users_conversations(team_id="T2")
    assert [channel["id"] for channel in listed["channels"]] == [two.workspace.onboarding.id]
    await client.chat_postMessage(channel=two.workspace.onboarding.id, text="Hi", team_id="T1")
    assert ([message.text for message in two.messages("onboarding")], one.messages("onboarding")) == (["Hi"], [])
    home = {"type": "home", "blocks": CARD}
    await client.views_publish(user_id=one.workspace.member.id, view=home)
    assert [len(slack.views.homes) for slack in (one, two)] == [1, 1]
    user = (await client.users_info(user=one.workspace.member.id))["user"]
    assert user["enterprise_user"]["enterprise_id"] == "E1"
    ended = await grid.uninstall(one)
    assert all(
        "team_id" not in interaction.payload and interaction.payload["enterprise_id"] == "E1" for interaction in ended
    )
    assert (two.is_installed, await refused(client.auth_test())) == (False, "account_inactive")


async def test_files(grid: SandboxGrid, bot: Bot, http: aiohttp.ClientSession) -> None:
    """A file's bytes go where its workspace said, and nowhere else."""
    one = await grid.add("T1", "One")
    await grid.install(one, bot.url)
    client = AsyncWebClient(one.bot_token, base_url=one.api_url, session=http, retry_handlers=[])
    onboarding = one.workspace.onboarding.id
    await client.files_upload_v2(content="all of it", filename="answer.txt", channel=onboarding)
    assert [len(message.files) for message in one.messages("onboarding")] == [1]
    async with http.post(f"{one.state.base_url.replace('T1', 'T9')}upload/F1", data=urlencode({"a": "b"})) as response:
        assert response.status == 404
