"""Checks of Slack: the tokens, their scopes, the channels with subscriptions, and the clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChannelRefused, DeliveryError, SlackRefused, Throttled, TokenRefused
from bot.core.notifications.channel_facts import ChannelFacts
from bot.core.notifications.error_codes import is_in_info
from bot.doctor.findings import Finding, fault, ok, warning
from bot.slack.web_api.notifier import channel_facts
from bot.slack.web_api.responses import ConversationInfo, Identity, SocketAddress, UserInfo, accepted, ask, read
from bot.slack.web_api.scopes import NEEDED, uses

MAX_CHANNELS = 40
"""Channels checked in one run: conversations.info is Tier 3, 50 calls a minute."""

SIGNATURES_LIVE, NOTICEABLE = 300.0, 30.0
"""Clock errors in seconds: from the first, Slack's requests are refused (rule W5); from the second, it is reported."""

WHAT_MENDS = {
    "is_archived": "Unarchive the channel, or `/clust unsubscribe` there.",
    "not_in_channel": "Type `/invite @Clust` in the channel.",
    "channel_not_found": "The channel is gone, or private and the bot is not in it: `/invite @Clust` there.",
}


AWAY = "slack"
"""The subject of findings when Slack can't be reached or is in trouble."""


class SlackChecks:
    """Checks of one workspace, through a client without retries."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def identity(self) -> tuple[Identity | None, list[Finding]]:
        """Call `auth.test`.

        Returns its answer (None if there is none) and the findings about token, scopes and clock.
        """
        asked_at = datetime.now(UTC)
        try:
            response = await accepted(self._client.auth_test())
            identity = read(Identity, response.data)
        except TokenRefused as error:
            text = f"Slack does not accept SLACK_BOT_TOKEN ({error.code})."
            remedy = (
                "Copy the Bot User OAuth Token anew from the app's page OAuth & Permissions; install it if need be."
            )
            headers = _headers(getattr(error.__cause__, "response", None))
            return None, [fault("slack token", text, remedy), *clock_findings(headers, asked_at)]
        except DeliveryError as error:
            return None, [_away(error)]
        headers = _headers(response)
        finding = ok("slack token", f"It is that of @{identity.user} in {identity.team} ({identity.team_id}).")
        return identity, [finding, *scope_findings(headers.get("x-oauth-scopes")), *clock_findings(headers, asked_at)]

    async def app_token(self, token: str) -> Finding:
        """Check whether Slack accepts the app-level token. Doesn't open the connection it offers."""
        try:
            await ask(self._client.apps_connections_open(app_token=token), SocketAddress)
        except SlackRefused as error:
            remedy = "Basic Information > App-Level Tokens: make one with the scope connections:write."
            text = f"Slack does not accept SLACK_APP_TOKEN ({error.code})."
            return fault("slack app token", text, remedy)
        except DeliveryError as error:
            text = f"It can't be tried. {error.sentence}"
            return fault("slack app token", text, "Check the network, and run this again.")
        return ok("slack app token", "Slack accepts it for Socket Mode.")

    async def admins(self, user_ids: Sequence[str]) -> list[Finding]:
        """Check whether Slack knows the users in ADMIN_USERS."""
        unknown = []
        for user_id in user_ids:
            try:
                await ask(self._client.users_info(user=user_id), UserInfo)
            except DeliveryError:
                unknown.append(user_id)
        if unknown:
            remedy = "Correct ADMIN_USERS: a member's id is in their profile, Copy member ID."
            return [warning("admins", f"Slack does not know {', '.join(unknown)}.", remedy)]
        return [ok("admins", f"Slack knows all {len(user_ids)} of ADMIN_USERS.")] if user_ids else []

    async def channels(self, channel_ids: Collection[str]) -> list[Finding]:
        """Report channels with subscriptions that don't accept posts."""
        findings = []
        looked_at = sorted(channel_ids)[:MAX_CHANNELS]
        for channel_id in looked_at:
            try:
                facts = await self._look_at(channel_id)
            except DeliveryError as error:
                findings.append(warning("channels", f"{channel_id}: {error.sentence}", "Run this again in a minute."))
                if isinstance(error, Throttled):
                    break
                continue
            if facts.problem:
                remedy = WHAT_MENDS.get(facts.problem, "`/clust status` says more.")
                text = f"{channel_id} takes no notices ({facts.problem}): they are held."
                findings.append(warning("channels", text, remedy))
        if not findings:
            posting = f"all {len(looked_at)}" if len(looked_at) == len(channel_ids) else f"{len(looked_at)} of them"
            findings.append(ok("channels", f"{len(channel_ids)} have subscriptions; {posting} take notices."))
        return findings

    async def _look_at(self, channel_id: str) -> ChannelFacts:
        try:
            info = await ask(self._client.conversations_info(channel=channel_id), ConversationInfo)
        except ChannelRefused as error:
            if not is_in_info(error.code):
                raise
            return ChannelFacts(problem=error.code)
        return channel_facts(info.channel)


def scope_findings(header: str | None) -> Iterator[Finding]:
    """Compare the token's scopes (`x-oauth-scopes`) with those of the manifest."""
    if header is None:
        yield warning("slack scopes", "Slack did not say which the token has.", "Compare them with manifest.yml.")
        return
    given = {scope.strip() for scope in header.split(",")} - {""}
    for scope in sorted(NEEDED - given):
        what = ", ".join(sorted(uses(scope)))
        remedy = "Paste manifest.yml into App Manifest again, then install the app to the workspace again."
        yield fault("slack scopes", f"The token lacks {scope}; without it these fail: {what}.", remedy)
    if given >= NEEDED:
        yield ok("slack scopes", f"The token has all {len(NEEDED)} that manifest.yml asks for.")
    if more := sorted(given - NEEDED):
        remedy = "Harmless; a new installation from manifest.yml asks for less."
        yield warning("slack scopes", f"The token has more than the bot uses: {', '.join(more)}.", remedy)


def clock_findings(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Compare this machine's time with the `Date` header of a response from Slack."""
    try:
        slack_time = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return
    ahead = (now - slack_time.replace(tzinfo=slack_time.tzinfo or UTC)).total_seconds()
    text = f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Slack's"
    remedy = "Let the machine set its clock by NTP."
    if abs(ahead) >= SIGNATURES_LIVE:
        yield fault("clock", f"{text}: no request of Slack's would be taken over HTTP.", remedy)
    elif abs(ahead) >= NOTICEABLE:
        yield warning("clock", f"{text}.", remedy)
    else:
        yield ok("clock", "It agrees with Slack's.")


def _away(error: DeliveryError) -> Finding:
    """Return the finding for an error that is not about the bot: Slack can't be reached, or has trouble."""
    if error.__cause__ is None or isinstance(error.__cause__, SlackApiError):
        return fault(AWAY, error.sentence, "Try again; https://slack-status.com tells of trouble.")
    return fault(AWAY, f"It can't be reached. {error.detail}", "Check the network, and SLACK_API_URL if it is set.")


def _headers(answer: Any) -> dict[str, str]:
    headers: Mapping[str, str] = getattr(answer, "headers", None) or {}
    return {name.lower(): value for name, value in headers.items()}
