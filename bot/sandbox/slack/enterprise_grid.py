"""`SandboxGrid`: several workspaces behind one server and one Web API, and the app's installation into each.

Users and channels have the same IDs in all of them on purpose, so that code that confuses two workspaces fails. Only
the channels of one enterprise differ, since one token serves all its workspaces.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.slack.browser import Browser, Tampering, Visit
from bot.sandbox.slack.interaction import Interaction
from bot.sandbox.slack.rate_limits import TooFast
from bot.sandbox.slack.server import Listener, read_call
from bot.sandbox.slack.stand_in import SandboxSlack
from bot.sandbox.slack.state import SlackState
from bot.sandbox.slack.user_actions import Who
from bot.sandbox.slack.web_api import methods
from bot.sandbox.slack.web_api.oauth import GrantedInstallation, GrantedTokens, OAuth
from bot.sandbox.slack.web_api_call import Arguments, WebApiCall, WebApiRefusal
from bot.sandbox.slack.workspace import BOT_USER_ID, Enterprise, SlackTeam, SlackWorkspace

CHANNELS_APART = 1000
"""Numbers between the channels of two workspaces of one enterprise."""

AS_IT_IS = Tampering()


class SandboxGrid:
    """Workspaces by team id, and the app's registration with Slack.

    `clock` returns Unix seconds, for all workspaces, codes and tokens. Set `events_url` to the bot's address.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        client_id: str = "1.2",
        client_secret: str = "sandbox-client-secret",
        signing_secret: str = "sandbox-signing-secret",
        seed: int = 1,
    ) -> None:
        self.client_id, self.client_secret, self.signing_secret = client_id, client_secret, signing_secret
        self.oauth = OAuth(clock, client_id, client_secret)
        self.oauth.on_token = self._token_given
        self.workspaces: dict[str, SandboxSlack] = {}
        self.calls: deque[WebApiCall] = deque(maxlen=1000)
        self.browser = Browser()
        self._clock, self._seed = clock, seed
        self._events_url: str | None = None
        self._base_url = ""
        self._numbers = count(1)
        self._listener = Listener(
            [
                web.route("*", "/api/{method}", self._serve_api),
                web.route("*", "/{team}/api/{method}", self._serve_api),
                web.post("/{team}/response/{name}", self._serve_response_url),
                web.post("/{team}/upload/{file}", self._serve_upload),
            ]
        )

    # The server

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Port 0 picks a free port. Raises ValueError for a host off loopback."""
        self._base_url = await self._listener.start(host, port)
        await self.browser.start()

    async def stop(self) -> None:
        """Close all connections and finish requests in progress."""
        for slack in self.workspaces.values():
            await slack.stop()
        await self.browser.stop()
        await self._listener.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        """Where the bot's client finds the Web API (`SLACK_API_URL`)."""
        return f"{self._base_url}api/"

    @property
    def authorize_url(self) -> str:
        """The address of Slack's consent page. It isn't served, because `install` answers for the user."""
        return f"{self._base_url}oauth/v2/authorize"

    @property
    def events_url(self) -> str | None:
        """Where the bot listens for signed requests of every workspace, or None."""
        return self._events_url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._events_url = url
        for slack in self.workspaces.values():
            slack.events_url = url

    # The workspaces

    async def add(self, team_id: str, name: str, *, enterprise_id: str | None = None) -> SandboxSlack:
        """Add a workspace. It has the app only if its enterprise has it. The grid must be running."""
        enterprise = Enterprise(enterprise_id, f"Org {enterprise_id}") if enterprise_id else None
        team = SlackTeam(team_id, name, name.lower().replace(" ", "-"), enterprise)
        mates = self._of_enterprise(enterprise)
        workspace = SlackWorkspace(team, channels_from=len(mates) * CHANNELS_APART)
        workspace.mates = [*(mate.workspace for mate in mates), workspace]
        for mate in mates:
            mate.workspace.mates = workspace.mates
        tokens = GrantedTokens(self.oauth)
        state = SlackState(
            clock=self._clock, tokens=tokens, seed=self._seed, workspace=workspace, numbers=self._numbers
        )
        state.base_url = f"{self._base_url}{team_id}/"
        slack = SandboxSlack(signing_secret=self.signing_secret, state=state)
        slack.is_installed = False
        slack.events_url = self._events_url
        await slack.bot.start()
        self.workspaces[team_id] = slack
        if mates:
            state.files = mates[0].state.files
        if enterprise and (installation := self.oauth.live(enterprise.id)):
            self._token_given(installation)
        return slack

    async def install(
        self,
        workspace: SandboxSlack,
        install_url: str,
        *,
        user: Who | None = None,
        org_wide: bool = False,
        tampering: Tampering = AS_IT_IS,
    ) -> Visit:
        """Install the app as a user does (the owner, or `user`), starting at the bot's `/slack/install`.

        Raises Impossible if that page does not lead to Slack, and WebApiRefusal if Slack's page shows an error.
        """
        team = workspace.state.team
        who = workspace.workspace.user(user or workspace.workspace.owner)
        if org_wide and team.enterprise is None:
            raise ValueError(f"{team.id} belongs to no enterprise")

        def allow(query: Mapping[str, str]) -> str:
            return self.oauth.allow(query, team, who.id, is_org_wide=org_wide)

        return await self.browser.add_app(install_url, allow, tampering)

    async def uninstall(self, workspace: SandboxSlack) -> tuple[Interaction, Interaction]:
        """Uninstall the app from a workspace, or from its enterprise. Returns the interactions of the two events.

        Raises WebApiRefusal if it was never installed.
        """
        installation = self.oauth.of_token(workspace.bot_token)
        installation.is_ended = True
        for slack in self._served_by(installation):
            slack.is_installed = False
        tokens = {"oauth": [], "bot": [BOT_USER_ID]}
        return await workspace.event("tokens_revoked", tokens=tokens), await workspace.event("app_uninstalled")

    def _token_given(self, installation: GrantedInstallation) -> None:
        for slack in self._served_by(installation):
            slack.state.tokens.bot = installation.token
            slack.state.views.installed_on = installation.consent.place
            slack.is_installed = True

    def _served_by(self, installation: GrantedInstallation) -> list[SandboxSlack]:
        consent = installation.consent
        return self._of_enterprise(consent.team.enterprise) if consent.is_org_wide else [self.workspaces[consent.place]]

    def _of_enterprise(self, enterprise: Enterprise | None) -> list[SandboxSlack]:
        return [slack for slack in self.workspaces.values() if enterprise and slack.state.team.enterprise == enterprise]

    # What is served

    async def _serve_api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        token, sent = await read_call(request)
        try:
            if method == "oauth.v2.access":
                answer = {"ok": True, **self.oauth.access(Arguments(sent), _basic(request))}
            else:
                slack, *others = self._meant(method, token, sent)
                for other in others:
                    with contextlib.suppress(TooFast):
                        methods.answer(other.state, method, token, {**sent, "hash": None})
                return await slack.server.answer(request, token, sent)
        except WebApiRefusal as refusal:
            answer = refusal.to_dict()
        self.calls.append(WebApiCall(method, sent, 200, answer, self._clock()))
        alterations = self.oauth.alterations
        return web.json_response(alterations.popleft()(answer) if alterations else answer)

    async def _serve_response_url(self, request: web.Request) -> web.Response:
        return await self._named(request).server.serve_response_url(request)

    async def _serve_upload(self, request: web.Request) -> web.Response:
        return await self._named(request).server.serve_upload(request)

    def _named(self, request: web.Request) -> SandboxSlack:
        slack = self.workspaces.get(request.match_info["team"])
        if slack is None:
            raise web.HTTPNotFound
        return slack

    def _meant(self, method: str, token: str, sent: Mapping[str, Any]) -> list[SandboxSlack]:
        """Return the workspaces that a call is about. Raises WebApiRefusal.

        The token decides. With the token of an enterprise, the arguments do. A Home tab is the same in every workspace
        of an enterprise, and `users.info` answers for the first workspace that the person is in.
        """
        slacks = self._served_by(self.oauth.of_token(token))
        if not self.oauth.org_wide & {token}:
            return slacks
        if method == "views.publish":
            return slacks
        if method == "users.info":
            return [slack for slack in slacks if sent.get("user") in slack.workspace.users][:1] or slacks[:1]
        named = [slack for slack in slacks if _has(slack, sent)]
        of_team = [slack for slack in slacks if slack.state.team.id == sent.get("team_id")]
        row = methods.METHODS.get(method)
        if row and row.by_team and sent.get("team_id") and not of_team:
            raise WebApiRefusal("team_access_not_granted")
        return (named or of_team or slacks)[:1]


def _has(slack: SandboxSlack, sent: Mapping[str, Any]) -> bool:
    """Return whether a workspace has the channel, the trigger or the view that a call names."""
    channel = sent.get("channel") or sent.get("channel_id")
    trigger = str(sent.get("trigger_id", "")).split(".")
    view = sent.get("view_id") or sent.get("external_id")
    return (
        channel in slack.workspace.channels
        or slack.state.team.id in trigger
        or bool(view and slack.views.find(str(view)))
    )


def _basic(request: web.Request) -> tuple[str, str] | None:
    """Return the client ID and secret of Basic authentication, None if the request has none."""
    kind, _, coded = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(coded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret
