"""Checks of Slack: the tokens, their scopes, the channels with subscriptions, and the clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChannelRefused, DeliveryError, SlackRefused, Throttled, TokenRefused
from bot.core.language import N_, _
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.notifications.slack_error_codes import is_in_info
from bot.core.typed_text import sentences
from bot.doctor.findings import Finding, fault, ok, warning
from bot.slack.web_api.features import OptionalFeature, lacking, scopes_for
from bot.slack.web_api.notifier import channel_facts
from bot.slack.web_api.responses import (
    ConversationInfo,
    Identity,
    SocketAddress,
    UserInfo,
    accepted,
    ask,
    read,
    scopes_of,
)
from bot.slack.web_api.scopes import uses

MAX_CHANNELS = 40
"""Channels checked in one run: conversations.info is Tier 3, 50 calls a minute."""

SIGNATURES_LIVE, NOTICEABLE = 300.0, 30.0
"""Clock errors in seconds: from the first on, Slack's requests are refused (rule W5).

From the second on, it is reported.
"""

WHAT_MENDS = {
    "is_archived": N_("Unarchive the channel, or end its subscriptions with `/clust unsubscribe`."),
    "not_in_channel": N_("Type `/invite @Clust` in the channel."),
    "channel_not_found": N_(
        "The channel is gone, or it's private and the bot isn't in it. Type `/invite @Clust` there."
    ),
}
OTHER_REMEDY = N_("Use `/clust status` for details.")


AWAY = "slack"
"""The subject of findings when Slack can't be reached or is in trouble."""


class SlackChecks:
    """Checks of one workspace, through a client without retries. The app was made with these optional `features`."""

    def __init__(self, client: AsyncWebClient, features: Collection[OptionalFeature]) -> None:
        self._client, self._features = client, features

    async def identity(self) -> tuple[Identity | None, list[Finding]]:
        """Call `auth.test`.

        Returns its answer (None if there is none) and the findings about token, scopes and clock.
        """
        asked_at = datetime.now(UTC)
        try:
            response = await accepted(self._client.auth_test())
            identity = read(Identity, response.data)
        except TokenRefused as error:
            text = _("Slack doesn't accept SLACK_BOT_TOKEN ({code}).", code=error.code)
            remedy = _(
                "Copy the Bot User OAuth Token again from the app's OAuth & Permissions page. Reinstall the app if "
                "necessary."
            )
            headers = _headers(getattr(error.__cause__, "response", None))
            return None, [fault("slack token", text, remedy), *clock_findings(headers, asked_at)]
        except DeliveryError as error:
            return None, [_away(error)]
        headers = _headers(response)
        finding = ok(
            "slack token",
            _(
                "The token belongs to @{user} in {team} ({id}).",
                user=identity.user,
                team=identity.team,
                id=identity.team_id,
            ),
        )
        return identity, [
            finding,
            *scope_findings(scopes_of(response), self._features),
            *clock_findings(headers, asked_at),
        ]

    async def app_token(self, token: str) -> Finding:
        """Check whether Slack accepts the app-level token. Doesn't open the connection it offers."""
        try:
            await ask(self._client.apps_connections_open(app_token=token), SocketAddress)
        except SlackRefused as error:
            remedy = _("Under Basic Information > App-Level Tokens, create one with the scope connections:write.")
            text = _("Slack doesn't accept SLACK_APP_TOKEN ({code}).", code=error.code)
            return fault("slack app token", text, remedy)
        except DeliveryError as error:
            text = _("The token can't be tested. {why}", why=error.sentence)
            return fault("slack app token", text, _("Check the network and run this again."))
        return ok("slack app token", _("Slack accepts the token for Socket Mode."))

    async def admins(self, user_ids: Sequence[str]) -> list[Finding]:
        """Check whether Slack knows the users in ADMIN_USERS."""
        unknown = []
        for user_id in user_ids:
            try:
                await ask(self._client.users_info(user=user_id), UserInfo)
            except DeliveryError:
                unknown.append(user_id)
        if unknown:
            remedy = _("Correct ADMIN_USERS. To get a member's ID, open their profile and choose Copy member ID.")
            return [warning("admins", _("Slack doesn't know {users}.", users=", ".join(unknown)), remedy)]
        if not user_ids:
            return []
        return [ok("admins", _("Slack knows every user in ADMIN_USERS ({count}).", count=len(user_ids)))]

    async def channels(self, channel_ids: Collection[str]) -> list[Finding]:
        """Report channels with subscriptions that don't accept posts."""
        findings = []
        looked_at = sorted(channel_ids)[:MAX_CHANNELS]
        for channel_id in looked_at:
            try:
                facts = await self._look_at(channel_id)
            except DeliveryError as error:
                findings.append(
                    warning("channels", f"{channel_id}: {error.sentence}", _("Run this again in a minute."))
                )
                if isinstance(error, Throttled):
                    break
                continue
            if facts.problem:
                remedy = _(WHAT_MENDS.get(facts.problem, OTHER_REMEDY))
                text = _(
                    "{channel} doesn't accept messages ({code}), so its notifications are on hold.",
                    channel=channel_id,
                    code=facts.problem,
                )
                findings.append(warning("channels", text, remedy))
        if not findings:
            findings.append(
                ok(
                    "channels",
                    _(
                        "Channels with subscriptions: {total}. Checked: {checked}. All checked channels accept "
                        "messages.",
                        total=len(channel_ids),
                        checked=len(looked_at),
                    ),
                )
            )
        return findings

    async def _look_at(self, channel_id: str) -> ChannelFacts:
        try:
            info = await ask(self._client.conversations_info(channel=channel_id), ConversationInfo)
        except ChannelRefused as error:
            if not is_in_info(error.code):
                raise
            return ChannelFacts(problem=error.code)
        return channel_facts(info.channel)


