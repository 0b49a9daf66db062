"""OAuth v2, Slack's side: consents, codes and tokens.

From Slack's "Installing with OAuth" and `oauth.v2.access`: a code can be used once within ten minutes, for the redirect
URI that asked for it. From "Token rotation": a token lives for twelve hours, its refresh token can be used once, and
the previous token remains valid. From "Organization-ready apps": an installation can be an enterprise's, with one token
for all its workspaces.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.slack.state import IssuedTokens
from bot.sandbox.slack.web_api_call import Answer, Arguments, WebApiRefusal
from bot.sandbox.slack.workspace import APP_ID, BOT_USER_ID, SlackTeam

CODE_LIFE_SECONDS = 10 * 60
TOKEN_LIFE_SECONDS = 12 * 60 * 60
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Someone allowed the app in a workspace or in its whole enterprise. The code stands for it."""

    team: SlackTeam
    is_org_wide: bool
    user: str
    scope: str
    redirect_uri: str
    since: float

    @property
    def place(self) -> str:
        """The ID of the workspace or the enterprise."""
        return self.team.enterprise.id if self.is_org_wide and self.team.enterprise else self.team.id


@dataclass(slots=True, eq=False)
class GrantedInstallation:
    """The app in one workspace or one enterprise. `tokens` are all it ever had, with their expiry."""

    consent: Consent
    tokens: dict[str, float | None] = field(default_factory=dict)
    refresh_token: str = ""
    is_ended: bool = False

    @property
    def token(self) -> str:
        """The newest token."""
        return next(reversed(self.tokens))


class OAuth:
    """The app's registration and its installations.

    With `is_rotating`, tokens expire. `on_token` is called with each installation that gets a new token. `failures` are
    the error codes that refuse the next exchanges, and `alterations` change their answers. `revoked` and `org_wide`
    hold tokens.
    """

    def __init__(self, clock: Callable[[], float], client_id: str, client_secret: str) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.is_rotating = False
        self.failures: deque[str] = deque()
        self.alterations: deque[Callable[[Answer], Any]] = deque()
        self.revoked: set[str] = set()
        self.org_wide: set[str] = set()
        self.on_token: Callable[[GrantedInstallation], None] = lambda _installation: None
        self._clock = clock
        self._codes: dict[str, Consent] = {}
        self._installations: list[GrantedInstallation] = []

    def allow(self, query: Mapping[str, str], team: SlackTeam, user: str, *, is_org_wide: bool) -> str:
        """Return a code for the query of an `oauth/v2/authorize` address.

        Raises WebApiRefusal, which Slack's page would show.
        """
        if query.get("client_id") != self.client_id:
            raise WebApiRefusal("invalid_client_id")
        if not query.get("scope"):
            raise WebApiRefusal("no_scopes")
        code = secrets.token_urlsafe(16)
        consent = Consent(team, is_org_wide, user, query["scope"], query.get("redirect_uri", ""), self._clock())
        self._codes[code] = consent
        return code

    def access(self, arguments: Arguments, credentials: tuple[str, str] | None) -> Answer:
        """`oauth.v2.access`: return tokens for a code or a refresh token. Raises WebApiRefusal.

        `credentials` are the client ID and secret of Basic authentication. Without them, they are arguments.
        """
        if self.failures:
            raise WebApiRefusal(self.failures.popleft())
        client_id, secret = credentials or (arguments.text("client_id"), arguments.text("client_secret"))
        if client_id != self.client_id:
            raise WebApiRefusal("invalid_client_id")
        if secret != self.client_secret:
            raise WebApiRefusal("bad_client_secret")
        match arguments.text("grant_type") or "authorization_code":
            case "authorization_code":
                installation = self._installed(self._redeemed(arguments))
                return {**self._token_answer(installation), "authed_user": {"id": installation.consent.user}}
            case "refresh_token":
                return self._token_answer(self._refreshed(arguments.text("refresh_token")))
            case _:
                raise WebApiRefusal("invalid_grant_type")

    def of_token(self, token: str) -> GrantedInstallation:
        """Return the installation that a token belongs to, even if the token has expired. Raises WebApiRefusal."""
        if not token:
            raise WebApiRefusal("not_authed")
        installation = next((it for it in self._installations if token in it.tokens), None)
        if installation is None:
            raise WebApiRefusal("invalid_auth")
        return installation

    def admit(self, token: str) -> None:
        """Raise WebApiRefusal for a token that is unknown, revoked or expired."""
        installation = self.of_token(token)
        if installation.is_ended:
            raise WebApiRefusal("account_inactive")
        if token in self.revoked:
            raise WebApiRefusal("token_revoked")
        expires_at = installation.tokens[token]
        if expires_at is not None and self._clock() >= expires_at:
            raise WebApiRefusal("token_expired")

    def live(self, place: str) -> GrantedInstallation | None:
        """Return the present installation in a workspace or an enterprise, None if there is none."""
        live = (it for it in self._installations if it.consent.place == place and not it.is_ended)
        return next((it for it in live if it.token not in self.revoked), None)

    def _redeemed(self, arguments: Arguments) -> Consent:
        """Redeem a code, once, and return its consent."""
        consent = self._codes.pop(arguments.text("code"), None)
        if consent is None or self._clock() - consent.since > CODE_LIFE_SECONDS:
            raise WebApiRefusal("invalid_code")
        if arguments.text("redirect_uri") != consent.redirect_uri:
            raise WebApiRefusal("bad_redirect_uri")
        enterprise = consent.team.enterprise
        if enterprise and not consent.is_org_wide and self.live(enterprise.id):
            raise WebApiRefusal("cannot_install_an_org_installed_app")
        return consent

    def _installed(self, consent: Consent) -> GrantedInstallation:
        """Install the app, or install it again, which returns the same token unless tokens expire."""
        installation = self.live(consent.place)
        if installation is None:
            installation = GrantedInstallation(consent)
            self._installations.append(installation)
        installation.consent = consent
        if self.is_rotating or not installation.tokens:
            self._give_token(installation)
        self.on_token(installation)
        return installation

    def _refreshed(self, refresh_token: str) -> GrantedInstallation:
        alive = (it for it in self._installations if not it.is_ended)
        installation = next((it for it in alive if refresh_token and it.refresh_token == refresh_token), None)
        if installation is None:
            raise WebApiRefusal("invalid_refresh_token")
        self._give_token(installation)
        self.on_token(installation)
        return installation

    def _give_token(self, installation: GrantedInstallation) -> None:
        token, expires_at = f"xoxb-{secrets.token_urlsafe(16)}", None
        if self.is_rotating:
            token, expires_at = f"xoxe.{token}", self._clock() + TOKEN_LIFE_SECONDS
            installation.refresh_token = f"xoxe-1-{secrets.token_urlsafe(16)}"
        installation.tokens[token] = expires_at
        if installation.consent.is_org_wide:
            self.org_wide.add(token)

    def _token_answer(self, installation: GrantedInstallation) -> Answer:
        consent, team = installation.consent, installation.consent.team
        answer: Answer = {
            "access_token": installation.token,
            "token_type": "bot",
            "scope": consent.scope,
            "bot_user_id": BOT_USER_ID,
            "app_id": APP_ID,
            "team": None if consent.is_org_wide else {"id": team.id, "name": team.name},
            "enterprise": {"id": team.enterprise.id, "name": team.enterprise.name} if team.enterprise else None,
            "is_enterprise_install": consent.is_org_wide,
        }
        if installation.tokens[installation.token] is not None:
            answer |= {"expires_in": TOKEN_LIFE_SECONDS, "refresh_token": installation.refresh_token}
        return answer


class GrantedTokens(IssuedTokens):
    """The tokens that OAuth gave for one of several workspaces. `bot` is the newest, empty if there is none."""

    def __init__(self, oauth: OAuth) -> None:
        super().__init__(bot="", app="", revoked=oauth.revoked, org_wide=oauth.org_wide)
        self._oauth = oauth

    def admit(self, token: str, kind: Literal["bot", "app"]) -> None:
        """Raise WebApiRefusal for a call without a valid token.

        There is no Socket Mode here, so there are no app-level tokens.
        """
        self._oauth.admit(token)
        if kind != "bot":
            raise WebApiRefusal("not_allowed_token_type")
