"""Several workspaces behind one Web API: a real Bolt app with OAuth is installed, used, rotated and thrown out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

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

from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack_grid import SandboxGrid

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
        """Tell the time."""
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
    """A Bolt app with OAuth, as small as can be; `seen` is where each payload was from, as Bolt reads it."""

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
        asked = AsyncBoltRequest(body=await request.text(), query=request.query_string, headers=headers)
        flow = self.app.oauth_flow
        assert flow
        if request.path == flow.install_path:
            answer = await flow.handle_installation(asked)
        elif request.path == flow.redirect_uri_path:
            answer = await flow.handle_callback(asked)
        else:
            answer = await self.app.async_dispatch(asked)
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
    await converse(one)
    assert {tuple(place) for _, *place in bot.seen} == {("T1", None, False)}
    assert (len(bot.seen), two.messages("general"), two.ephemeral()) == (5, [], [])