def scope_findings(given: frozenset[str] | None, features: Collection[OptionalFeature]) -> Iterator[Finding]:
    """Compare the token's scopes with those of the manifest. Those of optional features needn't be there."""
    if given is None:
        yield warning(
            "slack scopes",
            _("Slack didn't return the token's scopes."),
            _("Compare the app's Bot Token Scopes (under OAuth & Permissions) with manifest.yml."),
        )
        return
    needed = scopes_for(())
    for scope in sorted(needed - given):
        purposes = ", ".join(sorted(uses(scope)))
        remedy = _("Paste manifest.yml into App Manifest again, then reinstall the app.")
        yield fault(
            "slack scopes",
            _("The token lacks {scope}. It's needed for: {what}.", scope=scope, what=purposes),
            remedy,
        )
    off = lacking(given, features)
    for feature in off:
        remedy = _(
            "Run `python -m bot manifest --diff` to see what to add to the app by hand. If you left it out on purpose, "
            "add it to SLACK_FEATURES_OFF."
        )
        missing = ", ".join(sorted(feature.scopes - given))
        yield warning(
            "slack scopes",
            _("`{name}` is off, because the token lacks {scopes}.", name=feature.name, scopes=missing),
            remedy,
        )
    if given >= needed and not off:
        count = len(scopes_for(features))
        yield ok("slack scopes", _("The token has all {count} scopes that the bot needs.", count=count))
    if more := sorted(given - scopes_for(features)):
        remedy = _("This is harmless. A new installation from manifest.yml asks for fewer.")
        yield warning(
            "slack scopes", _("The token has more scopes than the bot uses: {scopes}.", scopes=", ".join(more)), remedy
        )


def clock_findings(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Compare this machine's time with the `Date` header of a response from Slack."""
    try:
        slack_time = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return
    ahead = (now - slack_time.replace(tzinfo=slack_time.tzinfo or UTC)).total_seconds()
    seconds = abs(ahead)
    text = (
        _("This machine's clock is {seconds:.0f} seconds ahead of Slack's.", seconds=seconds)
        if ahead > 0
        else _("This machine's clock is {seconds:.0f} seconds behind Slack's.", seconds=seconds)
    )
    remedy = _("Synchronize the machine's clock with NTP.")
    if abs(ahead) >= SIGNATURES_LIVE:
        yield fault("clock", sentences(text, _("Requests from Slack over HTTP would be refused.")), remedy)
    elif abs(ahead) >= NOTICEABLE:
        yield warning("clock", text, remedy)
    else:
        yield ok("clock", _("The clock agrees with Slack's."))


def _away(error: DeliveryError) -> Finding:
    """Return the finding for an error that is not about the bot: Slack can't be reached, or has trouble."""
    if error.__cause__ is None or isinstance(error.__cause__, SlackApiError):
        return fault(AWAY, error.sentence, _("Try again. Check https://slack-status.com for known problems."))
    return fault(
        AWAY, _("Slack is unreachable. {why}", why=error.detail), _("Check the network, and SLACK_API_URL if it's set.")
    )


def _headers(answer: Any) -> dict[str, str]:
    headers: Mapping[str, str] = getattr(answer, "headers", None) or {}
    return {name.lower(): value for name, value in headers.items()}
