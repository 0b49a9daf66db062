"""Install the app by OAuth (Slack: Installing with OAuth): Bolt's flow over our own encrypted storage.

`/slack/install` redirects a browser to Slack with a state that is used once and bound to the browser by a cookie. Slack
redirects it back to `/slack/oauth_redirect`, where the code is exchanged for a bot token. Tokens that expire are
renewed in time (Slack: Token rotation).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from logging import Logger

import structlog
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth import installation_store as sdk
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import DeliveryError
from bot.slack.web_api.features import OptionalFeature, scopes_for
from bot.slack.web_api.responses import Granted, Identity, Renewed, ask
from bot.store.people.installations import Installation, Installations, Tokens

log = structlog.get_logger(__name__)

INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"

STATE_LIVES = timedelta(minutes=10)

URL = "url"
"""The workspace's address, among an installation's custom values: Bolt has no field for it."""

RENEW_BEFORE = timedelta(hours=2)
"""A token that expires sooner than this is renewed (Slack: they are valid for twelve hours)."""

Clock = Callable[[], datetime]


def install_flow(
    client_id: str,
    client_secret: str,
    public_url: str | None,
    authorize_url: str | None,
    client: AsyncWebClient,
    installations: Installations,
    clock: Clock,
    features: Collection[OptionalFeature],
) -> AsyncOAuthFlow:
    """Return the OAuth flow. `client` makes its calls without a token. `public_url` is the address of the bot.

    `authorize_url` is the page where people allow the app, None for Slack's own. `features` are those that the app was
    made with: Slack refuses to install it with scopes that its manifest doesn't have.
    """
    # Its own logger writes down codes that failed.
    quiet = logging.getLogger("slack_bolt.oauth.quiet")
    quiet.setLevel(logging.CRITICAL)
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=sorted(scopes_for(features)),
        redirect_uri=f"{public_url}{REDIRECT_PATH}" if public_url else None,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=authorize_url,
        install_page_rendering_enabled=False,
        installation_store=_Kept(installations, clock),
        state_store=_OAuthStates(installations, clock),
        state_expiration_seconds=int(STATE_LIVES.total_seconds()),
        logger=quiet,
    )
    return _Flow(client=client, logger=quiet, settings=settings)


async def renewed(client: AsyncWebClient, client_id: str, client_secret: str, refresh: str, now: datetime) -> Tokens:
    """Exchange a refresh token for a new pair of tokens (oauth.v2.access). Raises a DeliveryError."""
    exchange = client.oauth_v2_access(
        client_id=client_id, client_secret=client_secret, grant_type="refresh_token", refresh_token=refresh
    )
    pair = await ask(exchange, Renewed)
    return Tokens(pair.access_token, pair.refresh_token, now + timedelta(seconds=pair.expires_in))


class _Flow(AsyncOAuthFlow):
    """Bolt's flow, with Slack's responses parsed as everywhere else: an incomplete one is not stored."""

    async def run_installation(self, code: str) -> sdk.Installation | None:
        """Exchange a code for a token, and ask whose it is. Returns None if that fails, which the page then says."""
        settings = self.settings
        exchange = self.client.oauth_v2_access(
            code=code,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            redirect_uri=settings.redirect_uri,
        )
        try:
            granted = await ask(exchange, Granted)
            who = await ask(self.client.auth_test(token=granted.access_token), Identity)
            place = granted.place
        except DeliveryError as error:
            log.warning("an installation could not be finished", why=error.sentence)
            return None
        is_org = granted.is_enterprise_install
        return sdk.Installation(
            enterprise_id=granted.enterprise.id if granted.enterprise else None,
            enterprise_name=place.name if is_org else None,
            enterprise_url=who.url if is_org else None,
            team_id=None if is_org else place.id,
            team_name=None if is_org else place.name,
            bot_token=granted.access_token,
            bot_id=who.bot_id,
            bot_user_id=granted.bot_user_id,
            bot_scopes=granted.scope,
            bot_refresh_token=granted.refresh_token,
            bot_token_expires_in=granted.expires_in,
            user_id=granted.authed_user.id,
            is_enterprise_install=is_org,
            custom_values={URL: who.url},
        )


class _Kept(AsyncInstallationStore):
    """Stores the installations of Bolt's flow."""

    def __init__(self, installations: Installations, clock: Clock) -> None:
        self._installations, self._clock = installations, clock

    @property
    def logger(self) -> Logger:
        """The logger that Bolt asks for."""
        return logging.getLogger(__name__)

    async def async_save(self, installation: sdk.Installation) -> None:
        """Store an installation."""
        is_org = bool(installation.is_enterprise_install)
        ends = installation.bot_token_expires_at
        scopes = installation.bot_scopes or ()
        await self._installations.save(
            Installation(
                id=str(installation.enterprise_id if is_org else installation.team_id),
                is_org=is_org,
                enterprise_id=installation.enterprise_id,
                name=str((installation.enterprise_name if is_org else installation.team_name) or ""),
                url=str(installation.custom_values[URL]),
                bot_user_id=str(installation.bot_user_id),
                bot_id=str(installation.bot_id or ""),
                scopes=scopes if isinstance(scopes, str) else ",".join(scopes),
                installed_by=str(installation.user_id),
                tokens=Tokens(
                    str(installation.bot_token),
                    installation.bot_refresh_token,
                    datetime.fromtimestamp(ends, UTC) if ends else None,
                ),
            ),
            self._clock(),
        )


class _OAuthStates(AsyncOAuthStateStore):
    """Stores the states of installations under way."""

    def __init__(self, installations: Installations, clock: Clock) -> None:
        self._installations, self._clock = installations, clock
        self._lock = asyncio.Lock()

    @property
    def logger(self) -> Logger:
        """The logger that Bolt asks for."""
        return logging.getLogger(__name__)

    async def async_issue(self, *_args: object, **_kwargs: object) -> str:
        """Return a new state. Anyone can request one, so writes are one at a time, to leave the database to others."""
        state = secrets.token_urlsafe(32)
        async with self._lock:
            now = self._clock()
            await self._installations.issue_state(state, now, now + STATE_LIVES)
        return state

    async def async_consume(self, state: str) -> bool:
        """Use up a state. Returns False if it was used, has expired or never was."""
        return await self._installations.consume_state(state, self._clock())
